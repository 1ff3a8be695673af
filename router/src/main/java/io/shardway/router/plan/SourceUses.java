package io.shardway.router.plan;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.antlr.v4.runtime.tree.TerminalNode;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.CteClauseContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.TableNameContext;

/**
 * Where the statement names its tables and its WITH queries. Confined to one call of the planner.
 */
final class SourceUses {

    private final ParsedSql sql;
    private final Map<TableUse, AssembledTable.Use> places = new IdentityHashMap<>();
    private final CommonQueries common;

    SourceUses(ParsedSql sql) {
        this.sql = sql;
        this.common = new CommonQueries(sql);
    }

    void note(TableUse use, TableNameContext name, AssembledTable.Use.Naming naming) {
        List<TerminalNode> leaves = Names.leaves(name);
        int first = sql.tokenOf(leaves.getFirst());
        int last = sql.tokenOf(leaves.getLast());
        var place = new AssembledTable.Use(first, last - first + 1, naming, use.alias());
        if (use.origin() == TableUse.Origin.DERIVED) {
            common.read(Names.table(name).name(), place);
        } else {
            places.put(use, place);
        }
    }

    /**
     * A WITH query was read.
     *
     * @param hasTables whether it reads tables or other WITH queries
     */
    void defined(CteClauseContext query, boolean hasTables) {
        List<TerminalNode> leaves = Names.leaves(query);
        int first = sql.tokenOf(leaves.getFirst());
        int last = sql.tokenOf(leaves.getLast());
        common.defined(Names.of(query.alias()), first, last + 1, hasTables);
    }

    AssembledTable.Use placeOf(TableUse use) {
        AssembledTable.Use place = places.get(use);
        if (place == null) {
            throw PlanRejection.notUnderstood("the place of table " + use.describe());
        }
        return place;
    }

    /** Throws what stands in the way of reading from temporary tables. */
    void requireAssemblable(List<TableUse> uses) {
        common.requireReadOnce(uses, this);
    }
}
