package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.shardway.router.plan.DrawnRows;
import io.shardway.router.plan.KeyWriting;
import io.shardway.router.plan.SpreadTarget;
import io.shardway.router.plan.ValueRef;
import io.shardway.router.sql.SqlDialect;
import io.shardway.router.sql.TokenPlaces;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Writes an INSERT anew with some of its rows: what stands before, between and behind them, and
 * each row, as the client wrote it. Confined to its event loop.
 */
final class SpreadTexts {

    private final byte[] text;
    private final SpreadTarget.Rows target;
    private final TokenPlaces tokens;

    SpreadTexts(byte[] text, SqlDialect dialect, SpreadTarget.Rows target) {
        this.text = text;
        this.target = target;
        this.tokens = TokenPlaces.of(text, 0, text.length, dialect);
        boolean whole =
                target.rows().stream()
                        .allMatch(row ->
                                text[tokens.start(row.first())] == '('
                                        && text[tokens.start(row.last())] == ')');
        if (!whole) {
            throw new IllegalStateException("the plan is of another text");
        }
    }

    byte[] of(List<Integer> rows) {
        return of(rows, _ -> "");
    }

    /**
     * The same with drawn keys.
     *
     * @param key of a row: a number or a parameter marker; empty where the row gives its own
     */
    byte[] of(List<Integer> rows, IntFunction<String> key) {
        var out = new ByteArrayOutputStream(text.length);
        int head = tokens.start(target.rows().getFirst().first());
        int tail = tokens.end(target.rows().getLast().last());
        boolean draws = rows.stream().anyMatch(row -> !key.apply(row).isEmpty());
        copy(out, 0, head, draws ? target.drawn().flatMap(DrawnRows::named) : Optional.empty(), "");
        for (int i = 0; i < rows.size(); i++) {
            int number = rows.get(i);
            SpreadTarget.Row row = target.rows().get(number);
            int from = tokens.start(row.first());
            if (i > 0) {
                out.write(',');
            }
            String drawn = key.apply(number);
            Optional<KeyWriting.Piece> piece =
                    drawn.isEmpty() ? Optional.empty() : Optional.of(place(number).piece());
            copy(out, from, tokens.end(row.last()), piece, drawn);
        }
        out.write(text, tail, text.length - tail);
        return out.toByteArray();
    }

    private DrawnRows.Place place(int row) {
        return target.drawn().orElseThrow().places().get(row);
    }

    private void copy(
            ByteArrayOutputStream out,
            int from,
            int to,
            Optional<KeyWriting.Piece> written,
            String key) {
        if (written.isEmpty()) {
            out.write(text, from, to - from);
            return;
        }
        KeyWriting.Piece piece = written.get();
        int end = tokens.end(piece.after());
        out.write(text, from, end - from);
        out.writeBytes(piece.text().getBytes(UTF_8));
        out.writeBytes(key.getBytes(UTF_8));
        int next = tokens.end(piece.after() + piece.removed());
        out.write(text, next, to - next);
    }

    /**
     * The statement's parameters that these rows and what is around them have, in their order. In
     * the place of a key that is drawn stands -1 less the row's number.
     *
     * @param count of the whole statement
     * @param drawn whether a row's key is
     */
    int[] parametersOf(List<Integer> rows, int count, IntPredicate drawn) {
        SpreadTarget.Row first = target.rows().getFirst();
        SpreadTarget.Row last = target.rows().getLast();
        IntStream own =
                rows.stream()
                        .flatMapToInt(row ->
                                drawn.test(row)
                                        ? drawing(row)
                                        : IntStream.range(from(row), to(row)));
        return IntStream.concat(
                        IntStream.concat(IntStream.range(0, first.parameter()), own),
                        IntStream.range(last.parameter() + last.parameters(), count))
                .toArray();
    }

    private int from(int row) {
        return target.rows().get(row).parameter();
    }

    private int to(int row) {
        return from(row) + target.rows().get(row).parameters();
    }

    private IntStream drawing(int row) {
        int at = place(row).parameter();
        boolean replaced =
                target.drawn()
                        .orElseThrow()
                        .given(target.rows().get(row))
                        .filter(ValueRef.Parameter.class::isInstance)
                        .isPresent();
        return IntStream.concat(
                IntStream.concat(IntStream.range(from(row), at), IntStream.of(-1 - row)),
                IntStream.range(replaced ? at + 1 : at, to(row)));
    }
}
