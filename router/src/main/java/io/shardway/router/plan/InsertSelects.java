package io.shardway.router.plan;

import io.shardway.router.ErrorCode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.tree.TerminalNode;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ColumnRefContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.InsertIdentifierContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.OnDuplicateKeyClauseContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ValuesFunctionContext;

/**
 * Plans INSERT and REPLACE ... SELECT that no one shard can do: the SELECT is assembled, its rows
 * are stored by their owners. Confined to one call of the planner.
 */
final class InsertSelects {

    /** Beside functions, which may differ, too. */
    private static final Set<String> NOT_OF_ROW =
            Set.of("?", "match", "select", "table", "with", ":=");

    private final InsertReader insert;
    private final QueryReader reader;
    private final TableUse target;

    private InsertSelects(InsertReader insert, QueryReader reader) {
        this.insert = insert;
        this.reader = reader;
        this.target = insert.target();
    }

    /**
     * Into a sharded table.
     *
     * @param keyed plans it for one key, or refuses that
     */
    static Plan plan(InsertReader insert, QueryReader reader, Supplier<Plan> keyed) {
        if (insert.select().isEmpty()) {
            return keyed.get();
        }
        var several = new InsertSelects(insert, reader);
        Plan together;
        try {
            together = keyed.get();
        } catch (PlanRejection apart) {
            return several.plan((Plan.Rejected) apart.plan());
        }
        boolean one =
                switch (together) {
                    case Plan.Keyed keys -> keys.pin().values().size() < 2;
                    case Plan.KeyedInsert(var key, _) ->
                            key.source() instanceof KeySource.Given(var pin, _, _)
                                    && pin.values().size() < 2;
                    default -> true;
                };
        if (one) {
            return together;
        }
        try {
            return several.plan(
                    "its values can be several keys",
                    together instanceof Plan.Keyed keys ? Optional.of(keys) : Optional.empty());
        } catch (PlanRejection _) {
            return together;
        }
    }

    /** Into a table of the default shard, from sharded ones. */
    static Plan intoSingle(InsertReader insert, QueryReader reader) {
        return new InsertSelects(insert, reader).plan("it reads sharded tables", Optional.empty());
    }

    private Plan plan(Plan.Rejected apart) {
        return switch (apart.code()) {
            case CROSS_SHARD_WRITE, DIFFERENT_KEYS -> plan(apart.detail(), Optional.empty());
            case KEY_NOT_EXACT -> plan("its rows can have several keys", Optional.empty());
            case SEVERAL_DRAWN_KEYS -> plan("keys are drawn for its rows", Optional.empty());
            default -> apart;
        };
    }

    private Plan plan(String why, Optional<Plan.Keyed> together) {
        reader.requireEverySelectRead();
        requireReadable();
        reader.tables().requireFixedColumns(target);
        InsertReader.SelectedRows rows = insert.select().orElseThrow();
        List<String> columns = columns(rows);
        OptionalInt onDuplicate = OptionalInt.empty();
        if (rows.onDuplicate().isPresent()) {
            requireOfRow(rows.onDuplicate().get());
            TerminalNode first = Names.leaves(rows.onDuplicate().get()).getFirst();
            onDuplicate = OptionalInt.of(reader.sql().tokenOf(first));
        }
        List<TerminalNode> name = Names.leaves(rows.table());
        int first = reader.sql().tokenOf(name.getFirst());
        int last = reader.sql().tokenOf(name.getLast());
        Plan.Assemble read = AssemblyReader.plan(reader, why);
        if (read.tables().stream().anyMatch(table -> !table.lock().isEmpty())) {
            throw refused("locking clauses: what it reads is locked anyway");
        }
        InsertId insertId = drawsKey() ? InsertId.KEPT : insert.insertId();
        Traits traits = Traits.NONE.planned(true, insertId).reading(ReferenceReads.tables(reader));
        return new Plan.InsertSelect(
                read,
                new InsertTarget(
                        target.keyspace(),
                        target.schema().orElseThrow(),
                        target.isSharded() ? Optional.of(target.key()) : Optional.empty(),
                        drawsKey() ? Optional.of(target.drawnColumn()) : target.drawnId(),
                        first,
                        last - first + 1,
                        columns,
                        onDuplicate),
                insert.kind(),
                together,
                traits);
    }

    private void requireReadable() {
        ParserText text = reader.sql().text();
        if (!reader.mayRunElsewhere()) {
            throw refused("GET_LOCK and its like or := in it");
        }
        if (text.hasExecutable()) {
            throw refused("comments with code in it");
        }
        boolean ascii =
                target.schema().orElseThrow().columns().stream()
                        .allMatch(column -> column.name().chars().allMatch(each -> each < 0x80));
        if (!text.isUtf8() && !ascii) {
            throw refused("column names outside ASCII; use utf8mb4");
        }
    }

