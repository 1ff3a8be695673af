package io.shardway.router.plan;

import java.util.List;
import java.util.Optional;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.tree.TerminalNode;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.AssignmentValuesContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.FieldsContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.InsertValuesClauseContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ReplaceValuesClauseContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.RowConstructorListContext;
import org.jspecify.annotations.Nullable;

/**
 * Column list and rows of an INSERT or REPLACE with VALUES. Confined to one call of the planner.
 *
 * @param tree all of it
 * @param fields null for no list, or an empty one
 * @param listEnd the parenthesis that ends the column list
 * @param word VALUES or VALUE
 */
record ValuesClause(
        ParserRuleContext tree,
        @Nullable FieldsContext fields,
        Optional<TerminalNode> listEnd,
        TerminalNode word,
        List<AssignmentValuesContext> rows,
        boolean columnAliases) {

    static ValuesClause of(InsertValuesClauseContext clause) {
        return new ValuesClause(
                clause,
                clause.fields(),
                Optional.ofNullable(clause.RP_()),
                clause.VALUES() == null ? clause.VALUE() : clause.VALUES(),
                rows(clause.assignmentValues(), clause.rowConstructorList()),
                clause.valueReference() != null
                        && clause.valueReference().derivedColumns() != null);
    }

    static ValuesClause of(ReplaceValuesClauseContext clause) {
        return new ValuesClause(
                clause,
                clause.fields(),
                Optional.ofNullable(clause.RP_()),
                clause.VALUES() == null ? clause.VALUE() : clause.VALUES(),
                rows(clause.assignmentValues(), clause.rowConstructorList()),
                clause.valueReference() != null
                        && clause.valueReference().derivedColumns() != null);
    }

    private static List<AssignmentValuesContext> rows(
            List<AssignmentValuesContext> lists, @Nullable RowConstructorListContext constructors) {
        return constructors == null ? lists : constructors.assignmentValues();
    }
}
