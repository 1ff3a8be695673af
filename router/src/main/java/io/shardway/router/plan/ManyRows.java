package io.shardway.router.plan;

import io.shardway.router.ErrorCode;
import io.shardway.router.sql.SqlDialect;
import io.shardway.router.sql.ValueRows;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;

/**
 * Plans an INSERT or REPLACE of many rows of plain values by its first two rows: what the parser
 * makes of a row takes a hundred times its bytes. The other rows are of the same shape, and only
 * where their values stand differs. Stateless; thread-safe.
 */
public final class ManyRows {

    /** With fewer the parser reads all of them. */
    static final int ROWS_MIN = 16;

    private static final int PLANNED = 2;

    private ManyRows() {}

    /**
     * The plan of text[from,to), a well-formed statement.
     *
     * @param planner of the shortened text
     * @return empty if the parser must read all of it
     */
    public static Optional<Planned> plan(
            byte[] text, int from, int to, SqlDialect dialect, Function<byte[], Planned> planner) {
        Optional<ValueRows> rows =
                ValueRows.of(text, from, to, dialect).filter(each -> each.count() >= ROWS_MIN);
        if (rows.isEmpty()) {
            return Optional.empty();
        }
        Planned shortened = planner.apply(rows.get().withFirst(PLANNED));
        return plan(shortened.plan(), rows.get()).map(plan -> new Planned(plan, shortened.needs()));
    }

    private static Optional<Plan> plan(Plan shortened, ValueRows rows) {
        return switch (shortened) {
            case Plan.SpreadWrite write when write.target() instanceof SpreadTarget.Rows target ->
                    target(target, rows)
                            .map(all ->
                                    new Plan.SpreadWrite(
                                            all, write.kind(), write.why(), write.traits()));
            case Plan.Keyed(var pin, var access, var traits, var otherwise)
                    when otherwise.isEmpty() ->
                    pin(pin, rows).map(all -> new Plan.Keyed(all, access, traits, otherwise));
            case Plan.OnDefaultShard plan -> Optional.of(plan);
            case Plan.WriteReference plan -> Optional.of(plan);
            case Plan.Plain plan -> Optional.of(plan);
            case Plan.Rejected plan when plan.code() != ErrorCode.NOT_UNDERSTOOD ->
                    Optional.of(plan);
            default -> Optional.empty();
        };
    }

    private static Optional<SpreadTarget.Rows> target(SpreadTarget.Rows planned, ValueRows rows) {
        if (planned.rows().size() != PLANNED || !stand(planned.rows(), rows)) {
            return Optional.empty();
        }
        if (planned.drawsIds()) {
            return Optional.empty();
        }
        return planned.drawsKeys() ? drawn(planned, rows) : given(planned, rows);
    }

    private static Optional<SpreadTarget.Rows> given(SpreadTarget.Rows planned, ValueRows rows) {
        List<ValueRef> keys = planned.rows().stream().flatMap(row -> row.key().stream()).toList();
        OptionalInt key = position(keys, rows);
        Optional<DrawnPlaces> ids = planned.drawn().flatMap(drawn -> DrawnPlaces.of(drawn, rows));
        if (key.isEmpty() || ids.isPresent() != planned.drawn().isPresent()) {
            return Optional.empty();
        }
        var all = new ArrayList<SpreadTarget.Row>(rows.count());
        for (int row = 0; row < rows.count(); row++) {
            Optional<ValueRef> keyRef = ref(rows.value(row, key.getAsInt()));
            int id = ids.isPresent() ? ids.get().value(row) : ValueRows.NONE;
            if (keyRef.isEmpty() || id == ValueRows.OTHER) {
                return Optional.empty();
            }
            all.add(row(rows, row, keyRef, ref(id)));
        }
        return Optional.of(
                new SpreadTarget.Rows(planned.type(), all, false, ids.map(DrawnPlaces::ofAllRows)));
    }

    /** The key is AUTO_INCREMENT: rows give it, ask for it at its place, or leave it out. */
    private static Optional<SpreadTarget.Rows> drawn(SpreadTarget.Rows planned, ValueRows rows) {
        Optional<DrawnPlaces> places = DrawnPlaces.of(planned.drawn().orElseThrow(), rows);
        if (places.isEmpty()) {
            return Optional.empty();
        }
        var all = new ArrayList<SpreadTarget.Row>(rows.count());
        for (int row = 0; row < rows.count(); row++) {
            int value = places.get().value(row);
            if (value == ValueRows.OTHER) {
                return Optional.empty();
            }
            all.add(row(rows, row, ref(value), Optional.empty()));
        }
        return Optional.of(
                new SpreadTarget.Rows(
                        planned.type(), all, false, places.map(DrawnPlaces::ofAllRows)));
    }

    private static SpreadTarget.Row row(
            ValueRows rows, int row, Optional<ValueRef> key, Optional<ValueRef> id) {
        int before = rows.parametersBefore(row);
        return new SpreadTarget.Row(
                rows.firstToken(row),
                rows.lastToken(row),
                key,
                id,
                before,
                rows.parametersBefore(row + 1) - before);
    }

    /** Whether the planner found the rows where they were found here. */
    private static boolean stand(List<SpreadTarget.Row> planned, ValueRows rows) {
        for (int row = 0; row < planned.size(); row++) {
            SpreadTarget.Row each = planned.get(row);
            if (each.first() != rows.firstToken(row) || each.last() != rows.lastToken(row)) {
                return false;
            }
        }
        return true;
    }

    /** A pin by the keys of all rows, if it is one by those of the two. */
    private static Optional<Pin> pin(Pin planned, ValueRows rows) {
        OptionalInt key = position(planned.values(), rows);
        if (planned.values().size() != PLANNED || key.isEmpty()) {
            return Optional.empty();
        }
        Set<ValueRef> keys = new LinkedHashSet<>();
        for (int row = 0; row < rows.count(); row++) {
            Optional<ValueRef> ref = ref(rows.value(row, key.getAsInt()));
            if (ref.isEmpty()) {
                return Optional.empty();
            }
            keys.add(ref.get());
        }
        return Optional.of(new Pin(planned.type(), planned.use(), List.copyOf(keys)));
    }

    /** Where each of the first rows has its value of the list. */
    private static OptionalInt position(List<ValueRef> values, ValueRows rows) {
        for (int position = 0; position < rows.width(); position++) {
            boolean all = true;
            for (int row = 0; row < values.size(); row++) {
                all &= ref(rows.value(row, position)).filter(values.get(row)::equals).isPresent();
            }
            if (all) {
                return OptionalInt.of(position);
            }
        }
        return OptionalInt.empty();
    }

    private static Optional<ValueRef> ref(int value) {
        if (value == ValueRows.OTHER || value == ValueRows.NONE) {
            return Optional.empty();
        }
        int index = ValueRows.index(value);
        return Optional.of(
                ValueRows.isParameter(value)
                        ? new ValueRef.Parameter(index)
                        : new ValueRef.Literal(index, ValueRows.isNegated(value)));
    }
}
