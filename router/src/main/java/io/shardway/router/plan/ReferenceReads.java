package io.shardway.router.plan;

import io.shardway.router.ErrorCode;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.LockClauseContext;

/**
 * Reference tables, by their own name or through a view, read from the copy that is there.
 * Stateless.
 */
final class ReferenceReads {

    private ReferenceReads() {}

    static Set<ReferenceTable> tables(QueryReader reader) {
        return reader.uses().stream()
                .flatMap(use -> use.references().stream())
                .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * FOR UPDATE on one copy does not keep out who locks the row on another. FOR SHARE keeps out
     * all that it must: writers, who come to every copy.
     */
    static void refuseLocks(QueryReader reader) {
        for (LockClauseContext clause : reader.lockClauses()) {
            if (!QueryReader.isForUpdate(clause)) {
                continue;
            }
            for (TableUse use : reader.uses()) {
                if (!use.references().isEmpty() && covers(clause, use)) {
                    throw new PlanRejection(ErrorCode.REFERENCE_LOCK, "table " + use.describe());
                }
            }
        }
    }

    static boolean covers(LockClauseContext clause, TableUse use) {
        if (clause.tableLockingList() == null) {
            return true;
        }
        return clause.tableLockingList().tableAliasRefList().tableIdentOptWild().stream()
                .map(each -> Names.table(each.tableName()))
                .anyMatch(name -> use.isCalled(name.keyspace(), name.name()));
    }
}
