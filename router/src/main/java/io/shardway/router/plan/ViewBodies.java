package io.shardway.router.plan;

import io.shardway.router.ErrorCode;
import io.shardway.router.schema.ColumnSchema;
import io.shardway.router.schema.KeyspaceSchema;
import io.shardway.router.schema.TableSchema;
import io.shardway.router.sql.QuotedName;
import io.shardway.router.sql.SqlDialect;
import io.shardway.router.sql.Token;
import io.shardway.router.sql.Tokens;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Puts the queries of views in their places, where their tables are to be temporary ones: a view
 * never reads those. MySQL merges a derived table as it merges a view. Stateless.
 */
final class ViewBodies {

    private ViewBodies() {}

    /** Throws how the statement is to be written if it reads views. */
    static void requireNone(QueryReader reader) {
        List<TableUse> views =
                reader.uses().stream()
                        .filter(TableUse::isView)
                        .sorted(
                                Comparator.comparingInt(
                                        use -> reader.sourceUses().placeOf(use).token()))
                        .toList();
        if (views.isEmpty()) {
            return;
        }
        ParserText text = reader.sql().text();
        for (TableUse view : views) {
            reader.tables().requireFixedColumns(view);
            String body = view.schema().orElseThrow().body();
            boolean plain = StandardCharsets.US_ASCII.newEncoder().canEncode(body);
            if (body.isEmpty()
                    || body.contains("\\")
                    || !plain && !text.isUtf8()
                    || text.hasExecutable()
                    || !reader.lockClauses().isEmpty()
                    || isQualified(text.tokens(), view)) {
                throw new PlanRejection(ErrorCode.CROSS_SHARD_READ, told(view));
            }
        }
        Set<String> names =
                views.stream()
                        .map(view -> view.schema().orElseThrow().name())
                        .collect(Collectors.toUnmodifiableSet());
        throw new ReadAgain(told(views.getFirst()), new Unfolding(pieces(reader, views), names));
    }

    private static String told(TableUse view) {
        return "it reads the view " + view.describe() + "; name its tables";
    }

    /** As in {@code store.shown.name}: a derived table is in no keyspace. */
    private static boolean isQualified(List<Token> tokens, TableUse view) {
        for (int at = 0; at + 3 < tokens.size(); at++) {
            if (tokens.get(at).isIdentifier()
                    && tokens.get(at + 1).isOperator(".")
                    && tokens.get(at + 2).isIdentifier()
                    && tokens.get(at + 2).name().equals(view.alias())
                    && tokens.get(at + 3).isOperator(".")) {
                return true;
            }
        }
        return false;
    }

    private static List<Unfolding.Piece> pieces(QueryReader reader, List<TableUse> views) {
        List<Token> tokens = reader.sql().text().tokens();
        var pieces = new ArrayList<Unfolding.Piece>();
        int at = 0;
        for (TableUse view : views) {
            AssembledTable.Use place = reader.sourceUses().placeOf(view);
            TableSchema schema = view.schema().orElseThrow();
            String columns =
                    schema.columns().stream()
                            .map(ColumnSchema::name)
                            .map(QuotedName::of)
                            .collect(Collectors.joining(", ", " (", ")"));
            String query = "(" + schema.body() + ")";
            String alias = " AS " + QuotedName.of(schema.name());
            pieces.add(new Unfolding.Piece.Copied(at, place.first()));
            at = place.token() + place.tokens();
            switch (place.naming()) {
                case PLAIN -> pieces.add(new Unfolding.Piece.Written(query + alias + columns));
                case FIXED ->
                        pieces.add(
                                new Unfolding.Piece.Written(
                                        "SELECT * FROM " + query + alias + columns));
                case ALIASED -> {
                    int end = at + (tokens.get(at).isWord("AS") ? 2 : 1);
                    pieces.add(new Unfolding.Piece.Written(query));
                    pieces.add(new Unfolding.Piece.Copied(at, end));
                    pieces.add(new Unfolding.Piece.Written(columns));
                    at = end;
                }
            }
        }
        pieces.add(new Unfolding.Piece.Copied(at, tokens.size()));
        return pieces;
    }

    /**
     * Whether each shard makes the rows of a view by itself, as one MySQL would: of what its query
     * says nothing hangs on time, chance or server.
     */
    static boolean isOfRow(TableUse use, TableResolver tables) {
        TableSchema view = use.schema().orElseThrow();
        String body = view.body();
        if (body.isEmpty() || body.contains("\\")) {
            return false;
        }
        byte[] text = body.getBytes(StandardCharsets.UTF_8);
        List<Token> tokens = Tokens.of(text, 0, text.length, SqlDialect.DEFAULT);
        var columns = new TreeMap<String, List<ColumnSchema>>(String.CASE_INSENSITIVE_ORDER);
        KeyspaceSchema schema = tables.catalog().sharded(use.keyspace()).orElseThrow();
        view.viewOf().stream()
                .flatMap(base -> schema.table(base).stream())
                .flatMap(base -> base.columns().stream())
                .forEach(column ->
                        columns.computeIfAbsent(column.name(), _ -> new ArrayList<>()).add(column));
        return RowWords.areAll(tokens, Set.of())
                && !RowWords.comparesNumberWithText(
                        tokens,
                        value -> value.text().startsWith("'"),
                        name ->
                                columns.getOrDefault(name, List.of()).stream()
                                        .anyMatch(RowWords::isNumber));
    }
}
