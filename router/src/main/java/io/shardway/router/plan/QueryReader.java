package io.shardway.router.plan;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.tree.ParseTree;
import org.antlr.v4.runtime.tree.TerminalNode;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementLexer;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.CompleteRegularFunctionContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.CteClauseContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.IdentifierContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.LockClauseContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.QueryExpressionBodyContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.QueryExpressionContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.QuerySpecificationContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.SelectIntoExpressionContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.TableLockingListContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.TableNameContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.TableStatementContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.UdfFunctionContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ValuesFunctionContext;

/**
 * Walks a whole statement and notes every use of a table and every condition on a shard key.
 *
 * <p>The walk goes through all nodes; a table name that turns up anywhere but in the few places
 * that are handled here refuses the statement, so none can be overlooked. Confined to one call of
 * the planner.
 */
final class QueryReader {

    private static final Set<String> BUILT_IN = WordList.load("built-in-functions.txt");
    private static final Set<String> LOCK_FUNCTIONS =
            Set.of("get_lock", "release_lock", "release_all_locks", "is_free_lock", "is_used_lock");
    private static final Set<String> SIDE_EFFECTS =
            Set.of("last_insert_id", "sleep", "benchmark", "source_pos_wait", "master_pos_wait");

    private final ParsedSql sql;
    private final TableResolver tables;
    private final KeyGraph graph = new KeyGraph();
    private final Conditions conditions;
    private final List<TableUse> uses = new ArrayList<>();
    private final SourceUses sourceUses;
    private final PushedConditions pushed;
    private final Map<QuerySpecificationContext, QueryBlock> blocks = new IdentityHashMap<>();
    private final List<LockClauseContext> lockClauses = new ArrayList<>();
    private boolean locking;
    private boolean usesLocks;
    private boolean assigns;

    QueryReader(ParsedSql sql, TableResolver tables) {
        this.sql = sql;
        this.tables = tables;
        this.conditions = new Conditions(sql, graph);
        this.sourceUses = new SourceUses(sql);
        this.pushed = new PushedConditions(sql);
    }

    ParsedSql sql() {
        return sql;
    }

    TableResolver tables() {
        return tables;
    }

    Conditions conditions() {
        return conditions;
    }

    KeyGraph graph() {
        return graph;
    }

    List<TableUse> uses() {
        return uses;
    }

    PushedConditions pushed() {
        return pushed;
    }

    SourceUses sourceUses() {
        return sourceUses;
    }

    boolean isLocking() {
        return locking;
    }

    /**
     * Whether it may run on copies of its rows: no variable is set, whose value would hang on the
     * order of the rows. What else is not to be sent again runs there once.
     */
    boolean mayRunElsewhere() {
        return !usesLocks && !assigns;
    }

    /** SELECT ... FOR UPDATE, somewhere. */
    boolean locksForUpdate() {
        return lockClauses.stream().anyMatch(QueryReader::isForUpdate);
    }

    /** FOR UPDATE, FOR SHARE and LOCK IN SHARE MODE. */
    List<LockClauseContext> lockClauses() {
        return lockClauses;
    }

    boolean usesLocks() {
        return usesLocks;
    }

    Optional<QueryBlock> blockOf(QuerySpecificationContext query) {
        return Optional.ofNullable(blocks.get(query));
    }

    TableUse addUse(QueryBlock block, TableUse use) {
        uses.add(use);
        block.add(use);
        return use;
    }

    /** Every SELECT of the text must have been walked as a query block. */
    void requireEverySelectRead() {
        long selects =
                sql.tokens().stream()
                        .filter(token -> token.getType() == MySQLStatementLexer.SELECT)
                        .count();
        if (selects != blocks.size()) {
            throw PlanRejection.notUnderstood("a SELECT in an unexpected place");
        }
    }

    /** Reads everything below a node; {@code scope} is the block its expressions belong to. */
    void walk(ParseTree node, QueryBlock scope) {
        switch (node) {
            case QueryExpressionContext query -> readExpression(query, scope);
            case QuerySpecificationContext query -> readBlock(query, scope);
            case TableStatementContext table -> readTable(table, scope);
            case TableNameContext table -> refuseTable(table);
            case LockClauseContext lock -> {
                locking = true;
                lockClauses.add(lock);
            }
            case SelectIntoExpressionContext into -> {
                requireVariables(into);
                walkChildren(into, scope);
            }
            case CompleteRegularFunctionContext function -> {
                noteFunction(function.regularFunctionName().getText());
                walkChildren(function, scope);
            }
            case UdfFunctionContext function -> {
                noteFunction(function.functionName().getText());
                walkChildren(function, scope);
            }
            case ValuesFunctionContext _ -> {
                // VALUES(column) in ON DUPLICATE KEY UPDATE: names a column, no table.
            }
            case IdentifierContext identifier -> Names.refuseReserved(identifier);
            case TerminalNode leaf -> noteLeaf(leaf);
            default -> walkChildren(node, scope);
        }
    }

