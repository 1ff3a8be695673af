package io.shardway.router.plan;

import io.shardway.router.ErrorCode;
import io.shardway.router.schema.ColumnSchema;
import io.shardway.router.schema.KeyspaceSchema;
import io.shardway.router.topology.TableEntry;
import io.shardway.router.topology.TableKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.antlr.v4.runtime.Token;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementLexer;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ColumnRefContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ProjectionContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.QueryExpressionContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.QuerySpecificationContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.SelectContext;

/**
 * Finds out what kind of table a view is like. A view over sharded tables is like a sharded table
 * if each of its rows comes from rows of one key, which it shows: a plain SELECT that filters and
 * joins by the key, and neither groups nor sorts out rows. Confined to one call of the planner.
 */
final class ViewReader {

    /** Over several rows: what they give depends on which rows a shard has. */
    private static final Set<String> AGGREGATES =
            Set.of(
                    "AVG",
                    "BIT_AND",
                    "BIT_OR",
                    "BIT_XOR",
                    "COUNT",
                    "GROUP_CONCAT",
                    "JSON_ARRAYAGG",
                    "JSON_OBJECTAGG",
                    "MAX",
                    "MIN",
                    "STD",
                    "STDDEV",
                    "STDDEV_POP",
                    "STDDEV_SAMP",
                    "SUM",
                    "VAR_POP",
                    "VAR_SAMP",
                    "VARIANCE",
                    "ST_COLLECT",
                    "GROUPING",
                    "ANY_VALUE",
                    "ROW_NUMBER",
                    "RANK",
                    "DENSE_RANK",
                    "LAG",
                    "LEAD",
                    "NTILE",
                    "FIRST_VALUE",
                    "LAST_VALUE",
                    "NTH_VALUE",
                    "CUME_DIST",
                    "PERCENT_RANK",
                    "OVER");

    private final ParsedSql sql;
    private final KeyspaceSchema schema;
    private final QueryReader reader;

    ViewReader(ParsedSql sql, TableResolver tables, KeyspaceSchema schema) {
        this.sql = sql;
        this.schema = schema;
        this.reader = new QueryReader(sql, tables);
    }

    /** A column of the view that shows the shard key of a table. */
    private record KeyColumn(String name, TableUse use) {}

    TableEntry read(String view, List<String> columns, SelectContext select) {
        reader.walk(select, QueryBlock.within(Optional.empty()));
        reader.requireEverySelectRead();
        var bases = new ArrayList<String>();
        for (TableUse use : reader.uses()) {
            ViewDefinitions.refuseView(use.schema());
            switch (use.origin()) {
                case PLAIN, SYSTEM ->
                        throw refused("it reads " + use.describe() + " of another keyspace");
                case DERIVED -> {}
                case SHARDED, REFERENCE, SINGLE -> {
                    if (!use.keyspace().equals(schema.keyspace())) {
                        throw refused("it reads " + use.describe() + " of another keyspace");
                    }
                    bases.add(use.schema().orElseThrow().name());
                }
            }
        }
        if (bases.isEmpty()) {
            throw refused("it reads no table");
        }
        if (reader.usesLocks()) {
            throw refused("it takes locks");
        }
        List<String> viewOf = bases.stream().distinct().sorted().toList();
        if (reader.uses().stream().noneMatch(TableUse::isSharded)) {
            boolean single =
                    reader.uses().stream().anyMatch(use -> use.origin() == TableUse.Origin.SINGLE);
            return new TableEntry(
                    view,
                    single ? TableKind.SINGLE : TableKind.REFERENCE,
                    Optional.empty(),
                    viewOf);
        }
        String key = keyOf(columns, select);
        return new TableEntry(view, TableKind.SHARDED, Optional.of(key), viewOf);
    }

    private String keyOf(List<String> columns, SelectContext select) {
        for (TableUse use : reader.uses()) {
            switch (use.origin()) {
                case SINGLE, DERIVED ->
                        throw refused(
                                use.describe() + " is not on the shards of the sharded tables");
                case SHARDED, REFERENCE, PLAIN, SYSTEM -> {}
            }
        }
        QuerySpecificationContext query = plain(select);
        List<KeyColumn> candidates = keyColumns(columns, query);
        Set<TableUse> sharded =
                reader.uses().stream()
                        .filter(TableUse::isSharded)
                        .collect(java.util.stream.Collectors.toSet());
        for (KeyColumn candidate : candidates) {
            boolean sameType =
                    sharded.stream()
                            .allMatch(use -> use.key().type().equals(candidate.use().key().type()));
            if (sameType && reader.graph().reachedFrom(candidate.use()).containsAll(sharded)) {
                return candidate.name();
            }
        }
        throw refused(
                candidates.isEmpty()
                        ? "its columns must show the shard key of its tables as it is"
                        : "its tables must be joined by their shard keys");
    }

