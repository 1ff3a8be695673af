package io.shardway.router.plan;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.antlr.v4.runtime.tree.ParseTree;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.QueryExpressionContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.QuerySpecificationContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.SelectContext;

/**
 * A statement that is one SELECT of sharded tables, without anything in it that is another query.
 * Confined to one call of the planner.
 *
 * @param uses one table, or several of which only rows of one key come together
 */
record SingleSelect(
        QueryExpressionContext expression,
        QuerySpecificationContext query,
        QueryBlock block,
        List<TableUse> uses) {

    SingleSelect {
        uses = List.copyOf(uses);
    }

    /** The first table, or the only one. */
    TableUse use() {
        return uses.getFirst();
    }

    /** Of one table. To be asked when the whole statement was read. */
    static Optional<SingleSelect> of(QueryReader reader, ParseTree tree) {
        return reader.uses().size() == 1 && isOfRow(reader) ? read(reader, tree) : Optional.empty();
    }

    private static boolean isOfRow(QueryReader reader) {
        TableUse only = reader.uses().getFirst();
        return only.isSharded() && (!only.isView() || ViewBodies.isOfRow(only, reader.tables()));
    }

    /** Of one table, or of several that are joined by their keys, so that each shard can join. */
    static Optional<SingleSelect> ofKeys(QueryReader reader, ParseTree tree) {
        List<TableUse> uses = reader.uses();
        boolean tables = uses.stream().allMatch(use -> use.isSharded() && !use.isView());
        return tables && areOnce(uses) && areTogether(reader)
                ? read(reader, tree)
                : Optional.empty();
    }

    /** MySQL opens a temporary table once in a statement. */
    private static boolean areOnce(List<TableUse> uses) {
        long tables =
                uses.stream()
                        .map(use -> List.of(use.keyspace(), use.schema().orElseThrow().name()))
                        .distinct()
                        .count();
        return !uses.isEmpty() && tables == uses.size();
    }

    private static boolean areTogether(QueryReader reader) {
        List<TableUse> uses = reader.uses();
        return uses.stream().allMatch(use -> use.key().type().equals(uses.getFirst().key().type()))
                && uses.stream()
                        .anyMatch(use ->
                                reader.graph().reachedFrom(use).containsAll(Set.copyOf(uses)));
    }

    private static Optional<SingleSelect> read(QueryReader reader, ParseTree tree) {
        if (!(tree instanceof SelectContext select) || select.queryExpression() == null) {
            return Optional.empty();
        }
        QueryExpressionContext expression = select.queryExpression();
        ParserText text = reader.sql().text();
        long selects = text.tokens().stream().filter(token -> token.isWord("SELECT")).count();
        if (selects != 1
                || expression.withClause() != null
                || expression.queryExpressionBody() == null
                || !text.isUtf8()) {
            return Optional.empty();
        }
        return reader.onlyQuery(expression.queryExpressionBody())
                .filter(query -> query.selectIntoExpression() == null)
                .flatMap(query ->
                        reader.blockOf(query)
                                .map(block ->
                                        new SingleSelect(expression, query, block, reader.uses())));
    }
}
