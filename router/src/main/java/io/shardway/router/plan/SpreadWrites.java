package io.shardway.router.plan;

import io.shardway.router.ErrorCode;
import io.shardway.router.schema.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.tree.TerminalNode;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementLexer;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ColumnRefContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.DeleteContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ExprContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.UpdateContext;

/**
 * Lets those writes of rows of several keys pass that do on each shard, with the shard's rows, what
 * one MySQL does with all of them. In doubt it refuses. Confined to one call of the planner.
 */
final class SpreadWrites {

    private final QueryReader reader;

    SpreadWrites(QueryReader reader) {
        this.reader = reader;
    }

    /**
     * UPDATE and DELETE of rows that no one key pins.
     *
     * @param why no key pins them
     */
    Plan change(ParserRuleContext tree, String why) {
        List<TableUse> uses = reader.uses();
        requireRowByRow(tree, why);
        requireTogether(uses, why);
        SpreadTarget target =
                uses.size() == 1
                        ? listed(tree, uses.getFirst())
                                .<SpreadTarget>map(keys ->
                                        new SpreadTarget.Listed(uses.getFirst().key().type(), keys))
                                .orElseGet(SpreadTarget.Everywhere::new)
                        : new SpreadTarget.Everywhere();
        return new Plan.SpreadWrite(target, SpreadKind.CHANGE, why, Traits.ON_TABLES);
    }

    /** Rows of one key must lie together, and none take part without a row of that key. */
    private void requireTogether(List<TableUse> uses, String why) {
        for (TableUse use : uses) {
            if (!use.isSharded() || use.schema().map(TableSchema::isView).orElse(true)) {
                throw refused(why, "other tables, such as " + use.describe());
            }
            if (!use.key().type().equals(uses.getFirst().key().type())) {
                throw new PlanRejection(
                        ErrorCode.DIFFERENT_KEYS,
                        "the shard keys of %s and %s have different types"
                                .formatted(uses.getFirst().describe(), use.describe()));
            }
        }
        boolean together =
                uses.stream()
                        .anyMatch(use ->
                                reader.graph().reachedFrom(use).containsAll(Set.copyOf(uses)));
        if (!together) {
            throw refused(why, "joins but by the shard keys");
        }
    }

    /** Nothing that depends on other rows, on their order, on the server or on the connection. */
    private void requireRowByRow(ParserRuleContext tree, String why) {
        for (Token token : reader.sql().tokens()) {
            switch (token.getType()) {
                case MySQLStatementLexer.SELECT,
                        MySQLStatementLexer.TABLE,
                        MySQLStatementLexer.WITH ->
                        throw refused(why, "subquery: read the rows first");
                case MySQLStatementLexer.LIMIT ->
                        throw refused(why, "LIMIT: each shard would count for itself");
                case MySQLStatementLexer.MATCH ->
                        throw refused(why, "MATCH: each shard weighs words by its own rows");
                case MySQLStatementLexer.ASSIGNMENT_ ->
                        throw refused(why, "user variable can be set");
                default -> {}
            }
        }
        List<TerminalNode> leaves = Names.leaves(tree);
        for (int i = 0; i < leaves.size(); i++) {
            String word = leaves.get(i).getText();
            boolean system =
                    word.startsWith("@@")
                            || (word.equals("@")
                                    && i + 1 < leaves.size()
                                    && leaves.get(i + 1).getText().startsWith("@"));
            if (system) {
                throw refused(why, "system variables: write the value");
            }
            boolean called = i + 1 < leaves.size() && leaves.get(i + 1).getText().equals("(");
            boolean function = called || word.equalsIgnoreCase("current_user");
            String name = word.replace("`", "").toLowerCase(Locale.ROOT);
            if (function && UnequalFunctions.NAMES.contains(name)) {
                throw refused(
                        why, word + ": it can have another value on each shard; write the value");
            }
        }
    }

