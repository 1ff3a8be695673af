package io.shardway.router.plan;

import io.shardway.router.sql.QuotedName;
import io.shardway.router.sql.SqlDialect;
import io.shardway.router.sql.Token;
import io.shardway.router.sql.Tokens;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * An assembled statement's text, in which each further use of a table names a copy of it: MySQL
 * opens a temporary table once in a statement. Stateless.
 */
public final class AssembledText {

    private static final String COPY_PREFIX = "shardway_copy_";

    /** What tables of rows that lie far behind are called, from the first letter on. */
    public static final String DEEP_PREFIX = "shardway_deep_";

    private static final List<String> BEHIND_FROM = List.of("WHERE", "GROUP", "HAVING", "ORDER");

    private static final Pattern TIME_LIMIT =
            Pattern.compile(
                    "\\bMAX_EXECUTION_TIME\\s*\\(\\s*([0-9]{1,9})\\s*\\)",
                    Pattern.CASE_INSENSITIVE);

    private AssembledText() {}

    /** A further use of a table, and the copy that serves it. Immutable. */
    public record Copy(AssembledTable table, AssembledTable.Use use, String name) {

        String written() {
            String copy = QuotedName.of(table.keyspace()) + "." + QuotedName.of(name);
            return switch (use.naming()) {
                case ALIASED -> copy;
                case PLAIN -> copy + " AS " + QuotedName.of(table.schema().name());
                case FIXED ->
                        "SELECT * FROM " + copy + " AS " + QuotedName.of(table.schema().name());
            };
        }
    }

    /** The copies that the statement needs of these tables, in the order of the text. */
    public static List<Copy> copies(List<AssembledTable> tables) {
        var copies = new ArrayList<Copy>();
        for (AssembledTable table : tables) {
            for (AssembledTable.Use use : table.uses().subList(1, table.uses().size())) {
                copies.add(new Copy(table, use, COPY_PREFIX + copies.size()));
            }
        }
        copies.sort(Comparator.comparingInt(copy -> copy.use().token()));
        return List.copyOf(copies);
    }

    /** The statement text[from,to), with these copies named. */
    public static byte[] write(
            byte[] text, int from, int to, SqlDialect dialect, List<Copy> copies) {
        List<Token> tokens = Tokens.of(text, from, to, dialect);
        var out = new ByteArrayOutputStream(to - from + 64 * copies.size());
        int copied = from;
        for (Copy copy : copies) {
            AssembledTable.Use use = copy.use();
            out.write(text, copied, tokens.get(use.first()).start() - copied);
            out.writeBytes(copy.written().getBytes(StandardCharsets.UTF_8));
            copied = tokens.get(use.token() + use.tokens() - 1).end();
        }
        out.write(text, copied, to - copied);
        return out.toByteArray();
    }

    /**
     * What is asked of a table where its rows are. Immutable.
     *
     * @param where what goes behind its name
     * @param parameters which of the statement's each of that text's is
     * @param orderBy what goes behind that
     * @param ordered what is ordered by, from the first on
     * @param rows which of a shard's rows, so ordered, can matter
     * @param wanted which of all shards' rows, so ordered, are the answer's
     */
    public record Asked(
            String where,
            List<Integer> parameters,
            String orderBy,
            List<Top.Key> ordered,
            Scatter.Range rows,
            Scatter.Range wanted) {

        public static final Asked ALL = ofAll("", List.of());

        public Asked {
            parameters = List.copyOf(parameters);
            ordered = List.copyOf(ordered);
        }

        private static Asked ofAll(String where, List<Integer> parameters) {
            return new Asked(
                    where, parameters, "", List.of(), Scatter.Range.ALL, Scatter.Range.ALL);
        }

        /** The same for all rows that meet the conditions. */
        public Asked unordered() {
            return ofAll(where, parameters);
        }

        /** The same for others of each shard's rows. */
        public Asked only(Scatter.Range page) {
            return new Asked(where, parameters, orderBy, ordered, page, wanted);
        }

        /** The columns that are ordered by, from the first on. */
        public List<String> orderedColumns() {
            return ordered.stream().map(Top.Key::column).toList();
        }

        /** How many rows of a shard can matter. */
        public long rowsMax() {
            return rows.count();
        }

        /** Whether the text holds values, so that it hardly comes again. */
        public boolean isOfValues() {
            return !where.isEmpty() || rowsMax() < Long.MAX_VALUE;
        }
    }

