package io.shardway.router.sql;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

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
                            new String(text, start, scanner.end - start, charset),
                            start,
                            scanner.end,
                            kind == Scanner.LITERAL ? literals++ : -1));
        }
        return List.copyOf(tokens);
    }
}