    /** The values of {@code key IN (...)}, if that must hold for every row. */
    private Optional<List<ValueRef>> listed(ParserRuleContext tree, TableUse use) {
        Optional<ExprContext> where =
                switch (tree) {
                    case UpdateContext update ->
                            Optional.ofNullable(update.whereClause()).map(each -> each.expr());
                    case DeleteContext delete ->
                            Optional.ofNullable(delete.whereClause()).map(each -> each.expr());
                    default -> Optional.empty();
                };
        return where.stream()
                .flatMap(each -> Conditions.conjuncts(each).stream())
                .flatMap(leaves -> keysIn(leaves, use).stream())
                .findFirst();
    }

    private Optional<List<ValueRef>> keysIn(List<TerminalNode> leaves, TableUse use) {
        Optional<ColumnRefContext> column =
                Names.beginningWith(leaves.getFirst(), ColumnRefContext.class);
        int next = column.map(each -> Names.leaves(each).size()).orElse(leaves.size());
        boolean isList =
                next + 1 < leaves.size()
                        && leaves.get(next).getSymbol().getType() == MySQLStatementLexer.IN
                        && Conditions.isOneList(leaves.subList(next + 1, leaves.size()))
                        && use.isKey(Names.column(column.orElseThrow()).name());
        if (!isList) {
            return Optional.empty();
        }
        var keys = new ArrayList<ValueRef>();
        for (List<TerminalNode> value :
                Conditions.listed(leaves.subList(next + 2, leaves.size() - 1))) {
            Optional<ValueRef> key = Conditions.valueRef(reader.sql(), value);
            if (key.isEmpty()) {
                return Optional.empty();
            }
            keys.add(key.get());
        }
        return Optional.of(keys);
    }

    /**
     * INSERT and REPLACE of rows that are written out; one row stays together whatever it holds.
     *
     * @return empty if a row's place in the text is not plain, or a value hangs on more than its
     *     row
     */
    Optional<Plan> insert(InsertReader insert, ParserRuleContext tree) {
        Optional<SpreadTarget.Rows> rows = insert.spreadRows();
        if (rows.isEmpty()) {
            return Optional.empty();
        }
        String why = "its rows have several keys";
        try {
            if (rows.get().rows().size() > 1) {
                requireRowByRow(tree, why);
            }
        } catch (PlanRejection _) {
            return Optional.empty(); // Rows of one key it can write.
        }
        // Of drawn keys MySQL sees given ones only, which leave LAST_INSERT_ID() alone.
        Traits traits =
                rows.get().drawsKeys()
                        ? Traits.ON_TABLES
                        : Traits.NONE.planned(true, insert.insertId());
        return Optional.of(new Plan.SpreadWrite(rows.get(), insert.kind(), why, traits));
    }

    /** What only the text's tokens tell. */
    static Plan withTraits(Plan.SpreadWrite write, Traits traits) {
        boolean ofConnection =
                traits.lastInsertId()
                        || traits.sessionFunctions()
                        || !traits.assignedVariables().isEmpty();
        if (ofConnection && write.target() instanceof SpreadTarget.Rows rows && !rows.drawsKeys()) {
            List<ValueRef> keys = rows.rows().stream().flatMap(row -> row.key().stream()).toList();
            var pin = new Pin(rows.type(), Pin.Use.STORED, keys);
            return new Plan.Keyed(pin, Access.WRITE, traits.plannedAs(write.traits()));
        }
        if (ofConnection) {
            return refused(
                            write.why(),
                            "value or variable of the connection can be used; write the value")
                    .plan();
        }
        return new Plan.SpreadWrite(
                write.target(), write.kind(), write.why(), traits.plannedAs(write.traits()));
    }

    private static PlanRejection refused(String why, String detail) {
        return new PlanRejection(
                ErrorCode.CROSS_SHARD_WRITE, why + "; on several shards no " + detail);
    }
}
