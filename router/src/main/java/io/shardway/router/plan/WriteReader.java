package io.shardway.router.plan;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.AssignmentContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.DeleteContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.LimitClauseContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.MultipleTablesClauseContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.OrderByClauseContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.TableIdentOptWildContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.UpdateContext;
import org.jspecify.annotations.Nullable;

/**
 * UPDATE and DELETE as they were read: their tables and conditions like those of a SELECT, and
 * which tables they write. Confined to one call of the planner.
 */
final class WriteReader {

    private final QueryReader reader;
    private final QueryBlock block = QueryBlock.within(Optional.empty());
    private final Map<TableUse, List<String>> assigned = new IdentityHashMap<>();
    private List<TableUse> written = List.of();
    private Optional<String> changedKey = Optional.empty();
    private Optional<OrderByClauseContext> order = Optional.empty();
    private Optional<LimitClauseContext> limit = Optional.empty();

    private WriteReader(QueryReader reader) {
        this.reader = reader;
    }

    static WriteReader of(QueryReader reader, UpdateContext update) {
        var write = new WriteReader(reader);
        write.written = write.read(update);
        return write;
    }

    static WriteReader of(QueryReader reader, DeleteContext delete) {
        var write = new WriteReader(reader);
        write.written = write.read(delete);
        return write;
    }

    /** The tables written. */
    List<TableUse> written() {
        return written;
    }

    /** The columns of a table that is written which UPDATE sets. */
    List<String> assigned(TableUse use) {
        return assigned.getOrDefault(use, List.of());
    }

    /** A shard key that is set. */
    Optional<String> changedKey() {
        return changedKey;
    }

    /** Where its columns are looked up. */
    QueryBlock block() {
        return block;
    }

    Optional<OrderByClauseContext> order() {
        return order;
    }

    Optional<LimitClauseContext> limit() {
        return limit;
    }

    private List<TableUse> read(UpdateContext update) {
        if (update.withClause() != null) {
            reader.readWith(update.withClause().cteClause(), QueryBlock.unknown());
        }
        var from = new FromReader(reader, block);
        from.read(update.tableReferences());
        if (update.whereClause() != null) {
            from.readWhere(update.whereClause());
        }
        var targets = new LinkedHashSet<TableUse>();
        for (AssignmentContext assignment : update.setAssignmentsClause().assignment()) {
            String column = Names.column(assignment.columnRef()).name();
            for (TableUse target : targets(assignment)) {
                targets.add(target);
                assigned.computeIfAbsent(target, _ -> new ArrayList<>()).add(column);
                if (target.isKey(column)) {
                    changedKey = Optional.of(column);
                }
            }
            reader.walk(assignment, block);
        }
        readEnd(update.orderByClause(), update.limitClause());
        if (block.uses().size() > 1 && (order.isPresent() || limit.isPresent())) {
            // 8.0.31 can crash of it instead of saying 1221.
            throw PlanRejection.notUnderstood("ORDER BY or LIMIT in an UPDATE of several tables");
        }
        return List.copyOf(targets);
    }

    private void readEnd(
            @Nullable OrderByClauseContext orderBy, @Nullable LimitClauseContext limited) {
        order = Optional.ofNullable(orderBy);
        limit = Optional.ofNullable(limited);
        order.ifPresent(clause -> reader.walk(clause, block));
        limit.ifPresent(clause -> reader.walk(clause, block));
    }

    /** All that it may be, where it does not matter to the route. */
    private List<TableUse> targets(AssignmentContext assignment) {
        Names.Column column = Names.column(assignment.columnRef());
        List<TableUse> base =
                block.uses().stream()
                        .filter(use -> use.origin() != TableUse.Origin.DERIVED)
                        .toList();
        if (base.size() == 1) {
            return base;
        }
        return block.resolve(column, block.uses())
                .map(List::of)
                .or(() -> onlyPlain(base))
                .orElseThrow(() ->
                        PlanRejection.notUnderstood(
                                "which table the column "
                                        + column.name()
                                        + " belongs to; qualify it"));
    }

    /** Without sharded and reference tables it does not matter which table is written. */
    private static Optional<List<TableUse>> onlyPlain(List<TableUse> uses) {
        boolean plain =
                uses.stream()
                        .allMatch(use ->
                                use.origin() == TableUse.Origin.PLAIN
                                        || use.origin() == TableUse.Origin.SINGLE);
        return plain && !uses.isEmpty() ? Optional.of(uses) : Optional.empty();
    }

    private List<TableUse> read(DeleteContext delete) {
        var from = new FromReader(reader, block);
        List<TableUse> targets =
                delete.singleTableClause() == null
                        ? readMany(delete.multipleTablesClause(), from)
                        : List.of(
                                from.readTable(
                                        delete.singleTableClause().tableName(),
                                        Optional.ofNullable(delete.singleTableClause().alias())));
        if (delete.whereClause() != null) {
            from.readWhere(delete.whereClause());
        }
        if (delete.returningClause() != null) {
            throw PlanRejection.notUnderstood("RETURNING");
        }
        readEnd(delete.orderByClause(), delete.limitClause());
        return targets;
    }

    private List<TableUse> readMany(MultipleTablesClauseContext clause, FromReader from) {
        from.read(clause.tableReferences());
        var targets = new ArrayList<TableUse>();
        for (TableIdentOptWildContext each : clause.tableAliasRefList().tableIdentOptWild()) {
            Names.Table target = Names.table(each.tableName());
            List<TableUse> matches =
                    block.uses().stream()
                            .filter(use -> use.isCalled(target.keyspace(), target.name()))
                            .toList();
            if (matches.size() != 1) {
                throw PlanRejection.notUnderstood("which table DELETE " + target.name() + " means");
            }
            targets.add(matches.getFirst());
        }
        return targets;
    }
}
