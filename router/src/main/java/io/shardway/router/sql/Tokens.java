package io.shardway.router.sql;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** All tokens of one statement: the slow path, taken once per digest. Stateless. */
public final class Tokens {

    private static final Token.Kind[] KINDS = {
        Token.Kind.WORD,
        Token.Kind.QUOTED_IDENTIFIER,
        Token.Kind.LITERAL,
        Token.Kind.PARAMETER,
        Token.Kind.SYSTEM_VARIABLE,
        Token.Kind.USER_VARIABLE,
        Token.Kind.OPERATOR,
        Token.Kind.HINT
    };

    private static final String[] OPERATORS =
            IntStream.range(0, 128).mapToObj(Character::toString).toArray(String[]::new);

    private Tokens() {}

    /**
     * The first statement of text[from,to), without its semicolon. Meant for a text that {@link
     * Lexer#wellFormed} approves; of any other, tokens may be cut short.
     */
    public static List<Token> of(byte[] text, int from, int to, SqlDialect dialect) {
        Charset charset = dialect.utf8Text() ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
        var scanner = new Scanner();
        scanner.start(text, from, to, dialect);
        var tokens = new ArrayList<Token>();
        int literals = 0;
        for (int kind = scanner.next(); kind > Scanner.SEMICOLON; kind = scanner.next()) {
            int start = scanner.start;
            tokens.add(
                    new Token(
                            KINDS[kind - Scanner.WORD],
                            text(kind, text, start, scanner.end, charset),
                            start,
                            scanner.end,
                            kind == Scanner.LITERAL ? literals++ : -1));
        }
        return List.copyOf(tokens);
    }

    /** Statements are full of commas: one string for all of them. */
    private static String text(int kind, byte[] text, int start, int end, Charset charset) {
        boolean single = kind == Scanner.OPERATOR && end - start == 1 && text[start] >= 0;
        return single ? OPERATORS[text[start]] : new String(text, start, end - start, charset);
    }

    /** The first one only; empty for a text without any. */
    public static Optional<Token> first(byte[] text, int from, int to, SqlDialect dialect) {
        var scanner = new Scanner();
        scanner.start(text, from, to, dialect);
        int kind = scanner.next();
        return kind > Scanner.SEMICOLON
                ? of(text, from, scanner.end, dialect).stream().findFirst()
                : Optional.empty();
    }

    /** How many there are. */
    public static int count(byte[] text, int from, int to, SqlDialect dialect) {
        var scanner = new Scanner();
        scanner.start(text, from, to, dialect);
        int count = 0;
        while (scanner.next() > Scanner.SEMICOLON) {
            count++;
        }
        return count;
    }
}
