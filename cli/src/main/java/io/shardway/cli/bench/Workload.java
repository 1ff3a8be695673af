package io.shardway.cli.bench;

import java.util.Locale;

/** What the load does in one event. */
enum Workload {
    /** One row by its shard key. */
    POINT_SELECT,
    /** A transaction: ten point selects and four reads of one user's ten orders. */
    READ_ONLY,
    /** One row's indexed column, autocommit. */
    UPDATE,
    /** One new row, autocommit. */
    INSERT;

    /** Such as {@code point_select}: in options, in the Lua script and in the report. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    @Override
    public String toString() {
        return label();
    }
}
