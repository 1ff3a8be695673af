package io.shardway.router.plan;

import io.shardway.router.ErrorCode;
import io.shardway.router.schema.KeyspaceSchema;
import io.shardway.router.topology.DefinitionChange;
import java.util.List;
import java.util.Optional;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.tree.TerminalNode;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementLexer;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.CreateTableContext;

/**
 * Plans CREATE TABLE ... SELECT that reads or makes a table of several shards. What the new table
 * is like, MySQL tells; the rules for tables are asked then. Stateless.
 */
final class CreateSelects {

    private CreateSelects() {}

    /**
     * @param reader which has read the SELECT
     */
    static Plan plan(
            CreateTableContext create,
            TableDefinition definition,
            KeyspaceSchema schema,
            QueryReader reader) {
        if (definition.directives().isReference()) {
            throw PlanRejection.notOffered(
                    "CREATE TABLE ... SELECT of a reference table: make it first and fill it with"
                            + " INSERT");
        }
        definition.options().requireInnoDb();
        for (Token token : reader.sql().tokens()) {
            switch (token.getType()) {
                case MySQLStatementLexer.REFERENCES, MySQLStatementLexer.PARTITION ->
                        throw PlanRejection.notOffered(
                                token.getText().toUpperCase(java.util.Locale.ROOT)
                                        + " in CREATE TABLE ... SELECT");
                default -> {}
            }
        }
        requireReadable(reader);
        Plan.Assemble read = AssemblyReader.plan(reader, "its rows can have several keys");
        if (read.isLocking()) {
            throw PlanRejection.notOffered("locking clauses in CREATE TABLE ... SELECT");
        }
        List<TerminalNode> name = Names.leaves(create.tableName());
        int first = reader.sql().tokenOf(name.getFirst());
        int last = reader.sql().tokenOf(name.getLast());
        String table = Names.table(create.tableName()).name();
        var change =
                new DefinitionChange(
                        List.of(table),
                        Optional.empty(),
                        List.of(),
                        List.of(),
                        true,
                        List.of(),
                        "");
        return new Plan.DefineTable(
                new Definition(
                        Definition.Verb.CREATE_TABLE,
                        schema.keyspace(),
                        Definition.Place.EVERY_SHARD,
                        "",
                        change),
                Optional.of(
                        new CreateSelect(read, schema.keyspace(), table, first, last - first + 1)));
    }

    private static void requireReadable(QueryReader reader) {
        if (!reader.mayRunElsewhere()) {
            throw PlanRejection.notOffered(
                    "GET_LOCK and its like or := in CREATE TABLE ... SELECT");
        }
        if (reader.sql().text().hasExecutable() || !reader.sql().text().isUtf8()) {
            throw PlanRejection.notOffered(
                    "CREATE TABLE ... SELECT with comments with code, or without utf8mb4");
        }
    }

    /** What only the text's tokens tell. */
    static Plan withTraits(Plan.DefineTable plan, Traits traits) {
        if (plan.select().isEmpty()) {
            return plan;
        }
        if (traits.lastInsertId()
                || traits.sessionFunctions()
                || !traits.assignedVariables().isEmpty()) {
            return new Plan.Rejected(
                    ErrorCode.NOT_OFFERED,
                    "a value or variable of the connection in CREATE TABLE ... SELECT; write the"
                            + " value");
        }
        CreateSelect select = plan.select().get();
        return new Plan.DefineTable(
                plan.definition(),
                Optional.of(
                        new CreateSelect(
                                (Plan.Assemble) StatementPlanner.withTraits(select.read(), traits),
                                select.keyspace(),
                                select.table(),
                                select.token(),
                                select.tokens())));
    }
}
