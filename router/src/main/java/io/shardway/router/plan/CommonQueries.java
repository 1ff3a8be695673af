package io.shardway.router.plan;

import io.shardway.router.ErrorCode;
import io.shardway.router.schema.ColumnSchema;
import io.shardway.router.sql.QuotedName;
import io.shardway.router.sql.Token;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The WITH queries of a statement and where it reads them. MySQL opens the tables of a WITH query
 * anew each time it is read, and a temporary table once: a query that is read again must stand
 * there again. Confined to one call of the planner.
 */
final class CommonQueries {

    private static final String PREFIX = "shardway_with_";

    /** Each stands for tables of its own. */
    private static final int WRITTEN_MAX = 32;

    /** What these say may differ between two readings of the same rows. */
    private static final Set<String> UNREPEATABLE =
            Set.of(
                    "any_value",
                    "first_value",
                    "group_concat",
                    "json_arrayagg",
                    "json_objectagg",
                    "lag",
                    "last_value",
                    "lead",
                    "nth_value",
                    "ntile",
                    "rand",
                    "random_bytes",
                    "row_number",
                    "st_collect",
                    "std",
                    "stddev",
                    "stddev_pop",
                    "stddev_samp",
                    "sysdate",
                    "uuid",
                    "uuid_short",
                    "var_pop",
                    "var_samp",
                    "variance");

    private static final Set<String> ADDED = Set.of("sum", "avg");

