package io.shardway.router.plan;

import io.shardway.router.ErrorCode;
import io.shardway.router.schema.ColumnSchema;
import io.shardway.router.schema.TableSchema;
import io.shardway.router.sql.Token;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells what must be brought to one node so that MySQL can run a read there whose rows lie on
 * several shards. Confined to one call of the planner.
 */
final class AssemblyReader {

    /** Names that both lexers surely cut alike; columns of other names are always brought. */
    private static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    /** What these say of a JSON value hangs on more than its text, such as 1.5 as a decimal. */
    private static final Set<String> TELL_JSON_TYPES =
            Set.of(
                    "cast",
                    "convert",
                    "json_schema_valid",
                    "json_schema_validation_report",
                    "json_table",
                    "json_type",
                    "json_value");

    private static final Set<String> SESSION_VARIABLES = WordList.load("session-variables.txt");

    private static final Pattern SESSION_VARIABLE =
            Pattern.compile("@@(?:(?:session|local)\\.)?`?([a-z0-9_]+)`?");

    private final QueryReader reader;
    private final List<Token> tokens;

    private AssemblyReader(QueryReader reader) {
        this.reader = reader;
        this.tokens = reader.sql().text().tokens();
    }

    /**
     * The plan of a read that no one shard can answer.
     *
     * @param why for SHARDWAY EXPLAIN
     */
    static Plan.Assemble plan(QueryReader reader, String why) {
        return new AssemblyReader(reader).plan(why);
    }

    private Plan.Assemble plan(String why) {
        refuseWhatNodesKeep();
        ViewBodies.requireNone(reader);
        reader.sourceUses().requireAssemblable(reader.uses());
        var tables = new LinkedHashMap<Named, List<TableUse>>();
        reader.uses().stream()
                .filter(use -> use.origin() != TableUse.Origin.DERIVED)
                .forEach(
                        use -> tables.computeIfAbsent(named(use), _ -> new ArrayList<>()).add(use));
        Set<String> words = readsAllColumns() ? Set.of() : words();
        Map<TableUse, List<AssembledTable.Condition>> conditions =
                mayCutText() ? reader.pushed().found() : Map.of();
        Map<TableUse, String> locks = RowLocks.of(reader);
        Map<TableUse, List<ValueRef>> keys = reader.pushed().keys();
        var assembled = new ArrayList<AssembledTable>();
        tables.forEach((table, uses) -> {
            List<AssembledTable.Condition> asked =
                    uses.size() > 1
                            ? List.of()
                            : conditions.getOrDefault(uses.getFirst(), List.of());
            String lock = RowLocks.shared(uses, locks);
            AssembledTable read = assembled(table, words, uses, asked).lockedBy(lock);
            TableUse use = uses.getFirst();
            assembled.add(
                    uses.size() == 1 && keys.containsKey(use)
                            ? read.keyedBy(new SpreadTarget.Listed(use.key().type(), keys.get(use)))
                            : read);
        });
        Traits traits = Traits.ON_TABLES.reading(ReferenceReads.tables(reader));
        return new Plan.Assemble(
                assembled, why, traits, Optional.empty(), Optional.empty(), List.of());
    }

    /**
     * A part of the text could hold one mark only of a comment with code in it. Where variables are
     * assigned it counts how many rows are read.
     */
    private boolean mayCutText() {
        ParserText text = reader.sql().text();
        return text.isUtf8()
                && !text.hasExecutable()
                && tokens.stream().noneMatch(token -> token.isOperator(":="));
    }

    private record Named(String keyspace, TableSchema schema) {}

    private Named named(TableUse use) {
        return switch (use.origin()) {
            case SHARDED, REFERENCE, SINGLE -> {
                TableSchema schema = use.schema().orElseThrow();
                // Meanwhile the shards may have other columns than the default shard.
                reader.tables().requireFixedColumns(use);
                yield new Named(use.keyspace(), schema);
            }
            case PLAIN, SYSTEM, DERIVED ->
                    throw new PlanRejection(
                            ErrorCode.CROSS_SHARD_READ,
                            "table " + use.describe() + " is on the default shard only");
        };
    }

