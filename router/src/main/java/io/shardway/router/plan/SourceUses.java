package io.shardway.router.plan;

import io.shardway.router.ErrorCode;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.antlr.v4.runtime.tree.TerminalNode;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.TableNameContext;

/**
 * Where the statement names its tables, and how often it reads its WITH queries. Confined to one
 * call of the planner.
 */
final class SourceUses {

    private final ParsedSql sql;
    private final Map<TableUse, AssembledTable.Use> places = new IdentityHashMap<>();
    private final Map<String, Integer> commonReads = new HashMap<>();
    private final Set<String> commonWithTables = new HashSet<>();

    SourceUses(ParsedSql sql) {
        this.sql = sql;
    }

    void note(TableUse use, TableNameContext name, AssembledTable.Use.Naming naming) {
        if (use.origin() == TableUse.Origin.DERIVED) {
            commonReads.merge(Names.table(name).name(), 1, Integer::sum);
            return;
        }
        List<TerminalNode> leaves = Names.leaves(name);
        int first = sql.tokenOf(leaves.getFirst());
        int last = sql.tokenOf(leaves.getLast());
        places.put(use, new AssembledTable.Use(first, last - first + 1, naming, use.alias()));
    }

    int readsOf(String common) {
        return commonReads.getOrDefault(common, 0);
    }

    /**
     * A WITH query was read.
     *
     * @param own how often it names itself
     * @param tables whether it reads tables or other WITH queries
     */
    void defined(String common, int own, boolean tables) {
        commonReads.merge(common, -own, Integer::sum);
        if (tables) {
            commonWithTables.add(common);
        }
    }

    AssembledTable.Use placeOf(TableUse use) {
        AssembledTable.Use place = places.get(use);
        if (place == null) {
            throw PlanRejection.notUnderstood("the place of table " + use.describe());
        }
        return place;
    }

    /** Throws what stands in the way of reading from temporary tables. */
    void requireAssemblable() {
        for (String common : commonWithTables) {
            if (readsOf(common) > 1) {
                throw new PlanRejection(
                        ErrorCode.CROSS_SHARD_READ,
                        "the WITH query "
                                + common
                                + " is read more than once; write it once for each");
            }
        }
    }
}
