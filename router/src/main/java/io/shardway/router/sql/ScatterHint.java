package io.shardway.router.sql;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The hint that lets one statement go to several shards though it otherwise would not: {@code /*+
 * SHARDWAY(SCATTER) *}{@code /}. MySQL does not know it and would warn, so it is sent as an
 * ordinary comment, which lets as well. Stateless.
 */
public final class ScatterHint {

    private static final Pattern WORDS =
            Pattern.compile("\\bSHARDWAY\\s*\\(\\s*SCATTER\\s*\\)", Pattern.CASE_INSENSITIVE);
    private static final Pattern COMMENT =
            Pattern.compile(
                    "/\\*\\s*SHARDWAY\\s*\\(\\s*SCATTER\\s*\\)\\s*\\*/", Pattern.CASE_INSENSITIVE);
    private static final String AS_COMMENT = "/* SHARDWAY(SCATTER) */";

    private ScatterHint() {}

    /** The statement text[from,to) with the hint as a comment; empty if it has none. */
    public static Optional<byte[]> asComment(byte[] text, int from, int to, SqlDialect dialect) {
        for (Token token : Tokens.of(text, from, to, dialect)) {
            if (token.kind() != Token.Kind.HINT) {
                continue;
            }
            String hint = new String(text, token.start(), token.end() - token.start(), ISO_8859_1);
            Matcher words = WORDS.matcher(hint);
            if (words.find()) {
                String rest = hint.substring(0, words.start()) + hint.substring(words.end());
                boolean empty = rest.substring(3, rest.length() - 2).isBlank();
                String written =
                        new String(text, from, token.start() - from, ISO_8859_1)
                                + (empty ? "" : rest + " ")
                                + AS_COMMENT
                                + new String(text, token.end(), to - token.end(), ISO_8859_1);
                return Optional.of(written.getBytes(ISO_8859_1));
            }
        }
        return Optional.empty();
    }

    /** Whether the hint is there as a comment. */
    public static boolean isIn(byte[] text, SqlDialect dialect) {
        Matcher comment = COMMENT.matcher(new String(text, ISO_8859_1));
        List<Token> tokens = List.of();
        while (comment.find()) {
            if (tokens.isEmpty()) {
                tokens = Tokens.of(text, 0, text.length, dialect);
            }
            int start = comment.start();
            int end = comment.end();
            if (tokens.stream().noneMatch(token -> token.start() < end && token.end() > start)) {
                return true;
            }
        }
        return false;
    }
}