    private AssembledTable assembled(
            Named table,
            Set<String> words,
            List<TableUse> used,
            List<AssembledTable.Condition> conditions) {
        if (AssembledText.isTaken(table.schema().name())) {
            throw refused("table " + table.schema().name() + " has a name of the proxy's own");
        }
        List<AssembledTable.Use> uses =
                new ArrayList<>(used.stream().map(reader.sourceUses()::placeOf).toList());
        uses.sort(Comparator.comparingInt(AssembledTable.Use::token));
        var columns = new HashSet<String>();
        for (ColumnSchema column : table.schema().columns()) {
            String name = column.name().toLowerCase(Locale.ROOT);
            if (words.isEmpty()
                    || words.contains(name)
                    || !PLAIN_NAME.matcher(column.name()).matches()) {
                columns.add(name);
            }
        }
        return new AssembledTable(
                table.keyspace(),
                table.schema(),
                columns,
                uses,
                conditions,
                tellsJsonTypes(),
                Optional.empty(),
                Optional.empty(),
                "");
    }

    /** A star that is not COUNT's: SELECT *, t.*, or a multiplication. TABLE t names none. */
    private boolean readsAllColumns() {
        for (int token = 0; token < tokens.size(); token++) {
            boolean star = tokens.get(token).isOperator("*");
            if (star && !isCounted(token) || tokens.get(token).isWord("TABLE")) {
                return true;
            }
        }
        return false;
    }

    private boolean isCounted(int star) {
        return star >= 2
                && star + 1 < tokens.size()
                && tokens.get(star - 2).isWord("COUNT")
                && tokens.get(star - 1).isOperator("(")
                && tokens.get(star + 1).isOperator(")");
    }

    /** Everything that could be a column's name. */
    private Set<String> words() {
        var words = new HashSet<String>();
        for (Token token : tokens) {
            if (token.isIdentifier()) {
                words.add(token.name().toLowerCase(Locale.ROOT));
            }
        }
        return words;
    }

    private boolean tellsJsonTypes() {
        return tokens.stream()
                .anyMatch(token ->
                        token.kind() == Token.Kind.WORD
                                && TELL_JSON_TYPES.contains(token.text().toLowerCase(Locale.ROOT)));
    }

    private void refuseWhatNodesKeep() {
        for (Token token : tokens) {
            if (token.isWord("JSON_STORAGE_SIZE") || token.isWord("JSON_STORAGE_FREE")) {
                throw refused(token.text() + " tells how a row is stored where it is");
            }
            if (token.kind() == Token.Kind.SYSTEM_VARIABLE && !isSessions(token)) {
                throw refused("it reads " + token.text() + "; read that apart");
            }
            if (token.isWord("MATCH")) {
                throw refused("MATCH ... AGAINST weighs the rows of one shard only");
            }
            if (token.isWord("PARTITION") && !isWindow()) {
                throw refused("it names partitions");
            }
        }
    }

    /** Whether the connection that finishes has the session's value. */
    private static boolean isSessions(Token variable) {
        Matcher name = SESSION_VARIABLE.matcher(variable.text().toLowerCase(Locale.ROOT));
        return name.matches() && SESSION_VARIABLES.contains(name.group(1));
    }

    /** PARTITION BY is a window's; which of them is meant where both stand is not worth telling. */
    private boolean isWindow() {
        for (int token = 0; token < tokens.size(); token++) {
            boolean by = token + 1 < tokens.size() && tokens.get(token + 1).isWord("BY");
            if (tokens.get(token).isWord("PARTITION") && !by) {
                return false;
            }
        }
        return true;
    }

    private static PlanRejection refused(String detail) {
        return new PlanRejection(ErrorCode.CROSS_SHARD_READ, detail);
    }
}
