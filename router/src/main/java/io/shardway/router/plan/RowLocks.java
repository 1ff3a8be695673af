package io.shardway.router.plan;

import io.shardway.router.ErrorCode;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.antlr.v4.runtime.tree.TerminalNode;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.LockClauseContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.LockedRowActionContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.SelectContext;

/**
 * Which tables a SELECT locks the rows of, where these are on several shards. As in MySQL, its
 * clause is about the tables of its own FROM list, and not about those of subqueries. Stateless.
 */
final class RowLocks {

    private RowLocks() {}

    /** What goes behind a read of each table that is locked, such as FOR UPDATE NOWAIT. */
    static Map<TableUse, String> of(QueryReader reader) {
        var locks = new IdentityHashMap<TableUse, String>();
        if (reader.lockClauses().isEmpty()) {
            return locks;
        }
        QueryBlock block =
                top(reader)
                        .orElseThrow(() ->
                                refused("it locks rows in a subquery, a union or behind WITH"));
        for (TableUse use : block.uses()) {
            Optional<LockClauseContext> clause =
                    reader.lockClauses().stream()
                            .filter(each -> ReferenceReads.covers(each, use))
                            .findFirst();
            if (clause.isPresent() && use.origin() == TableUse.Origin.DERIVED) {
                throw refused("it locks rows of a derived table; name its tables");
            }
            clause.ifPresent(found -> locks.put(use, written(found)));
        }
        return locks;
    }

    /** The lock of a table with these uses; empty for none. */
    static String shared(List<TableUse> uses, Map<TableUse, String> locks) {
        var different = new HashSet<String>();
        uses.forEach(use -> different.add(locks.getOrDefault(use, "")));
        if (different.size() > 1) {
            throw refused(
                    "it reads table %s with a lock and without, or with two"
                            .formatted(uses.getFirst().schema().orElseThrow().name()));
        }
        return different.iterator().next();
    }

    /** The block that all clauses are about. */
    private static Optional<QueryBlock> top(QueryReader reader) {
        LockClauseContext first = reader.lockClauses().getFirst();
        return first.getParent().getParent() instanceof SelectContext select
                        && select.queryExpression() != null
                        && select.queryExpression().withClause() == null
                        && select.lockClauseList().lockClause().size()
                                == reader.lockClauses().size()
                ? reader.onlyQuery(select.queryExpression().queryExpressionBody())
                        .flatMap(reader::blockOf)
                : Optional.empty();
    }

    private static String written(LockClauseContext clause) {
        String strength =
                QueryReader.isForUpdate(clause)
                        ? "FOR UPDATE"
                        : clause.LOCK() == null ? "FOR SHARE" : "LOCK IN SHARE MODE";
        LockedRowActionContext action = clause.lockedRowAction();
        if (action == null) {
            return strength;
        }
        return strength + (action.NOWAIT() == null ? " SKIP LOCKED" : " NOWAIT");
    }

    /** The tokens of the clauses. */
    static Set<Integer> tokens(QueryReader reader) {
        var tokens = new HashSet<Integer>();
        for (LockClauseContext clause : reader.lockClauses()) {
            for (TerminalNode leaf : Names.leaves(clause)) {
                tokens.add(reader.sql().tokenOf(leaf));
            }
        }
        return tokens;
    }

    private static PlanRejection refused(String detail) {
        return new PlanRejection(ErrorCode.CROSS_SHARD_READ, detail);
    }
}
