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
import java.util.stream.IntStream;

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
        return planned.drawn().isPresent() ? drawn(planned, rows) : given(planned, rows);
    }

    private static Optional<SpreadTarget.Rows> given(SpreadTarget.Rows planned, ValueRows rows) {
        List<SpreadTarget.Row> two = planned.rows();
        OptionalInt key = position(two.stream().flatMap(row -> row.key().stream()).toList(), rows);
        boolean gives = two.stream().allMatch(row -> row.id().isPresent());
        OptionalInt id =
                gives
                        ? position(two.stream().flatMap(row -> row.id().stream()).toList(), rows)
                        : OptionalInt.empty();
        // Where one of the two draws, nothing tells at which position the others would.
        boolean clear = gives ? id.isPresent() : !planned.drawsIds();
        if (key.isEmpty() || !clear) {
            return Optional.empty();
        }
        var all = new ArrayList<SpreadTarget.Row>(rows.count());
        boolean draws = planned.drawsIds();
        for (int row = 0; row < rows.count(); row++) {
            Optional<ValueRef> keyRef = ref(rows.value(row, key.getAsInt()));
            if (keyRef.isEmpty()) {
                return Optional.empty();
            }
            Optional<ValueRef> idRef =
                    gives ? ref(rows.value(row, id.getAsInt())) : Optional.empty();
            draws |= gives && idRef.isEmpty();
            all.add(row(rows, row, keyRef, idRef));
        }
        return Optional.of(new SpreadTarget.Rows(planned.type(), all, draws, Optional.empty()));
    }

    /** The key is AUTO_INCREMENT: rows give it, ask for it at its place, or leave it out. */
    private static Optional<SpreadTarget.Rows> drawn(SpreadTarget.Rows planned, ValueRows rows) {
        DrawnRows drawn = planned.drawn().orElseThrow();
        OptionalInt position = drawnPosition(drawn.places(), rows);
        boolean leftOut = position.isEmpty();
        if (planned.drawsIds() || leftOut && !isLeftOut(drawn.places(), rows)) {
            return Optional.empty();
        }
        var all = new ArrayList<SpreadTarget.Row>(rows.count());
        var places = new ArrayList<DrawnRows.Place>(rows.count());
        for (int row = 0; row < rows.count(); row++) {
            int value = leftOut ? ValueRows.NONE : rows.value(row, position.getAsInt());
            if (value == ValueRows.OTHER) {
                return Optional.empty();
            }
            places.add(leftOut ? behind(rows, row) : inPlace(rows, row, position.getAsInt()));
            all.add(row(rows, row, ref(value), Optional.empty()));
        }
        return Optional.of(
                new SpreadTarget.Rows(
                        planned.type(),
                        all,
                        false,
                        Optional.of(new DrawnRows(drawn.column(), drawn.named(), places))));
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

    private static DrawnRows.Place behind(ValueRows rows, int row) {
        return new DrawnRows.Place(
                new KeyWriting.Piece(rows.lastToken(row) - 1, 0, ", ", true),
                rows.parametersBefore(row + 1));
    }

    private static DrawnRows.Place inPlace(ValueRows rows, int row, int position) {
        return new DrawnRows.Place(
                new KeyWriting.Piece(
                        rows.token(row, position) - 1, rows.tokensOf(row, position), "", true),
                rows.parametersBefore(row, position));
    }

    private static OptionalInt drawnPosition(List<DrawnRows.Place> places, ValueRows rows) {
        return IntStream.range(0, rows.width())
                .filter(position ->
                        IntStream.range(0, places.size())
                                .allMatch(row ->
                                        places.get(row).equals(inPlace(rows, row, position))))
                .findFirst();
    }

    private static boolean isLeftOut(List<DrawnRows.Place> places, ValueRows rows) {
        return IntStream.range(0, places.size())
                .allMatch(row -> places.get(row).equals(behind(rows, row)));
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
