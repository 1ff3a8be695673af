package io.shardway.router.plan;

import io.shardway.router.ErrorCode;
import io.shardway.router.schema.ColumnSchema;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementLexer;

/**
 * Plans UPDATE and DELETE that shards cannot do each with its own rows: MySQL does them on copies
 * of the rows, on one node, and what came of it is stored by the rows' owners. Confined to one call
 * of the planner.
 */
final class AssembledChanges {

    private final WriteReader write;
    private final QueryReader reader;
    private final Map<TableUse, List<String>> written = new IdentityHashMap<>();

    private AssembledChanges(WriteReader write, QueryReader reader) {
        this.write = write;
        this.reader = reader;
        write.written().forEach(use -> written.put(use, write.assigned(use)));
    }

    /**
     * @param cheaper plans it without moving rows, or refuses that
     */
    static Plan plan(WriteReader write, QueryReader reader, Supplier<Plan> cheaper) {
        PlanRejection apart;
        try {
            if (write.changedKey().isEmpty()) {
                Plan routed = cheaper.get();
                return routed instanceof Plan.Keyed one && one.pin().values().size() > 1
                        ? severalKeys(write, reader, one)
                        : routed;
            }
            apart =
                    new PlanRejection(
                            ErrorCode.SHARD_KEY_CHANGED, "column " + write.changedKey().get());
        } catch (PlanRejection refused) {
            apart = refused;
        }
        boolean several =
                switch (((Plan.Rejected) apart.plan()).code()) {
                    case CROSS_SHARD_WRITE, DIFFERENT_KEYS, SHARD_KEY_CHANGED -> true;
                    default -> false;
                };
        if (!several) {
            throw apart;
        }
        try {
            return new AssembledChanges(write, reader).plan(apart, Optional.empty());
        } catch (PlanRejection refused) {
            Plan.Rejected reason = (Plan.Rejected) refused.plan();
            throw reason.code() == ErrorCode.CROSS_SHARD_READ
                    ? new PlanRejection(ErrorCode.CROSS_SHARD_WRITE, reason.detail())
                    : refused;
        }
    }

    /** Its values may turn out to be several keys. */
    private static Plan severalKeys(WriteReader write, QueryReader reader, Plan.Keyed one) {
        var apart = new PlanRejection(ErrorCode.DIFFERENT_KEYS, "its values can be several keys");
        try {
            return new AssembledChanges(write, reader).plan(apart, Optional.of(one));
        } catch (PlanRejection _) {
            return one;
        }
    }

    private Plan plan(PlanRejection apart, Optional<Plan.Keyed> together) {
        reader.requireEverySelectRead();
        requireReadable();
        for (TableUse use : write.written()) {
            if (!use.isSharded() && use.origin() != TableUse.Origin.SINGLE) {
                throw apart;
            }
            if (use.isSharded() && use.keyIsAutoIncrement() && assigns(use, use.key().column())) {
                throw apart; // The proxies draw these keys.
            }
            requireStored(use);
        }
        String why = ((Plan.Rejected) apart.plan()).detail();
        Plan.Assemble read = AssemblyReader.plan(reader, why);
        var changed = new ArrayList<ChangedTable>();
        var tables = new ArrayList<AssembledTable>();
        for (AssembledTable table : read.tables()) {
            Optional<TableUse> target = target(table);
            target.ifPresent(use -> changed.add(changed(use)));
            tables.add(target.map(use -> locked(table, use)).orElse(table));
        }
        return new Plan.Change(
                new Plan.Assemble(
                        tables, why, read.traits(), Optional.empty(), Optional.empty(), List.of()),
                changed,
                ignores(),
                together,
                read.traits());
    }

    private boolean assigns(TableUse use, String column) {
        return written.get(use).stream().anyMatch(column::equalsIgnoreCase);
    }

