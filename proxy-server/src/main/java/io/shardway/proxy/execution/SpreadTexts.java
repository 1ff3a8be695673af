package io.shardway.proxy.execution;

import io.shardway.router.plan.SpreadTarget;
import io.shardway.router.sql.SqlDialect;
import io.shardway.router.sql.Token;
import io.shardway.router.sql.Tokens;
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
    private final List<Token> tokens;

    SpreadTexts(byte[] text, SqlDialect dialect, SpreadTarget.Rows target) {
        this.text = text;
        this.target = target;
        this.tokens = Tokens.of(text, 0, text.length, dialect);
        boolean whole =
                target.rows().stream()
                        .allMatch(row ->
                                tokens.get(row.first()).isOperator("(")
                                        && tokens.get(row.last()).isOperator(")"));
        if (!whole) {
            throw new IllegalStateException("the plan is of another text");
        }
    }

    byte[] of(List<Integer> rows) {
        var out = new ByteArrayOutputStream(text.length);
        int head = tokens.get(target.rows().getFirst().first()).start();
        int tail = tokens.get(target.rows().getLast().last()).end();
        out.write(text, 0, head);
        for (int i = 0; i < rows.size(); i++) {
            SpreadTarget.Row row = target.rows().get(rows.get(i));
            int from = tokens.get(row.first()).start();
            if (i > 0) {
                out.write(',');
            }
            out.write(text, from, tokens.get(row.last()).end() - from);
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
