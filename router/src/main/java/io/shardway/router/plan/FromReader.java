package io.shardway.router.plan;

import static io.shardway.router.plan.AssembledTable.Use.Naming.ALIASED;
import static io.shardway.router.plan.AssembledTable.Use.Naming.FIXED;
import static io.shardway.router.plan.AssembledTable.Use.Naming.PLAIN;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.AliasContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ColumnNameContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ExprContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.JoinedTableContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.TableFactorContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.TableNameContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.TableReferenceContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.TableReferencesContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.WhereClauseContext;

/**
 * Reads the FROM list of one block and the conditions on it.
 *
 * <p>What pins: WHERE and the ON of an inner join keep rows out of all tables they see. The ON of
 * an outer join keeps rows out of the null-supplied side only: it pins that side, and carries a pin
 * towards it. Nothing is carried from a null-supplied table to one that is not. Confined to one
 * call of the planner.
 */
final class FromReader {

    /** A condition to be read when all tables of the block are known. */
    private record Pending(ExprContext condition, Conditions.Place place) {}

    private record Pair(TableUse left, TableUse right) {}

    private final QueryReader reader;
    private final QueryBlock block;
    private final List<Pending> pending = new ArrayList<>();

    FromReader(QueryReader reader, QueryBlock block) {
        this.reader = reader;
        this.block = block;
    }

    void read(TableReferencesContext list) {
        tables(list);
        for (Pending each : pending) {
            reader.conditions().read(each.condition(), each.place());
            reader.walk(each.condition(), block);
        }
    }

    void readWhere(WhereClauseContext where) {
        reader.conditions().read(where.expr(), innerPlace(block.uses()));
        reader.pushed().note(where.expr(), block);
        reader.walk(where.expr(), block);
    }

    TableUse readTable(TableNameContext table, Optional<AliasContext> alias) {
        reader.walkChildren(table, block);
        alias.ifPresent(name -> reader.walk(name, block));
        Names.Table name = Names.table(table);
        TableUse use = reader.tables().use(name, alias.map(Names::of));
        if (use.origin() == TableUse.Origin.SYSTEM && InformationSchema.isNamed(use.keyspace())) {
            reader.tables().schemaReader().add(reader.sql(), table, name.name(), alias.isPresent());
        }
        reader.sourceUses().note(use, table, alias.isPresent() ? ALIASED : PLAIN);
        return reader.addUse(block, use);
    }

    /** TABLE t. */
    TableUse readWhole(TableNameContext table) {
        reader.walkChildren(table, block);
        TableUse use = reader.tables().use(Names.table(table), Optional.empty());
        reader.sourceUses().note(use, table, FIXED);
        return reader.addUse(block, use);
    }

    private List<TableUse> tables(TableReferencesContext list) {
        var result = new ArrayList<TableUse>();
        for (TableReferenceContext reference : list.tableReference()) {
            result.addAll(reference(reference));
        }
        return result;
    }

    private List<TableUse> reference(TableReferenceContext reference) {
        if (reference.tableFactor() == null) {
            throw PlanRejection.notUnderstood("an ODBC escape { OJ }");
        }
        List<TableUse> left = new ArrayList<>(factor(reference.tableFactor()));
        for (JoinedTableContext joined : reference.joinedTable()) {
            join(left, joined);
        }
        return left;
    }

    private List<TableUse> factor(TableFactorContext factor) {
        if (factor.tableReferences() != null) {
            return tables(factor.tableReferences());
        }
        if (factor.expr() != null) {
            throw PlanRejection.notUnderstood(
                    "a table in parentheses or a table function in the FROM list");
        }
        if (factor.tableName() != null) {
            if (factor.partitionNames() != null) {
                reader.walk(factor.partitionNames(), block);
            }
            return List.of(readTable(factor.tableName(), Optional.ofNullable(factor.alias())));
        }
        if (factor.subquery() == null || factor.alias() == null) {
            throw PlanRejection.notUnderstood("the table " + factor.getText());
        }
        boolean lateral = factor.LATERAL() != null;
        QueryBlock scope = lateral ? block : block.outer().orElseGet(QueryBlock::unknown);
        reader.walk(factor.subquery(), scope);
        reader.walk(factor.alias(), block);
        return List.of(reader.addUse(block, TableUse.derived(Names.of(factor.alias()))));
    }

