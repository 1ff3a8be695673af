package io.shardway.cli.bench;

import java.util.Locale;

/** How statements are sent. */
enum StatementMode {
    /** COM_QUERY, values written into the text. */
    TEXT,
    /** COM_STMT_PREPARE once, then COM_STMT_EXECUTE. */
    PREPARED;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
