package io.shardway.router.plan;

import io.shardway.router.sql.ValueRows;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Where the rows of an INSERT have their AUTO_INCREMENT column, as its first rows tell. Immutable.
 *
 * @param planned of the first rows
 * @param position among the values; empty where the rows leave the column out
 */
record DrawnPlaces(DrawnRows planned, ValueRows rows, OptionalInt position) {

    /** Empty if the rows do not have it in one way. */
    static Optional<DrawnPlaces> of(DrawnRows planned, ValueRows rows) {
        List<DrawnRows.Place> places = planned.places();
        OptionalInt position =
                IntStream.range(0, rows.width())
                        .filter(at -> stand(places, row -> inPlace(rows, row, at)))
                        .findFirst();
        return position.isPresent() || stand(places, row -> behind(rows, row))
                ? Optional.of(new DrawnPlaces(planned, rows, position))
                : Optional.empty();
    }

    private static boolean stand(List<DrawnRows.Place> places, IntFunction<DrawnRows.Place> found) {
        return IntStream.range(0, places.size())
                .allMatch(row -> places.get(row).equals(found.apply(row)));
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

    /** What a row has there, as {@link ValueRows#value} tells it. */
    int value(int row) {
        return position.isPresent() ? rows.value(row, position.getAsInt()) : ValueRows.NONE;
    }

    DrawnRows ofAllRows() {
        var places = new ArrayList<DrawnRows.Place>(rows.count());
        for (int row = 0; row < rows.count(); row++) {
            places.add(
                    position.isPresent()
                            ? inPlace(rows, row, position.getAsInt())
                            : behind(rows, row));
        }
        return new DrawnRows(planned.column(), planned.isKey(), planned.named(), places);
    }
}