    /** Of these each sum is exact, whatever the order. */
    private static final Set<String> EXACT =
            Set.of("tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "year", "bit");

    /**
     * @param first its name's token
     * @param end behind its last one
     */
    private record Query(String name, int first, int end, boolean hasTables) {}

    private record Reading(String name, AssembledTable.Use place) {
        int first() {
            return place.first();
        }

        int end() {
            return place.token() + place.tokens();
        }
    }

    /**
     * Tokens that are written.
     *
     * @param self the query that they are of; empty for none
     * @param called what it is called there
     * @param copied the outermost query that is written again there
     */
    private record Part(int from, int to, String self, String called, Optional<Query> copied) {

        /** Whether the query stands within one that is written again: then it has two names. */
        boolean isCopied(Query query) {
            return copied.filter(outer -> isWithin(query.first(), outer)).isPresent();
        }
    }

    private final ParsedSql sql;
    private final List<Query> queries = new ArrayList<>();
    private final List<Reading> readings = new ArrayList<>();

    CommonQueries(ParsedSql sql) {
        this.sql = sql;
    }

    void defined(String name, int first, int end, boolean hasTables) {
        queries.add(new Query(name, first, end, hasTables));
    }

    void read(String name, AssembledTable.Use place) {
        readings.add(new Reading(name, place));
    }

    /** Throws how the statement is to be written if one with tables is read again. */
    void requireReadOnce(List<TableUse> uses, SourceUses places) {
        Optional<Query> again =
                queries.stream()
                        .filter(query -> query.hasTables() && readingsOf(query) > 1)
                        .findFirst();
        if (again.isEmpty()) {
            return;
        }
        if (sql.text().hasExecutable() || !sql.text().isUtf8()) {
            throw refused(again.get(), "with comments that hold code, or not in UTF-8");
        }
        throw new ReadAgain(
                "the WITH query " + again.get().name() + " is read more than once",
                new Writer(uses, places).unfolding());
    }

    /** Without those in itself. */
    private long readingsOf(Query query) {
        return readings.stream()
                .filter(reading -> reading.name().equals(query.name()))
                .filter(reading -> !isWithin(reading.first(), query))
                .count();
    }

    private static boolean isWithin(int token, Query query) {
        return token > query.first() && token < query.end();
    }

    private static PlanRejection refused(Query query, String why) {
        return new PlanRejection(
                ErrorCode.CROSS_SHARD_READ,
                "the WITH query %s is read more than once, %s; write it once for each"
                        .formatted(query.name(), why));
    }

    /**
     * Writes the text from its end to its beginning: all that reads a query stands behind it, so
     * how often it must be written is known when it is come upon.
     */
    private final class Writer {

        private final List<TableUse> uses;
        private final SourceUses places;
        private final Map<String, List<String>> wanted = new HashMap<>();
        private int written;

        Writer(List<TableUse> uses, SourceUses places) {
            this.uses = uses;
            this.places = places;
        }

        Unfolding unfolding() {
            var names = new HashSet<String>();
            for (Query query : queries) {
                if (!names.add(query.name()) || query.name().startsWith(PREFIX)) {
                    throw refused(query, "and its name is taken");
                }
            }
            var all = new Part(0, sql.text().tokens().size(), "", "", Optional.empty());
            List<Unfolding.Piece> pieces = write(all);
            if (!wanted.isEmpty()) {
                throw PlanRejection.notUnderstood("where WITH queries are read");
            }
            return new Unfolding(pieces, Set.of());
        }

        private List<Unfolding.Piece> write(Part part) {
            var out = new LinkedList<Unfolding.Piece>();
            List<Query> inner =
                    queries.stream()
                            .filter(query ->
                                    query.first() >= part.from() && query.end() <= part.to())
                            .toList();
            int at = part.to();
            for (int token = part.to() - 1; token >= part.from(); token--) {
                int here = token;
                if (inner.stream().anyMatch(query -> isWithin(here, query))) {
                    continue;
                }
                Optional<Query> query =
                        inner.stream().filter(each -> each.first() == here).findFirst();
                Optional<Reading> reading =
                        readings.stream().filter(each -> each.first() == here).findFirst();
                if (query.isPresent()) {
                    out.addFirst(new Unfolding.Piece.Copied(query.get().end(), at));
                    out.addAll(0, definitions(query.get(), part));
                    at = here;
                } else if (reading.isPresent()) {
                    Optional<String> name = nameFor(reading.get(), part);
                    if (name.isPresent()) {
                        out.addFirst(new Unfolding.Piece.Copied(reading.get().end(), at));
                        out.addFirst(written(reading.get(), name.get()));
                        at = here;
                    }
                }
            }
            out.addFirst(new Unfolding.Piece.Copied(part.from(), at));
            return out;
        }

        /** Empty if it keeps its name. */
        private Optional<String> nameFor(Reading reading, Part part) {
            String name = reading.name();
            if (name.equals(part.self())) {
                return Optional.of(part.called()).filter(other -> !other.equals(name));
            }
            Optional<Query> query =
                    queries.stream()
                            .filter(each -> each.name().equals(name) && each.hasTables())
                            .findFirst();
            if (query.isEmpty()) {
                return Optional.empty();
            }
            List<String> names = wanted.computeIfAbsent(name, _ -> new ArrayList<>());
            if (names.isEmpty() && !part.isCopied(query.get())) {
                names.add(name);
                return Optional.empty();
            }
            String fresh = PREFIX + written++;
            if (written > WRITTEN_MAX) {
                throw new PlanRejection(
                        ErrorCode.CROSS_SHARD_READ, "it reads WITH queries too often");
            }
            names.add(fresh);
            return Optional.of(fresh);
        }

        private Unfolding.Piece written(Reading reading, String name) {
            String alias = " AS " + QuotedName.of(reading.name());
            return new Unfolding.Piece.Written(
                    switch (reading.place().naming()) {
                        case ALIASED -> QuotedName.of(name);
                        case PLAIN -> QuotedName.of(name) + alias;
                        case FIXED -> "SELECT * FROM " + QuotedName.of(name) + alias;
                    });
        }

        private List<Unfolding.Piece> definitions(Query query, Part part) {
            List<String> names =
                    Optional.ofNullable(wanted.remove(query.name()))
                            .orElseGet(() -> List.of(query.name()));
            if (names.size() > 1) {
                requireRepeatable(query);
            }
            var out = new LinkedList<Unfolding.Piece>();
            for (String name : names.reversed()) {
                if (!out.isEmpty()) {
                    out.addFirst(new Unfolding.Piece.Written(","));
                }
                boolean copied = part.copied().isEmpty() && !name.equals(query.name());
                Optional<Query> within = copied ? Optional.of(query) : part.copied();
                out.addAll(
                        0,
                        write(
                                new Part(
                                        query.first() + 1,
                                        query.end(),
                                        query.name(),
                                        name,
                                        within)));
                out.addFirst(new Unfolding.Piece.Written(QuotedName.of(name)));
            }
            return out;
        }

        /** MySQL reads it once, and has the same rows each time. */
        private void requireRepeatable(Query query) {
            List<Token> tokens = sql.text().tokens();
            for (int at = query.first() + 1; at < query.end(); at++) {
                Token token = tokens.get(at);
                if (token.kind() == Token.Kind.HINT) {
                    throw refused(query, "and has hints");
                }
                if (token.kind() != Token.Kind.WORD) {
                    continue;
                }
                String word = token.text().toLowerCase(Locale.ROOT);
                boolean called = tokens.get(at + 1).isOperator("(");
                if (called && UNREPEATABLE.contains(word)
                        || word.equals("limit")
                        || word.equals("rows") && !called) {
                    throw refused(query, "and " + token.text() + " may differ each time");
                }
                if (called && ADDED.contains(word) && !addsExactly(query, at + 2)) {
                    throw refused(query, "and sums of what is no column may differ each time");
                }
            }
        }

        /** Whether nothing but exact numbers of this query's tables stands in the parentheses. */
        private boolean addsExactly(Query query, int first) {
            List<Token> tokens = sql.text().tokens();
            int depth = 1;
            for (int at = first; depth > 0; at++) {
                Token token = tokens.get(at);
                depth += token.isOperator("(") ? 1 : token.isOperator(")") ? -1 : 0;
                boolean qualifies = tokens.get(at + 1).isOperator(".");
                if (token.isIdentifier() && !qualifies && !isExact(query, token)) {
                    return false;
                }
                if (token.kind() == Token.Kind.LITERAL && !token.text().matches("[0-9.]+")) {
                    return false;
                }
            }
            return true;
        }

        private boolean isExact(Query query, Token name) {
            if (name.isWord("DISTINCT")) {
                return true;
            }
            List<ColumnSchema> columns =
                    uses.stream()
                            .filter(use -> use.origin() != TableUse.Origin.DERIVED)
                            .filter(use -> isWithin(places.placeOf(use).token(), query))
                            .flatMap(use -> use.column(name.name()).stream())
                            .toList();
            return !columns.isEmpty()
                    && columns.stream()
                            .allMatch(column ->
                                    EXACT.contains(column.dataType().toLowerCase(Locale.ROOT)));
        }
    }
}