    /**
     * What is asked of a table where its rows are, on the alias it has in text[from,to).
     *
     * @param values of a prepared statement's parameters
     * @param binds whether what is asked can have parameters
     */
    public static Asked asked(
            byte[] text,
            int from,
            int to,
            SqlDialect dialect,
            AssembledTable table,
            ParameterValues values,
            boolean binds) {
        if (table.conditions().isEmpty() && table.top().isEmpty()) {
            return Asked.ALL;
        }
        List<Token> tokens = Tokens.of(text, from, to, dialect);
        String alias = table.uses().getFirst().alias();
        var writer = new ConditionWriter(text, tokens, binds ? values : ParameterValues.NONE);
        List<String> conditions =
                table.conditions().stream()
                        .flatMap(condition -> writer.write(condition).stream())
                        .toList();
        String where = conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions);
        String clauses = " AS " + QuotedName.of(alias) + where;
        Optional<Scatter.Range> range =
                table.top()
                        .filter(_ -> conditions.size() == table.conditions().size())
                        .flatMap(top -> Scatter.range(top.limit(), tokens, values));
        if (range.isEmpty()) {
            return Asked.ofAll(clauses, writer.parameters());
        }
        Top top = table.top().orElseThrow();
        return new Asked(
                clauses,
                writer.parameters(),
                top.orderBy(alias),
                top.order(),
                new Scatter.Range(0, range.get().reach()),
                range.get());
    }

    /**
     * Whether a subquery stands behind an ON beside an outer join: MySQL 8.0.31 makes rows come
     * twice of some outer joins with IN in their condition, by a semijoin that it chooses for
     * temporary tables though it would not for the real ones.
     */
    public static boolean mayDoubleRows(byte[] text, SqlDialect dialect) {
        List<Token> tokens = Tokens.of(text, 0, text.length, dialect);
        return tokens.stream().anyMatch(token -> token.isWord("LEFT") || token.isWord("RIGHT"))
                && IntStream.range(0, tokens.size())
                        .filter(token -> tokens.get(token).isWord("ON"))
                        .anyMatch(on -> holdsSubquery(tokens.subList(on + 1, tokens.size())));
    }

    /** The milliseconds of the hint MAX_EXECUTION_TIME, where it is about the whole statement. */
    public static Optional<String> timeLimit(byte[] text, SqlDialect dialect) {
        List<Token> tokens = Tokens.of(text, 0, text.length, dialect);
        if (tokens.size() < 2
                || !tokens.getFirst().isWord("SELECT")
                || tokens.get(1).kind() != Token.Kind.HINT) {
            return Optional.empty();
        }
        Matcher limit = TIME_LIMIT.matcher(tokens.get(1).text());
        return limit.find() ? Optional.of(limit.group(1)) : Optional.empty();
    }

    private static boolean holdsSubquery(List<Token> fromCondition) {
        int depth = 0;
        for (Token token : fromCondition) {
            depth += token.isOperator("(") ? 1 : token.isOperator(")") ? -1 : 0;
            if (depth < 0 || depth == 0 && BEHIND_FROM.stream().anyMatch(token::isWord)) {
                return false;
            }
            if (token.isWord("SELECT")) {
                return true;
            }
        }
        return false;
    }

    /** A name of ours that a table of the client's could have as well. */
    static boolean isTaken(String table) {
        return table.startsWith(COPY_PREFIX) || table.startsWith(DEEP_PREFIX);
    }
}