    private void join(List<TableUse> left, JoinedTableContext joined) {
        if (joined.naturalJoinType() != null || joined.tableReference() == null) {
            throw PlanRejection.notUnderstood("NATURAL JOIN; name the columns with USING");
        }
        List<TableUse> right = reference(joined.tableReference());
        if (joined.outerJoinType() == null) {
            var both = union(left, right);
            condition(joined, innerPlace(both));
            using(joined, left, right, innerCarry());
        } else if (joined.outerJoinType().RIGHT() == null) {
            block.addNullSupplied(identitySet(right));
            condition(joined, outerPlace(union(left, right), right));
            using(joined, left, right, (from, _) -> left.contains(from));
        } else {
            block.joinRight();
            block.addNullSupplied(identitySet(left));
            condition(joined, outerPlace(union(left, right), left));
            using(joined, left, right, (from, _) -> right.contains(from));
        }
        left.addAll(right);
    }

    private void condition(JoinedTableContext joined, Conditions.Place place) {
        if (joined.joinSpecification() != null && joined.joinSpecification().expr() != null) {
            pending.add(new Pending(joined.joinSpecification().expr(), place));
        }
    }

    /** USING (key): only where it is certain which two columns it means. */
    private void using(
            JoinedTableContext joined,
            List<TableUse> left,
            List<TableUse> right,
            BiPredicate<TableUse, TableUse> carries) {
        if (joined.joinSpecification() == null || joined.joinSpecification().USING() == null) {
            return;
        }
        for (ColumnNameContext each : joined.joinSpecification().columnNames().columnName()) {
            String column = Names.of(each);
            Optional<Pair> pair = pair(column, left, right);
            block.joinUsing(column);
            if (pair.isEmpty()) {
                continue;
            }
            TableUse one = pair.get().left();
            TableUse two = pair.get().right();
            if (one.isKey(column) && two.isKey(column)) {
                carry(one, two, carries);
                carry(two, one, carries);
            }
        }
    }

    private Optional<Pair> pair(String column, List<TableUse> left, List<TableUse> right) {
        var name = new Names.Column("", "", column);
        Optional<TableUse> one = block.resolve(name, left);
        Optional<TableUse> two = block.resolve(name, right);
        boolean certain =
                one.isPresent()
                        && two.isPresent()
                        && left.contains(one.get())
                        && right.contains(two.get());
        return certain ? Optional.of(new Pair(one.get(), two.get())) : Optional.empty();
    }

    private void carry(TableUse from, TableUse to, BiPredicate<TableUse, TableUse> carries) {
        if (carries.test(from, to)) {
            reader.graph().carry(from, to);
        }
    }

    private Conditions.Place innerPlace(List<TableUse> visible) {
        return new Conditions.Place(block, visible, identitySet(visible), innerCarry());
    }

    /**
     * Asked when all tables are known: a later RIGHT JOIN can make earlier tables null-supplied.
     */
    private BiPredicate<TableUse, TableUse> innerCarry() {
        return (from, to) -> !block.isNullSupplied(from) || block.isNullSupplied(to);
    }

    private Conditions.Place outerPlace(List<TableUse> visible, List<TableUse> supplied) {
        return new Conditions.Place(block, visible, identitySet(supplied), (_, _) -> true);
    }

    private static List<TableUse> union(List<TableUse> left, List<TableUse> right) {
        var result = new ArrayList<>(left);
        result.addAll(right);
        return result;
    }

    private static Set<TableUse> identitySet(List<TableUse> uses) {
        Set<TableUse> result = Collections.newSetFromMap(new IdentityHashMap<>());
        result.addAll(uses);
        return result;
    }
}
