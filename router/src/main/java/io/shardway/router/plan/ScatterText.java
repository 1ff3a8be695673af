package io.shardway.router.plan;

import io.shardway.router.sql.SqlDialect;
import io.shardway.router.sql.Token;
import io.shardway.router.sql.Tokens;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Copies a statement piece by piece, with other pieces between them, and notes which of its
 * parameters are copied. Confined to one call.
 */
final class ScatterText {

    private final byte[] text;
    private final int to;
    private final List<Token> tokens;
    private final List<Integer> markers;
    private final ByteArrayOutputStream out;
    private final List<Integer> parameters = new ArrayList<>();
    private final List<Long> numbers = new ArrayList<>();
    private int copied;

    /** Of text[from,to). */
    ScatterText(byte[] text, int from, int to, SqlDialect dialect) {
        this.text = text;
        this.to = to;
        this.copied = from;
        this.tokens = Tokens.of(text, from, to, dialect);
        this.markers =
                tokens.stream()
                        .filter(token -> token.kind() == Token.Kind.PARAMETER)
                        .map(Token::start)
                        .toList();
        this.out = new ByteArrayOutputStream(to - from + 64);
    }

    List<Token> tokens() {
        return tokens;
    }

    /** Copies what stands before the token. */
    ScatterText upTo(int token) {
        copy(tokens.get(token).start());
        return this;
    }

    /** Copies what stands before the token, and the token. */
    ScatterText through(int token) {
        copy(tokens.get(token).end());
        return this;
    }

    private void copy(int end) {
        for (int marker = 0; marker < markers.size(); marker++) {
            if (markers.get(marker) >= copied && markers.get(marker) < end) {
                parameters.add(marker);
            }
        }
        out.write(text, copied, end - copied);
        copied = end;
    }

    /** Leaves out what stands before the token. */
    ScatterText skipTo(int token) {
        copied = tokens.get(token).start();
        return this;
    }

    /** Leaves out what stands before the token, and the token. */
    ScatterText skipThrough(int token) {
        copied = tokens.get(token).end();
        return this;
    }

    ScatterText write(String written) {
        out.writeBytes(written.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /**
     * @param bound whether it is a parameter's value, so that the text is the same for all numbers
     */
    ScatterText number(long number, boolean bound) {
        if (!bound) {
            return write(Long.toString(number));
        }
        numbers.add(number);
        parameters.add(-numbers.size());
        return write("?");
    }

    /** Copies the rest. */
    Scatter.Sent end() {
        copy(to);
        return stop();
    }

    /** Leaves out the rest. */
    Scatter.Sent stop() {
        boolean own = numbers.isEmpty() && parameters.size() == markers.size();
        return new Scatter.Sent(
                out.toByteArray(),
                own
                        ? Optional.empty()
                        : Optional.of(parameters.stream().mapToInt(Integer::intValue).toArray()),
                numbers.stream().mapToLong(Long::longValue).toArray());
    }
}
