package io.shardway.router.plan;

import io.shardway.router.schema.ColumnSchema;
import io.shardway.router.sql.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.antlr.v4.runtime.tree.TerminalNode;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ColumnRefContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.OrderByClauseContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.OrderByItemContext;

/**
 * Finds assembled reads of one table of which only the first rows of each shard can be in the
 * answer: with LIMIT, ordered by columns, all conditions asked where the rows are, and nothing that
 * puts rows together. In doubt there is none. Stateless.
 */
final class TopReader {

    private static final Set<String> PUT_TOGETHER =
            Set.of(
                    "distinct",
                    "distinctrow",
                    "sql_calc_found_rows",
                    "group",
                    "having",
                    "window",
                    "over",
                    "into",
                    "with",
                    "union",
                    "procedure");

    private static final Set<String> AGGREGATES =
            Set.of(
                    "any_value",
                    "avg",
                    "bit_and",
                    "bit_or",
                    "bit_xor",
                    "count",
                    "group_concat",
                    "grouping",
                    "json_arrayagg",
                    "json_objectagg",
                    "max",
                    "min",
                    "st_collect",
                    "std",
                    "stddev",
                    "stddev_pop",
                    "stddev_samp",
                    "sum",
                    "var_pop",
                    "var_samp",
                    "variance");

    private TopReader() {}

    static Optional<Top> read(QueryReader reader, SingleSelect select) {
        ParserText text = reader.sql().text();
        if (select.expression().limitClause() == null
                || text.hasExecutable()
                || putsTogether(text.tokens())
                || !reader.pushed().areAll()) {
            return Optional.empty();
        }
        Optional<List<Top.Key>> order =
                SelectList.of(reader, select)
                        .flatMap(list -> order(list, select.expression().orderByClause()));
        return order.flatMap(keys ->
                ScatterReader.limit(reader.sql(), select.expression().limitClause())
                        .flatMap(limit -> limit)
                        .map(limit -> new Top(keys, limit)));
    }

    /** Of UPDATE and DELETE of one table: the rows that it can write. */
    static Optional<Top> ofWrite(QueryReader reader, WriteReader write) {
        ParserText text = reader.sql().text();
        if (write.limit().isEmpty()
                || !text.isUtf8()
                || text.hasExecutable()
                || putsTogether(text.tokens())
                || !reader.pushed().areAll()) {
            return Optional.empty();
        }
        var keys = new ArrayList<Top.Key>();
        List<OrderByItemContext> items =
                write.order().map(OrderByClauseContext::orderByItem).orElse(List.of());
        for (OrderByItemContext item : items) {
            Optional<ColumnSchema> column =
                    item.expr() == null
                            ? Optional.empty()
                            : column(write, Names.leaves(item.expr()));
            if (column.isEmpty()) {
                return Optional.empty();
            }
            boolean descending =
                    item.direction() != null && item.direction().getText().equalsIgnoreCase("DESC");
            keys.add(new Top.Key(column.get().name(), descending));
        }
        return ScatterReader.limit(reader.sql(), write.limit().get())
                .flatMap(limit -> limit)
                .map(limit -> new Top(keys, limit));
    }

    private static Optional<ColumnSchema> column(WriteReader write, List<TerminalNode> leaves) {
        return Names.beginningWith(leaves.getFirst(), ColumnRefContext.class)
                .filter(column -> Names.leaves(column).size() == leaves.size())
                .map(Names::column)
                .flatMap(name ->
                        write.block()
                                .resolve(name, write.block().uses())
                                .flatMap(use -> use.column(name.name())));
    }

    private static Optional<List<Top.Key>> order(SelectList list, OrderByClauseContext clause) {
        var keys = new ArrayList<Top.Key>();
        if (clause != null) {
            for (OrderByItemContext item : clause.orderByItem()) {
                Optional<SelectList.Ordering> ordering = list.ordering(item);
                if (ordering.isEmpty()) {
                    return Optional.empty();
                }
                keys.add(new Top.Key(ordering.get().column().name(), ordering.get().descending()));
            }
        }
        return Optional.of(keys);
    }

    /** Whether a function of this name makes one value of several rows. */
    static boolean isAggregate(String name) {
        return AGGREGATES.contains(name.toLowerCase(Locale.ROOT));
    }

    private static boolean putsTogether(List<Token> tokens) {
        for (int at = 0; at < tokens.size(); at++) {
            if (tokens.get(at).isOperator(":=")) {
                return true; // A variable can count the rows.
            }
            if (tokens.get(at).kind() != Token.Kind.WORD) {
                continue;
            }
            String word = tokens.get(at).text().toLowerCase(Locale.ROOT);
            boolean called = at + 1 < tokens.size() && tokens.get(at + 1).isOperator("(");
            if (PUT_TOGETHER.contains(word) || called && AGGREGATES.contains(word)) {
                return true;
            }
        }
        return false;
    }
}
