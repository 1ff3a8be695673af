package io.shardway.router.plan;

import io.shardway.router.sql.SqlDialect;
import io.shardway.router.sql.Token;
import io.shardway.router.sql.Tokens;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How a statement is written so that its tables can be temporary ones: a WITH query that is read
 * again stands there again, under another name; a view stands there as its query. Holds no values.
 * Immutable.
 *
 * @param pieces in the order of the new text
 * @param views that stand there as their queries
 */
public record Unfolding(List<Piece> pieces, Set<String> views) {

    /** A part of the new text. */
    public sealed interface Piece {
        /** Tokens of the statement, the last one not included. */
        record Copied(int from, int to) implements Piece {}

        /** A text of ours. */
        record Written(String text) implements Piece {}
    }

    /**
     * A statement, and the values of its parameters. Immutable.
     *
     * @param parameters which of the client's parameters each of the text's is
     */
    public record Whole(byte[] text, ParameterValues values, int[] parameters) {}

    public Unfolding {
        pieces = List.copyOf(pieces);
        views = Set.copyOf(views);
    }

    /** The new text of another one, which holds nothing but the statement. */
    Whole write(Whole old, SqlDialect dialect) {
        byte[] text = old.text();
        List<Token> tokens = Tokens.of(text, 0, text.length, dialect);
        List<Integer> numbers = parameters(tokens);
        var out = new ByteArrayOutputStream(2 * text.length);
        var chosen = new ArrayList<Integer>();
        for (Piece piece : pieces) {
            switch (piece) {
                case Piece.Copied(int first, int end) -> {
                    if (first < end) {
                        int start = tokens.get(first).start();
                        out.write(text, start, tokens.get(end - 1).end() - start);
                        numbers.subList(first, end).stream()
                                .filter(number -> number >= 0)
                                .forEach(chosen::add);
                    }
                }
                case Piece.Written(String written) ->
                        out.writeBytes(written.getBytes(StandardCharsets.UTF_8));
            }
            out.write(' ');
        }
        int[] parameters = chosen.stream().mapToInt(Integer::intValue).toArray();
        int[] before = old.parameters();
        return new Whole(
                out.toByteArray(),
                chosen(old.values(), parameters),
                before.length == 0
                        ? parameters
                        : Arrays.stream(parameters).map(number -> before[number]).toArray());
    }

    /** For each token the number of the parameter that it is, or -1. */
    private static List<Integer> parameters(List<Token> tokens) {
        var numbers = new ArrayList<Integer>();
        int next = 0;
        for (Token token : tokens) {
            numbers.add(token.kind() == Token.Kind.PARAMETER ? next++ : -1);
        }
        return numbers;
    }

    private static ParameterValues chosen(ParameterValues values, int[] parameters) {
        if (values == ParameterValues.NONE) {
            return values;
        }
        return new ParameterValues() {
            @Override
            public Kind kind(int index) {
                return values.kind(parameters[index]);
            }

            @Override
            public long integer(int index) {
                return values.integer(parameters[index]);
            }

            @Override
            public double floating(int index) {
                return values.floating(parameters[index]);
            }

            @Override
            public byte[] bytes(int index) {
                return values.bytes(parameters[index]);
            }

            @Override
            public Optional<String> moment(int index) {
                return values.moment(parameters[index]);
            }

            @Override
            public boolean unicodeValues() {
                return values.unicodeValues();
            }
        };
    }
}
