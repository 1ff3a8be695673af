package io.shardway.router.plan;

import io.shardway.router.ErrorCode;
import io.shardway.router.schema.ColumnSchema;
import io.shardway.router.sql.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * Reads LOAD DATA LOCAL INFILE word by word (MySQL manual, "LOAD DATA Statement"), as the parser
 * does not know it. What it does not know itself is refused. Confined to one call of the planner.
 */
final class LoadReader {

    private final TokenReader reader;
    private final TableResolver tables;
    private final List<String> read = new ArrayList<>();
    private OptionalInt fieldsTerminated = OptionalInt.empty();
    private OptionalInt enclosed = OptionalInt.empty();
    private OptionalInt escaped = OptionalInt.empty();
    private OptionalInt linesStarting = OptionalInt.empty();
    private OptionalInt linesTerminated = OptionalInt.empty();

    private LoadReader(List<Token> tokens, TableResolver tables) {
        this.reader = new TokenReader(tokens);
        this.tables = tables;
    }

    static boolean begins(List<Token> tokens) {
        return new TokenReader(tokens).sees("load");
    }

    static Plan read(List<Token> tokens, TableResolver tables) {
        return new LoadReader(tokens, tables).read();
    }

    private Plan read() {
        if (!reader.take("load", "data")) {
            throw PlanRejection.notOffered("LOAD but for LOAD DATA LOCAL INFILE");
        }
        if (!reader.take("low_priority")) {
            reader.take("concurrent");
        }
        if (!reader.sees("local")) {
            throw PlanRejection.notOffered("LOAD DATA without LOCAL");
        }
        expect("local", "infile");
        int fileName = literal("the file's name");
        boolean replaces = reader.take("replace");
        if (!replaces) {
            reader.take("ignore");
        }
        expect("into", "table");
        TableUse target = tables.use(table(), Optional.empty());
        tables.needs().writes(target.keyspace());
        if (reader.sees("partition")) {
            throw PlanRejection.notOffered("LOAD DATA into a partition");
        }
        Optional<String> charset = charset();
        fieldClauses();
        lineClauses();
        OptionalInt ignored = ignored();
        Optional<List<String>> fields = fields();
        List<String> assigned = assigned();
        if (!reader.atEnd()) {
            throw notUnderstood("the end");
        }
        if (!target.isSharded()) {
            return elsewhere(target);
        }
        Optional<FileLoad.Id> id = id(target, fields);
        requireKeys(target, fields, assigned, id);
        return new Plan.Load(
                new FileLoad(
                        target.keyspace(),
                        target.schema().orElseThrow().name(),
                        target.key().column(),
                        target.key().type(),
                        fields,
                        id,
                        replaces,
                        charset,
                        fileName,
                        new FileLoad.Clauses(
                                fieldsTerminated,
                                enclosed,
                                escaped,
                                linesStarting,
                                linesTerminated,
                                ignored)),
                Traits.ON_TABLES);
    }

    private static Plan elsewhere(TableUse target) {
        if (target.isReference()) {
            throw new PlanRejection(ErrorCode.REFERENCE_WRITE, "LOAD DATA: use INSERT");
        }
        if (target.origin() == TableUse.Origin.SYSTEM) {
            throw PlanRejection.notOffered("writing the server's own tables");
        }
        if (!target.references().isEmpty()) {
            throw PlanRejection.notOffered("writing through the view " + target.describe());
        }
        Traits traits = Traits.NONE.planned(true, InsertId.UNCLEAR);
        return PlainUses.plan(List.of(target), Access.WRITE, traits)
                .orElseGet(() -> new Plan.OnDefaultShard(Access.WRITE, traits));
    }

    private void requireKeys(
            TableUse target,
            Optional<List<String>> fields,
            List<String> assigned,
            Optional<FileLoad.Id> id) {
        if (target.isView()) {
            throw PlanRejection.notOffered(
                    "writing through the view " + target.describe() + "; write its table");
        }
        if (fields.isEmpty()) {
            tables.requireFixedColumns(target);
        }
        long times = fields.map(names -> names.stream().filter(target::isKey).count()).orElse(1L);
        boolean drawn = target.keyIsAutoIncrement() && times == 0;
        if ((times != 1 && !drawn) || assigned.stream().anyMatch(target::isKey)) {
            throw new PlanRejection(
                    ErrorCode.KEY_NOT_EXACT,
                    "column %s must be filled by one field of the file, as it is"
                            .formatted(target.key().column()));
        }
        boolean onlyMySql =
                id.filter(own ->
                                contains(assigned, own.column())
                                        || (own.leftOut() && (own.drawn().isEmpty() || own.read())))
                        .isPresent();
        if (onlyMySql) {
            throw new PlanRejection(
                    ErrorCode.SEVERAL_DRAWN_KEYS,
                    "column %s must be filled by a field of the file, or be left out and not be read"
                            .formatted(id.orElseThrow().column()));
        }
    }

    private Optional<FileLoad.Id> id(TableUse target, Optional<List<String>> fields) {
        Optional<DrawnColumn> drawn =
                target.keyIsAutoIncrement() ? Optional.of(target.drawnColumn()) : target.drawnId();
        return target.autoIncrement()
                .map(ColumnSchema::name)
                .map(name ->
                        new FileLoad.Id(
                                name,
                                drawn,
                                fields.filter(names -> !contains(names, name)).isPresent(),
                                contains(read, name)));
    }

