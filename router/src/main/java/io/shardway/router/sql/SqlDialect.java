package io.shardway.router.sql;

/**
 * The session settings that change how SQL text is read. Immutable; equal dialects read every text
 * alike.
 *
 * @param ansiQuotes {@code "x"} is an identifier (sql_mode ANSI_QUOTES)
 * @param noBackslashEscapes a backslash in a string is an ordinary character (sql_mode
 *     NO_BACKSLASH_ESCAPES)
 * @param pipesAsConcat {@code ||} joins text (sql_mode PIPES_AS_CONCAT), else it is OR
 * @param encoding of the text (character_set_client)
 * @param unicodeValues texts reach a column as the client wrote them, because the connection's
 *     character set is UTF-8, too; else only ASCII bytes of a value may be used as a key
 * @param serverVersion such as 80031; {@code /*!NNNNN} comments up to it are code
 */
public record SqlDialect(
        boolean ansiQuotes,
        boolean noBackslashEscapes,
        boolean pipesAsConcat,
        TextEncoding encoding,
        boolean unicodeValues,
        int serverVersion) {

    /** MySQL 8.0.31 with its default sql_mode and utf8mb4. */
    public static final SqlDialect DEFAULT = new SqlDialect(false, false, false, true, 80_031);

    public SqlDialect {
        if (unicodeValues && encoding != TextEncoding.UTF8) {
            throw new IllegalArgumentException("only UTF-8 text stays as it is: " + encoding);
        }
    }

    /**
     * @param utf8 else text is in a character set based on ASCII
     */
    public SqlDialect(
            boolean ansiQuotes,
            boolean noBackslashEscapes,
            boolean pipesAsConcat,
            boolean utf8,
            int serverVersion) {
        this(
                ansiQuotes,
                noBackslashEscapes,
                pipesAsConcat,
                utf8 ? TextEncoding.UTF8 : TextEncoding.ASCII_BASED,
                utf8,
                serverVersion);
    }

    /** Names are UTF-8. */
    public boolean utf8Text() {
        return encoding == TextEncoding.UTF8;
    }
}
