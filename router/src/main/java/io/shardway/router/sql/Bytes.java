package io.shardway.router.sql;

/**
 * What each byte means to MySQL's lexer (its {@code state_map} and {@code ident_map}). Immutable
 * tables; nobody writes to them after the class is loaded.
 */
final class Bytes {

    /** Stray control characters, and whatever MySQL gives no meaning. Never well-formed. */
    static final byte OTHER = 0;

    static final byte SPACE = 1;
    static final byte WORD = 2;
    static final byte DIGIT = 3;
    static final byte SINGLE_QUOTE = 4;
    static final byte DOUBLE_QUOTE = 5;
    static final byte BACKTICK = 6;
    static final byte DOT = 7;
    static final byte AT = 8;
    static final byte SEMICOLON = 9;
    static final byte QUESTION = 10;

    /** Operators of one byte, whatever follows. */
    static final byte SINGLE = 11;

    /** Bytes that may begin an operator of several bytes. */
    static final byte MANY = 12;

    /** Letters that may begin a literal: b, n, x, and the underscore of a charset introducer. */
    static final byte PREFIX = 13;

    private static final byte[] UTF8_CLASSES = classes(true);
    private static final byte[] ASCII_CLASSES = classes(false);
    private static final boolean[] UTF8_WORDS = words(UTF8_CLASSES);
    private static final boolean[] ASCII_WORDS = words(ASCII_CLASSES);

    private Bytes() {}

    /**
     * The class of each byte. Outside UTF-8 a byte from 0x80 on may be a blank or a letter, which
     * depends on the character set; there it is {@link #OTHER}.
     */
    static byte[] classes(SqlDialect dialect) {
        return dialect.utf8Text() ? UTF8_CLASSES : ASCII_CLASSES;
    }

    /** Whether each byte may stand in an unquoted identifier. */
    static boolean[] words(SqlDialect dialect) {
        return dialect.utf8Text() ? UTF8_WORDS : ASCII_WORDS;
    }

    static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    static boolean isHexDigit(byte b) {
        int folded = b | 0x20;
        return isDigit(b) || (folded >= 'a' && folded <= 'f');
    }

    private static byte[] classes(boolean utf8) {
        byte[] classes = new byte[256];
        for (int b = 0; b < 256; b++) {
            classes[b] = classOf((char) b, utf8);
        }
        return classes;
    }

    private static byte classOf(char c, boolean utf8) {
        if (c >= 0x80) {
            return utf8 ? WORD : OTHER;
        }
        if ("bBnNxX_".indexOf(c) >= 0) {
            return PREFIX;
        }
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '$') {
            return WORD;
        }
        if (c >= '0' && c <= '9') {
            return DIGIT;
        }
        return switch (c) {
            case ' ', '\t', '\n', 0x0B, '\f', '\r' -> SPACE;
            case '\'' -> SINGLE_QUOTE;
            case '"' -> DOUBLE_QUOTE;
            case '`' -> BACKTICK;
            case '.' -> DOT;
            case '@' -> AT;
            case ';' -> SEMICOLON;
            case '?' -> QUESTION;
            case '(', ')', ',', '+', '*', '/', '%', '^', '~', '{', '}', '[', ']' -> SINGLE;
            case '<', '>', '=', '!', '&', '|', ':', '-' -> MANY;
            default -> OTHER;
        };
    }

    private static boolean[] words(byte[] classes) {
        boolean[] words = new boolean[256];
        for (int b = 0; b < 256; b++) {
            words[b] = classes[b] == WORD || classes[b] == PREFIX || classes[b] == DIGIT;
        }
        return words;
    }
}
