package io.shardway.router.plan;

import java.util.Optional;
import org.antlr.v4.runtime.tree.ParseTree;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.QueryExpressionContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.QuerySpecificationContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.SelectContext;

/**
 * A statement that is one SELECT of one sharded table, without anything in it that is another
 * query. Confined to one call of the planner.
 */
record SingleSelect(
        QueryExpressionContext expression,
        QuerySpecificationContext query,
        QueryBlock block,
        TableUse use) {

    /** To be asked when the whole statement was read. */
    static Optional<SingleSelect> of(QueryReader reader, ParseTree tree) {
        if (!(tree instanceof SelectContext select)
                || select.queryExpression() == null
                || reader.uses().size() != 1
                || !reader.uses().getFirst().isSharded()
                || reader.uses().getFirst().isView()
                        && !ViewBodies.isOfRow(reader.uses().getFirst(), reader.tables())) {
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
        TableUse use = reader.uses().getFirst();
        return reader.onlyQuery(expression.queryExpressionBody())
                .filter(query -> query.selectIntoExpression() == null)
                .flatMap(query ->
                        reader.blockOf(query)
                                .map(block -> new SingleSelect(expression, query, block, use)));
    }
}