    /** In the order of the rows' values. */
    private List<String> columns(InsertReader.SelectedRows rows) {
        if (rows.ignores() && rows.onDuplicate().isPresent()) {
            throw refused("IGNORE together with ON DUPLICATE KEY UPDATE");
        }
        if (rows.fields().isEmpty()) {
            return List.of();
        }
        var columns = new ArrayList<String>();
        for (InsertIdentifierContext each : rows.fields().get().insertIdentifier()) {
            if (each.columnRef() == null) {
                throw PlanRejection.notUnderstood("the column list");
            }
            Names.Column column = Names.column(each.columnRef());
            if (!column.table().isEmpty()) {
                throw refused("qualified names in the column list");
            }
            columns.add(column.name());
        }
        long keys = columns.stream().filter(target::isKey).count();
        if (target.isSharded() && keys != 1 && !(drawsKey() && keys == 0)) {
            throw new PlanRejection(
                    ErrorCode.KEY_NOT_EXACT,
                    "name column " + target.key().column() + " once in the column list");
        }
        return columns;
    }

    private boolean drawsKey() {
        return target.isSharded() && target.keyIsAutoIncrement();
    }

    /** Each shard must do the same with a row as one MySQL would. */
    private void requireOfRow(OnDuplicateKeyClauseContext clause) {
        List<TerminalNode> leaves = Names.leaves(clause);
        for (int at = 0; at < leaves.size(); at++) {
            String word = leaves.get(at).getText().replace("`", "").toLowerCase(Locale.ROOT);
            boolean called = at + 1 < leaves.size() && leaves.get(at + 1).getText().equals("(");
            boolean unequal =
                    (called || word.equals("current_user"))
                            && UnequalFunctions.NAMES.contains(word);
            if (unequal || word.startsWith("@") || NOT_OF_ROW.contains(word)) {
                throw refused(word + " behind ON DUPLICATE KEY UPDATE");
            }
        }
        Set<ColumnRefContext> written = new HashSet<>();
        clause.assignment().forEach(each -> written.add(each.columnRef()));
        for (TerminalNode leaf : leaves) {
            Optional<ColumnRefContext> column = Names.beginningWith(leaf, ColumnRefContext.class);
            if (column.isPresent() && !isOfRow(column.get())) {
                requireOwn(column.get(), written.contains(column.get()));
            }
        }
    }

    /** VALUES(column). */
    private static boolean isOfRow(ColumnRefContext column) {
        for (ParserRuleContext node = column; node != null; node = node.getParent()) {
            if (node instanceof ValuesFunctionContext) {
                return true;
            }
        }
        return false;
    }

    /** Columns of the SELECT's tables are not there where the row is. */
    private void requireOwn(ColumnRefContext column, boolean written) {
        Names.Column named = Names.column(column);
        boolean own =
                named.table().isEmpty()
                        ? written
                                || reader.uses().stream()
                                        .noneMatch(use -> use.mayHaveColumn(named.name()))
                        : named.table().equals(target.schema().orElseThrow().name());
        if (!own) {
            throw refused(
                    "columns of its SELECT behind ON DUPLICATE KEY UPDATE, such as "
                            + column.getText()
                            + "; write VALUES("
                            + named.name()
                            + "), or qualify it with the table that is written");
        }
    }

    private static PlanRejection refused(String what) {
        return new PlanRejection(
                ErrorCode.CROSS_SHARD_WRITE,
                "INSERT ... SELECT over several shards takes no " + what);
    }

    /** What only the text's tokens tell. */
    static Plan withTraits(Plan.InsertSelect plan, Traits traits) {
        Traits own = traits.plannedAs(plan.traits());
        boolean ofConnection =
                traits.lastInsertId()
                        || traits.sessionFunctions()
                        || !traits.assignedVariables().isEmpty();
        Optional<Plan.Keyed> together =
                plan.together()
                        .map(one ->
                                new Plan.Keyed(
                                        one.pin(), one.access(), traits.plannedAs(one.traits())));
        if (ofConnection) {
            return together.<Plan>map(one -> one)
                    .orElseGet(() ->
                            refused("value or variable of the connection; write the value").plan());
        }
        return new Plan.InsertSelect(
                (Plan.Assemble) StatementPlanner.withTraits(plan.read(), traits),
                plan.target(),
                plan.kind(),
                together,
                own);
    }
}
