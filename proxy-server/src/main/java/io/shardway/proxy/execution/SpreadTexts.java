package io.shardway.proxy.execution;

import io.shardway.router.plan.SpreadTarget;
import io.shardway.router.sql.SqlDialect;
import io.shardway.router.sql.TokenPlaces;
import java.io.ByteArrayOutputStream;
import java.util.List;
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
        var out = new ByteArrayOutputStream(text.length);
        int head = tokens.start(target.rows().getFirst().first());
        int tail = tokens.end(target.rows().getLast().last());
        out.write(text, 0, head);
        for (int i = 0; i < rows.size(); i++) {
            SpreadTarget.Row row = target.rows().get(rows.get(i));
            int from = tokens.start(row.first());
            if (i > 0) {
                out.write(',');
            }
            out.write(text, from, tokens.end(row.last()) - from);
        }
        out.write(text, tail, text.length - tail);
        return out.toByteArray();
    }

    /**
     * The statement's parameters that these rows and what is around them have, in their order.
     *
     * @param count of the whole statement
     */
    int[] parametersOf(List<Integer> rows, int count) {
        SpreadTarget.Row first = target.rows().getFirst();
        SpreadTarget.Row last = target.rows().getLast();
        IntStream own =
                rows.stream()
                        .map(target.rows()::get)
                        .flatMapToInt(row ->
                                IntStream.range(
                                        row.parameter(), row.parameter() + row.parameters()));
        return IntStream.concat(
                        IntStream.concat(IntStream.range(0, first.parameter()), own),
                        IntStream.range(last.parameter() + last.parameters(), count))
                .toArray();
    }
}
