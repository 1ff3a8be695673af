package io.shardway.router.plan;

import io.shardway.router.ErrorCode;
import java.util.List;
import java.util.Locale;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.tree.ParseTree;
import org.antlr.v4.runtime.tree.TerminalNode;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementLexer;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.TableNameContext;

/**
 * Lets those writes of a reference table pass that make equal copies equal again: one table, no
 * other rows read, nothing that depends on the order of rows, on the server or on the connection.
 * In doubt it refuses. Confined to one call of the planner.
 */
final class ReferenceWrites {

    private final QueryReader reader;

    ReferenceWrites(QueryReader reader) {
        this.reader = reader;
    }

    /** INSERT and REPLACE of rows that are written out. */
    Plan insert(TableUse target, InsertId insertId, ParserRuleContext tree) {
        if (insertId == InsertId.DRAWN) {
            throw refused("the AUTO_INCREMENT column must be given a value: each shard would draw");
        }
        if (!reader.uses().isEmpty()) {
            throw refused("it reads another table");
        }
        requireEqual(tree);
        return plan(target, insertId);
    }

    /** UPDATE and DELETE. */
    Plan change(ParserRuleContext tree) {
        if (reader.uses().size() != 1) {
            throw refused("it names more than one table");
        }
        for (Token token : reader.sql().tokens()) {
            if (token.getType() == MySQLStatementLexer.IGNORE) {
                throw refused("IGNORE: which rows it skips can depend on their order");
            }
        }
        requireEqual(tree);
        return plan(reader.uses().getFirst(), InsertId.KEPT);
    }

    private static Plan plan(TableUse table, InsertId insertId) {
        return new Plan.WriteReference(table.referenceTable(), Traits.NONE.planned(true, insertId));
    }

    /** What only the text's tokens tell. */
    static Plan withTraits(Plan.WriteReference write, Traits traits) {
        if (traits.readsVariables() || !traits.assignedVariables().isEmpty()) {
            return refused("variables; write the value").plan();
        }
        if (traits.lastInsertId() || traits.sessionFunctions()) {
            return refused("it asks for something of the connection; write the value").plan();
        }
        return new Plan.WriteReference(write.table(), traits.plannedAs(write.traits()));
    }

    private void requireEqual(ParserRuleContext tree) {
        reader.requireEverySelectRead();
        for (Token token : reader.sql().tokens()) {
            switch (token.getType()) {
                case MySQLStatementLexer.SELECT,
                        MySQLStatementLexer.TABLE,
                        MySQLStatementLexer.WITH ->
                        throw refused("a subquery; read the rows first");
                case MySQLStatementLexer.LIMIT ->
                        throw refused("LIMIT: which rows it means can depend on their order");
                default -> {}
            }
        }
        List<TerminalNode> leaves = Names.leaves(tree);
        for (int i = 0; i < leaves.size(); i++) {
            String word = leaves.get(i).getText();
            if (word.startsWith("@")) {
                throw refused("variables; write the value");
            }
            boolean called = i + 1 < leaves.size() && leaves.get(i + 1).getText().equals("(");
            boolean function = called || word.equalsIgnoreCase("current_user");
            String name = word.replace("`", "").toLowerCase(Locale.ROOT);
            if (function && UnequalFunctions.NAMES.contains(name) && !isTable(leaves.get(i))) {
                throw refused(word + " can have another value on each shard; write the value");
            }
        }
    }

    private static boolean isTable(TerminalNode leaf) {
        for (ParseTree node = leaf; node != null; node = node.getParent()) {
            if (node instanceof TableNameContext) {
                return true;
            }
        }
        return false;
    }

    private static PlanRejection refused(String why) {
        return new PlanRejection(ErrorCode.REFERENCE_WRITE, why);
    }
}