    void walkChildren(ParseTree node, QueryBlock scope) {
        for (int child = 0; child < node.getChildCount(); child++) {
            walk(node.getChild(child), scope);
        }
    }

    private void readTable(TableStatementContext table, QueryBlock scope) {
        TableUse use =
                new FromReader(this, QueryBlock.within(Optional.of(scope)))
                        .readWhole(table.tableName());
        if (InformationSchema.isNamed(use.keyspace())) {
            throw PlanRejection.notUnderstood("TABLE of information_schema; write SELECT * FROM");
        }
    }

    static boolean isForUpdate(LockClauseContext lock) {
        return lock.getText().toUpperCase(Locale.ROOT).startsWith("FORUPDATE");
    }

    private void noteLeaf(TerminalNode leaf) {
        int type = leaf.getSymbol().getType();
        if (type == MySQLStatementLexer.ASSIGNMENT_) {
            assigns = true;
            locking = true; // A user variable is set: a side effect, so not to be sent again.
        }
        if (type == MySQLStatementLexer.LBE_) {
            throw PlanRejection.notUnderstood("an ODBC escape { }");
        }
        if (type == MySQLStatementLexer.NATURAL) {
            throw PlanRejection.notUnderstood("NATURAL JOIN; name the columns with USING");
        }
    }

    private static void refuseTable(TableNameContext table) {
        for (ParserRuleContext node = table; node != null; node = node.getParent()) {
            if (node instanceof TableLockingListContext) {
                return; // FOR UPDATE OF: repeats a name of the FROM list.
            }
        }
        throw PlanRejection.notUnderstood(
                "the table " + table.getText() + " in an unexpected place");
    }

    private static void requireVariables(SelectIntoExpressionContext into) {
        if (into.variable().isEmpty()) {
            throw PlanRejection.notOffered("SELECT ... INTO OUTFILE and DUMPFILE");
        }
    }

    private void noteFunction(String written) {
        String name = written.toLowerCase(Locale.ROOT);
        if (!BUILT_IN.contains(name)) {
            throw PlanRejection.notOffered(
                    "the function "
                            + written
                            + " is not built in; a stored function could read rows of other"
                            + " shards");
        }
        usesLocks |= LOCK_FUNCTIONS.contains(name);
        locking |= usesLocks || SIDE_EFFECTS.contains(name);
    }

    private void readExpression(QueryExpressionContext query, QueryBlock scope) {
        if (query.withClause() != null) {
            readWith(query.withClause().cteClause(), scope);
        }
        ParseTree body =
                query.queryExpressionBody() == null
                        ? query.queryExpressionParens()
                        : query.queryExpressionBody();
        walk(body, scope);
        QueryBlock ordered = simple(body).orElseGet(QueryBlock::unknown);
        if (query.orderByClause() != null) {
            walk(query.orderByClause(), ordered);
        }
        if (query.limitClause() != null) {
            walk(query.limitClause(), ordered);
        }
    }

    /** The WITH queries in order; a query sees those before it (and itself, if recursive). */
    void readWith(List<CteClauseContext> queries, QueryBlock scope) {
        for (CteClauseContext query : queries) {
            tables.defineCommonTable(Names.of(query.alias()));
        }
        for (CteClauseContext query : queries) {
            int usesBefore = uses.size();
            walk(query.subquery(), scope);
            sourceUses.defined(query, uses.size() > usesBefore);
        }
    }

    private Optional<QueryBlock> simple(ParseTree body) {
        return onlyQuery(body).flatMap(this::blockOf);
    }

    /** The SELECT that a query's body is, if it is nothing else. */
    Optional<QuerySpecificationContext> onlyQuery(ParseTree body) {
        return body instanceof QueryExpressionBodyContext only
                        && only.getChildCount() == 1
                        && only.queryPrimary() != null
                ? Optional.ofNullable(only.queryPrimary().querySpecification())
                : Optional.empty();
    }

    private void readBlock(QuerySpecificationContext query, QueryBlock outer) {
        var block = QueryBlock.within(Optional.of(outer));
        blocks.put(query, block);
        var from = new FromReader(this, block);
        if (query.fromClause() != null && query.fromClause().tableReferences() != null) {
            from.read(query.fromClause().tableReferences());
        }
        if (query.whereClause() != null) {
            from.readWhere(query.whereClause());
        }
        for (int child = 0; child < query.getChildCount(); child++) {
            ParseTree part = query.getChild(child);
            if (part != query.fromClause() && part != query.whereClause()) {
                walk(part, block);
            }
        }
    }
}
