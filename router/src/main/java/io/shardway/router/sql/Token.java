package io.shardway.router.sql;

/**
 * One token of a statement. Immutable.
 *
 * @param text as the client wrote it, quotes included
 * @param start offset of its first byte
 * @param end offset after its last byte
 * @param literalIndex its number among the statement's literals, as {@link Literals} counts them;
 *     -1 for any other token
 */
public record Token(Kind kind, String text, int start, int end, int literalIndex) {

    /** What a token is. */
    public enum Kind {
        /** A keyword or an identifier without quotes. */
        WORD,
        QUOTED_IDENTIFIER,
        LITERAL,
        /** {@code ?}. */
        PARAMETER,
        /** {@code @@name}, {@code @@scope.name}: one token if it has no blanks. */
        SYSTEM_VARIABLE,
        /** {@code @name}, quoted or not. */
        USER_VARIABLE,
        /** Operators, parentheses, commas, points. */
        OPERATOR,
        /** A comment that begins with a plus sign; a hint only where MySQL takes one. */
        HINT
    }

    /** Whether it is this word without quotes, in any case. */
    public boolean isWord(String word) {
        return kind == Kind.WORD && text.equalsIgnoreCase(word);
    }

    public boolean isOperator(String operator) {
        return kind == Kind.OPERATOR && text.equals(operator);
    }

    /** Whether it can be an identifier. */
    public boolean isIdentifier() {
        return kind == Kind.WORD || kind == Kind.QUOTED_IDENTIFIER;
    }

    /** An identifier or a user variable without quotes and at signs, the case kept. */
    public String name() {
        String bare = kind == Kind.USER_VARIABLE ? text.substring(1) : text;
        if (bare.length() < 2 || "`'\"".indexOf(bare.charAt(0)) < 0) {
            return bare;
        }
        String quote = bare.substring(0, 1);
        return bare.substring(1, bare.length() - 1).replace(quote + quote, quote);
    }
}