    /** What MySQL makes of other columns is made where the row is. */
    private void requireStored(TableUse use) {
        for (ColumnSchema column : use.schema().orElseThrow().columns()) {
            if (column.generated() && assigns(use, column.name())) {
                throw refused("the generated column " + column.name() + " set");
            }
        }
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
                written.keySet().stream()
                        .flatMap(use ->
                                Stream.concat(
                                        Stream.of(use.schema().orElseThrow().name()),
                                        use.schema().get().columns().stream()
                                                .map(ColumnSchema::name)))
                        .allMatch(name -> name.chars().allMatch(each -> each < 0x80));
        if (!text.isUtf8() && !ascii) {
            throw refused("names outside ASCII; use utf8mb4");
        }
    }

    /** The use by which a table is written; MySQL has no more than one of it open for writing. */
    private Optional<TableUse> target(AssembledTable table) {
        List<TableUse> targets =
                written.keySet().stream()
                        .filter(use ->
                                use.keyspace().equals(table.keyspace())
                                        && use.schema().orElseThrow().equals(table.schema()))
                        .toList();
        if (targets.size() > 1) {
            throw refused("table " + table.schema().name() + " written by two names");
        }
        return targets.stream().findFirst();
    }

    private ChangedTable changed(TableUse use) {
        return new ChangedTable(
                use.keyspace(),
                use.schema().orElseThrow(),
                use.isSharded() ? Optional.of(use.key()) : Optional.empty(),
                written.get(use));
    }

    /** With all columns; the use that is written is the one that is no copy. */
    private AssembledTable locked(AssembledTable table, TableUse target) {
        AssembledTable.Use place = reader.sourceUses().placeOf(target);
        var uses = new ArrayList<AssembledTable.Use>();
        uses.add(place);
        table.uses().stream().filter(use -> !use.equals(place)).forEach(uses::add);
        if (uses.stream().anyMatch(use -> use.naming() == AssembledTable.Use.Naming.FIXED)) {
            throw refused("TABLE " + table.schema().name() + "; write SELECT * FROM");
        }
        Optional<Top> top =
                reader.uses().size() == 1 ? TopReader.ofWrite(reader, write) : Optional.empty();
        boolean moves = target.isSharded() && assigns(target, target.key().column());
        return new AssembledTable(
                table.keyspace(),
                table.schema(),
                table.schema().columns().stream()
                        .map(column -> column.name().toLowerCase(Locale.ROOT))
                        .collect(Collectors.toSet()),
                uses,
                table.conditions(),
                !written.get(target).isEmpty() || table.tellsJsonTypes(),
                top,
                // A row that it meets where it goes may be of any key.
                moves && ignores() ? Optional.empty() : table.keys(),
                "FOR UPDATE");
    }

    private boolean ignores() {
        return reader.sql().tokens().stream()
                .anyMatch(token -> token.getType() == MySQLStatementLexer.IGNORE);
    }

    private static PlanRejection refused(String what) {
        return new PlanRejection(
                ErrorCode.CROSS_SHARD_WRITE,
                "UPDATE and DELETE over several shards take no " + what);
    }

    /** What only the text's tokens tell. */
    static Plan withTraits(Plan.Change plan, Traits traits) {
        boolean ofConnection =
                traits.lastInsertId()
                        || traits.sessionFunctions()
                        || !traits.assignedVariables().isEmpty();
        Optional<Plan.Keyed> together =
                plan.together()
                        .map(one ->
                                new Plan.Keyed(
                                        one.pin(), one.access(), traits.plannedAs(one.traits())));
        if (ofConnection && together.isPresent()) {
            return together.get();
        }
        if (ofConnection) {
            return refused("value or variable of the connection; write the value").plan();
        }
        return new Plan.Change(
                (Plan.Assemble) StatementPlanner.withTraits(plan.read(), traits),
                plan.tables(),
                plan.ignores(),
                together,
                traits.plannedAs(plan.traits()));
    }
}
