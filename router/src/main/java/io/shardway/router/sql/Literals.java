package io.shardway.router.sql;

/**
 * Where the literals of one scanned statement stand in its text. A view on a {@link Lexer}: valid
 * until its next scan, confined to the lexer's thread.
 */
public interface Literals {

    int count();

    LiteralKind kind(int index);

    /**
     * Offset of the literal's first byte in {@link #text()}; for a string that is its opening
     * quote.
     */
    int start(int index);

    /** Offset after the literal's last byte. */
    int end(int index);

    /** The statement's bytes. */
    byte[] text();

    /** How text was read. */
    SqlDialect dialect();
}
