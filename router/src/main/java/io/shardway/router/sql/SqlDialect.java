package io.shardway.router.sql;

/**
 * The session settings that change how SQL text is read. Immutable; equal dialects read every text
 * alike.
 *
 * @param ansiQuotes {@code "x"} is an identifier (sql_mode ANSI_QUOTES)
 * @param noBackslashEscapes a backslash in a string is an ordinary character (sql_mode
 *     NO_BACKSLASH_ESCAPES)
 * @param pipesAsConcat {@code ||} joins text (sql_mode PIPES_AS_CONCAT), else it is OR
 * @param utf8Text literals are UTF-8 (utf8mb4, utf8mb3, ascii); else only ASCII bytes of a literal
 *     may be used as a key
 * @param serverVersion such as 80031; {@code /*!NNNNN} comments up to it are code
 */
public record SqlDialect(
        boolean ansiQuotes,
        boolean noBackslashEscapes,
        boolean pipesAsConcat,
        boolean utf8Text,
        int serverVersion) {

    /** MySQL 8.0.31 with its default sql_mode and utf8mb4. */
    public static final SqlDialect DEFAULT = new SqlDialect(false, false, false, true, 80_031);
}
