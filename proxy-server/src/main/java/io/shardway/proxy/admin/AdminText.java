package io.shardway.proxy.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.plan.LiteralText;
import io.shardway.router.plan.TokenReader;
import io.shardway.router.sql.Lexer;
import io.shardway.router.sql.SqlDialect;
import io.shardway.router.sql.Token;
import io.shardway.router.sql.Tokens;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The text of an admin statement, read word by word. Errors show its words, never what stands in
 * quotes: it may be a password. Confined to one thread.
 */
final class AdminText {

    /** All but EXPLAIN are short. */
    private static final int BYTES_MAX = 4_000;

    private static final int WORDS_SHOWN = 6;

    private final byte[] text;
    private final Lexer lexer = new Lexer();
    private final List<Token> tokens;
    private final TokenReader reader;
    private AdminStatement statement = AdminStatement.HELP;

    AdminText(String sql, SqlDialect dialect) {
        text = sql.getBytes(UTF_8);
        lexer.scan(text, 0, text.length, dialect);
        tokens = Tokens.of(text, 0, lexer.statementEnd(), dialect);
        reader = new TokenReader(tokens);
        if (!reader.take("SHARDWAY")) {
            throw new ShardwayException(ErrorCode.ADMIN_SYNTAX, "it does not begin with SHARDWAY");
        }
    }

    TokenReader reader() {
        return reader;
    }

    /** Complaints name this statement's syntax from now on. */
    void is(AdminStatement now) {
        statement = now;
    }

    boolean isTooLong() {
        return text.length > BYTES_MAX && text.length - blanksBefore() > BYTES_MAX;
    }

    private int blanksBefore() {
        return tokens.getFirst().start();
    }

    boolean isWellFormed() {
        return lexer.wellFormed();
    }

    /** What stands behind so many tokens, as written. */
    String after(int count) {
        int from = tokens.get(count - 1).end();
        return new String(text, from, lexer.statementEnd() - from, UTF_8).strip();
    }

    /** The next token's value if it is a string. */
    Optional<String> takeString() {
        Optional<byte[]> value =
                reader.peek()
                        .filter(token -> token.kind() == Token.Kind.LITERAL)
                        .flatMap(token -> LiteralText.of(lexer, token.literalIndex()));
        value.ifPresent(_ -> reader.takeOf(Token.Kind.LITERAL));
        return value.map(bytes -> new String(bytes, UTF_8));
    }

    /** A hexadecimal literal, {@code 0x41} or {@code X'41'}, as its digits. */
    Optional<String> takeHex() {
        Optional<String> digits =
                reader.peek()
                        .filter(token -> token.kind() == Token.Kind.LITERAL)
                        .map(Token::text)
                        .filter(token -> token.matches("0x[0-9A-Fa-f]+|[xX]'[0-9A-Fa-f]*'"))
                        .map(token -> token.substring(2).replace("'", ""));
        digits.ifPresent(_ -> reader.takeOf(Token.Kind.LITERAL));
        return digits;
    }

    void requireEnd() {
        if (!reader.atEnd()) {
            throw wrong(reader.peek().map(AdminText::shown).orElse("") + " is not expected here");
        }
    }

    ShardwayException wrong(String detail) {
        return new ShardwayException(
                ErrorCode.ADMIN_SYNTAX, detail + "; the syntax is: " + statement.syntax());
    }

    /** The statement's first words; what is in quotes is left out. */
    String words() {
        var words = new ArrayList<String>();
        for (Token token : tokens.subList(1, Math.min(tokens.size(), 1 + WORDS_SHOWN))) {
            words.add(shown(token));
        }
        return String.join(" ", words);
    }

    private static String shown(Token token) {
        String text =
                switch (token.kind()) {
                    case WORD, OPERATOR, PARAMETER, SYSTEM_VARIABLE -> token.text();
                    case QUOTED_IDENTIFIER, LITERAL, USER_VARIABLE, HINT -> "'...'";
                };
        return text.length() > 40 ? text.substring(0, 40) + "..." : text;
    }
}
