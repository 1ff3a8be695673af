package io.shardway.router.plan;

import io.shardway.router.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.AssignmentContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.DeleteContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.MultipleTablesClauseContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.TableIdentOptWildContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.UpdateContext;

/**
 * Reads UPDATE and DELETE: their tables and conditions like those of a SELECT, and which tables
 * they write. Confined to one call of the planner.
 */
final class WriteReader {

    private final QueryReader reader;

    WriteReader(QueryReader reader) {
        this.reader = reader;
    }

    /** The tables written. */
    List<TableUse> read(UpdateContext update) {
        var block = QueryBlock.within(Optional.empty());
        if (update.withClause() != null) {
            reader.readWith(update.withClause().cteClause(), QueryBlock.unknown());
        }
        var from = new FromReader(reader, block);
        from.read(update.tableReferences());
        if (update.whereClause() != null) {
            from.readWhere(update.whereClause());
        }
        var written = new ArrayList<TableUse>();
        for (AssignmentContext assignment : update.setAssignmentsClause().assignment()) {
            written.addAll(targets(assignment, block));
            reader.walk(assignment, block);
        }
        if (update.orderByClause() != null) {
            reader.walk(update.orderByClause(), block);
        }
        if (update.limitClause() != null) {
            reader.walk(update.limitClause(), block);
        }
        return written;
    }

    /** All that it may be, where it does not matter to the route. */
    private static List<TableUse> targets(AssignmentContext assignment, QueryBlock block) {
        Names.Column column = Names.column(assignment.columnRef());
        boolean key =
                block.uses().stream()
                        .filter(use -> column.table().isEmpty() || use.isCalled("", column.table()))
                        .anyMatch(use -> use.isKey(column.name()));
        if (key) {
            throw new PlanRejection(ErrorCode.SHARD_KEY_CHANGED, "column " + column.name());
        }
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

    /** The tables written. */
    List<TableUse> read(DeleteContext delete) {
        var block = QueryBlock.within(Optional.empty());
        var from = new FromReader(reader, block);
        List<TableUse> written =
                delete.singleTableClause() == null
                        ? readMany(delete.multipleTablesClause(), from, block)
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
        if (delete.orderByClause() != null) {
            reader.walk(delete.orderByClause(), block);
        }
        if (delete.limitClause() != null) {
            reader.walk(delete.limitClause(), block);
        }
        return written;
    }

    private static List<TableUse> readMany(
            MultipleTablesClauseContext clause, FromReader from, QueryBlock block) {
        from.read(clause.tableReferences());
        var written = new ArrayList<TableUse>();
        for (TableIdentOptWildContext each : clause.tableAliasRefList().tableIdentOptWild()) {
            Names.Table target = Names.table(each.tableName());
            List<TableUse> matches =
                    block.uses().stream()
                            .filter(use -> use.isCalled(target.keyspace(), target.name()))
                            .toList();
            if (matches.size() != 1) {
                throw PlanRejection.notUnderstood("which table DELETE " + target.name() + " means");
            }
            written.add(matches.getFirst());
        }
        return written;
    }
}
