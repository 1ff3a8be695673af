package io.shardway.router.plan;

import io.shardway.router.sql.QuotedName;
import io.shardway.router.sql.Token;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.TableNameContext;

/**
 * Gathers where a statement names tables of information_schema. Confined to one call of the
 * planner.
 */
final class SchemaReader {

    /** What differs between shards. */
    private static final Set<String> SIZES =
            Set.of(
                    "table_rows",
                    "avg_row_length",
                    "data_length",
                    "index_length",
                    "data_free",
                    "auto_increment",
                    "update_time");

    private final List<SchemaReading.Piece> pieces = new ArrayList<>();
    private final Set<String> names = new HashSet<>();

    /**
     * A table of information_schema in a FROM list.
     *
     * @param aliased whether an alias follows
     */
    void add(ParsedSql sql, TableNameContext written, String table, boolean aliased) {
        switch (InformationSchema.of(table)) {
            case InformationSchema.Content.OfKeyspaces _, InformationSchema.Content.Own _ -> {
                List<Token> tokens = sql.text().tokens();
                int first = tokenFrom(tokens, sql.text().base() + written.start.getStartIndex());
                int last = tokenTo(tokens, sql.text().base() + written.stop.getStopIndex() + 1);
                pieces.add(
                        SchemaReading.table(
                                first,
                                last - first + 1,
                                table,
                                aliased ? "" : " AS " + QuotedName.of(table)));
                if (!aliased) {
                    names.add(table.toLowerCase(Locale.ROOT));
                }
            }
            case InformationSchema.Content.OfConnection _ ->
                    throw PlanRejection.notOffered(
                            "information_schema.%s tells what a node's connection did, which serves"
                                            .formatted(table)
                                    + " many sessions");
            case InformationSchema.Content.Common _, InformationSchema.Content.Unknown _ -> {}
        }
    }

    /** Empty if it names none that are rewritten. */
    Optional<SchemaReading> reading(ParsedSql sql) {
        if (pieces.isEmpty()) {
            return Optional.empty();
        }
        List<Token> tokens = sql.text().tokens();
        var all = new ArrayList<>(pieces);
        all.addAll(qualifiers(tokens));
        all.sort(Comparator.comparingInt(SchemaReading.Piece::first));
        boolean sizes =
                pieces.stream()
                                .anyMatch(piece ->
                                        piece.table().equals(Optional.of(InformationSchema.TABLES)))
                        && tokens.stream().anyMatch(SchemaReader::tellsSizes);
        return Optional.of(new SchemaReading(all, sizes));
    }

    /** A derived table has no schema: {@code information_schema.tables.engine} loses its first. */
    private List<SchemaReading.Piece> qualifiers(List<Token> tokens) {
        var found = new ArrayList<SchemaReading.Piece>();
        for (int i = 0; i + 3 < tokens.size(); i++) {
            boolean column =
                    tokens.get(i).isIdentifier()
                            && InformationSchema.isNamed(tokens.get(i).name())
                            && tokens.get(i + 1).isOperator(".")
                            && tokens.get(i + 2).isIdentifier()
                            && names.contains(tokens.get(i + 2).name().toLowerCase(Locale.ROOT))
                            && tokens.get(i + 3).isOperator(".");
            if (column) {
                found.add(SchemaReading.replaced(i, 2, ""));
            }
        }
        return found;
    }

    private static boolean tellsSizes(Token token) {
        return token.isOperator("*")
                || token.isIdentifier() && SIZES.contains(token.name().toLowerCase(Locale.ROOT));
    }

    private static int tokenFrom(List<Token> tokens, int start) {
        for (int token = 0; token < tokens.size(); token++) {
            if (tokens.get(token).start() == start) {
                return token;
            }
        }
        throw PlanRejection.notUnderstood("the word at byte " + start);
    }

    private static int tokenTo(List<Token> tokens, int end) {
        for (int token = 0; token < tokens.size(); token++) {
            if (tokens.get(token).end() == end) {
                return token;
            }
        }
        throw PlanRejection.notUnderstood("the word before byte " + end);
    }
}