    private QuerySpecificationContext plain(SelectContext select) {
        long selects =
                sql.tokens().stream()
                        .filter(token -> token.getType() == MySQLStatementLexer.SELECT)
                        .count();
        QueryExpressionContext expression = select.queryExpression();
        boolean simple =
                selects == 1
                        && !reader.isLocking()
                        && expression != null
                        && expression.withClause() == null
                        && expression.orderByClause() == null
                        && expression.limitClause() == null
                        && expression.queryExpressionBody() != null
                        && expression.queryExpressionBody().getChildCount() == 1
                        && expression.queryExpressionBody().queryPrimary() != null;
        QuerySpecificationContext query =
                simple
                        ? expression.queryExpressionBody().queryPrimary().querySpecification()
                        : null;
        if (query == null
                || query.groupByClause() != null
                || query.havingClause() != null
                || query.windowClause() != null
                || !query.selectSpecification().isEmpty()
                || usesAggregates()) {
            throw refused(
                    "over sharded tables it must be one plain SELECT: no DISTINCT, GROUP BY, ORDER"
                            + " BY, LIMIT, UNION, WITH, subquery, aggregate or window function");
        }
        return query;
    }

    private boolean usesAggregates() {
        for (int index = 0; index + 1 < sql.tokens().size(); index++) {
            Token next = sql.tokens().get(index + 1);
            String word = sql.tokens().get(index).getText().toUpperCase(Locale.ROOT);
            if (AGGREGATES.contains(word) && next.getType() == MySQLStatementLexer.LP_) {
                return true;
            }
        }
        return false;
    }

    private List<KeyColumn> keyColumns(List<String> columns, QuerySpecificationContext query) {
        QueryBlock block = reader.blockOf(query).orElseThrow();
        List<ProjectionContext> projections = query.projections().projection();
        boolean star = query.projections().unqualifiedShorthand() != null;
        boolean qualified =
                projections.stream().anyMatch(each -> each.qualifiedShorthand() != null);
        if (star || qualified) {
            return ofStar(columns, block, star ? projections.isEmpty() : projections.size() == 1);
        }
        var found = new ArrayList<KeyColumn>();
        for (int index = 0; index < projections.size(); index++) {
            ProjectionContext projection = projections.get(index);
            Optional<Names.Column> column = column(projection);
            Optional<TableUse> use =
                    column.flatMap(name ->
                            block.resolve(name, block.uses())
                                    .filter(each -> each.isKey(name.name())));
            if (use.isPresent()
                    && block.uses().contains(use.get())
                    && !block.isNullSupplied(use.get())) {
                String own =
                        projection.alias() == null
                                ? column.orElseThrow().name()
                                : Names.of(projection.alias());
                found.add(new KeyColumn(shown(columns, index, own), use.get()));
            }
        }
        return found;
    }

    /** A star alone over one table. */
    private static List<KeyColumn> ofStar(
            List<String> columns, QueryBlock block, boolean nothingElse) {
        if (!nothingElse || block.uses().size() != 1 || !block.uses().getFirst().isSharded()) {
            throw refused("with * it must read one table and nothing else; name the columns");
        }
        TableUse use = block.uses().getFirst();
        List<String> own =
                use.schema().orElseThrow().columns().stream().map(ColumnSchema::name).toList();
        if (!columns.isEmpty() && columns.size() != own.size()) {
            throw refused("the list of columns is not as long as what it selects");
        }
        for (int index = 0; index < own.size(); index++) {
            if (use.isKey(own.get(index))) {
                return List.of(new KeyColumn(shown(columns, index, own.get(index)), use));
            }
        }
        return List.of();
    }

    private static String shown(List<String> columns, int index, String own) {
        if (columns.isEmpty()) {
            return own;
        }
        if (index >= columns.size()) {
            throw refused("the list of columns is not as long as what it selects");
        }
        return columns.get(index);
    }

    /** The column, if the projection is nothing but one. */
    private static Optional<Names.Column> column(ProjectionContext projection) {
        var leaves = Names.leaves(projection.expr());
        return Names.beginningWith(leaves.getFirst(), ColumnRefContext.class)
                .filter(each -> Names.leaves(each).size() == leaves.size())
                .map(Names::column);
    }

    private static PlanRejection refused(String why) {
        return new PlanRejection(ErrorCode.VIEW_REFUSED, why);
    }
}