    private static boolean contains(List<String> names, String name) {
        return names.stream().anyMatch(name::equalsIgnoreCase);
    }

    private Names.Table table() {
        String first = name("a table");
        return reader.takeOperator(".")
                ? new Names.Table(first, name("a table"))
                : new Names.Table("", first);
    }

    private String name(String what) {
        return reader.takeName().orElseThrow(() -> notUnderstood(what));
    }

    private Optional<String> charset() {
        if (!reader.take("character", "set") && !reader.take("charset")) {
            return Optional.empty();
        }
        return Optional.of(
                reader.takeOf(Token.Kind.WORD)
                        .map(word -> word.text().toLowerCase(Locale.ROOT))
                        .orElseThrow(() -> notUnderstood("a character set")));
    }

    private void fieldClauses() {
        if (!reader.takeAny("fields", "columns")) {
            return;
        }
        boolean any = false;
        while (true) {
            if (reader.take("terminated", "by")) {
                fieldsTerminated = once(fieldsTerminated);
            } else if (reader.take("optionally", "enclosed", "by")
                    || reader.take("enclosed", "by")) {
                enclosed = once(enclosed);
            } else if (reader.take("escaped", "by")) {
                escaped = once(escaped);
            } else if (any) {
                return;
            } else {
                throw notUnderstood("FIELDS");
            }
            any = true;
        }
    }

    private void lineClauses() {
        if (!reader.take("lines")) {
            return;
        }
        boolean any = false;
        while (true) {
            if (reader.take("terminated", "by")) {
                linesTerminated = once(linesTerminated);
            } else if (reader.take("starting", "by")) {
                linesStarting = once(linesStarting);
            } else if (any) {
                return;
            } else {
                throw notUnderstood("LINES");
            }
            any = true;
        }
    }

    private OptionalInt once(OptionalInt before) {
        if (before.isPresent()) {
            throw notUnderstood("a clause that is given twice");
        }
        return OptionalInt.of(literal("a text"));
    }

    private int literal(String what) {
        return reader.takeOf(Token.Kind.LITERAL)
                .map(Token::literalIndex)
                .orElseThrow(() -> notUnderstood(what));
    }

    private OptionalInt ignored() {
        if (!reader.take("ignore")) {
            return OptionalInt.empty();
        }
        int number = literal("a number of lines");
        if (!reader.takeAny("lines", "rows")) {
            throw notUnderstood("LINES");
        }
        return OptionalInt.of(number);
    }

    /** An empty list is none, as in MySQL. */
    private Optional<List<String>> fields() {
        if (!reader.takeOperator("(")) {
            return Optional.empty();
        }
        if (reader.takeOperator(")")) {
            return Optional.empty();
        }
        var names = new ArrayList<String>();
        do {
            if (reader.takeOf(Token.Kind.USER_VARIABLE).isPresent()) {
                names.add("");
            } else {
                names.add(name("a column"));
            }
        } while (reader.takeOperator(","));
        if (!reader.takeOperator(")")) {
            throw notUnderstood("the list of columns");
        }
        return Optional.of(names);
    }

    /** The columns that SET gives values, of which each shard must make the same. */
    private List<String> assigned() {
        var names = new ArrayList<String>();
        if (!reader.take("set")) {
            return names;
        }
        do {
            List<Token> item = reader.takeItem();
            if (item.size() < 3 || !item.get(0).isIdentifier() || !item.get(1).isOperator("=")) {
                throw notUnderstood("SET column = value");
            }
            names.add(item.getFirst().name());
            requireRowByRow(item.subList(2, item.size()));
        } while (!reader.atEnd());
        return names;
    }

    private void requireRowByRow(List<Token> value) {
        for (int at = 0; at < value.size(); at++) {
            Token token = value.get(at);
            if (token.isIdentifier()) {
                read.add(token.name());
            }
            String word = token.name().toLowerCase(Locale.ROOT);
            boolean called = at + 1 < value.size() && value.get(at + 1).isOperator("(");
            boolean query =
                    token.isWord("select")
                            || token.isWord("table")
                            || token.isWord("with")
                            || (token.isWord("values") && !called);
            boolean unequal =
                    token.isIdentifier()
                            && (called || word.equals("current_user"))
                            && UnequalFunctions.NAMES.contains(word);
            if (query
                    || unequal
                    || token.isOperator(":=")
                    || token.kind() == Token.Kind.SYSTEM_VARIABLE
                    || token.kind() == Token.Kind.PARAMETER) {
                throw new PlanRejection(
                        ErrorCode.CROSS_SHARD_WRITE,
                        "%s in SET: each shard would do it for itself".formatted(token.text()));
            }
        }
    }

    private void expect(String... words) {
        if (!reader.take(words)) {
            throw notUnderstood(String.join(" ", words).toUpperCase(Locale.ROOT));
        }
    }

    private PlanRejection notUnderstood(String expected) {
        String found = reader.peek().map(Token::text).orElse("its end");
        return PlanRejection.notUnderstood(
                "LOAD DATA: %s is expected where it says %s".formatted(expected, shortened(found)));
    }

    private static String shortened(String text) {
        return text.codePoints()
                .limit(40)
                .mapToObj(Character::toString)
                .collect(Collectors.joining());
    }
}
