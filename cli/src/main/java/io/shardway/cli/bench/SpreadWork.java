package io.shardway.cli.bench;

import java.util.Locale;

/** What one event over several shards does. */
enum SpreadWork {
    /** COUNT, SUM and MAX of all rows. */
    AGGREGATE,
    /** Averages of all rows by the first letters of a text. */
    GROUPS,
    /** The ten first of all rows by a column that is no key. */
    TOP_10,
    /** Ten rows by their keys. */
    TEN_KEYS,
    /** An INSERT of a hundred rows. */
    HUNDRED_ROWS,
    /** LOAD DATA LOCAL of a file of twenty thousand rows. */
    FILE_20K,
    /** A transaction that updates a row on each of two shards. */
    TWO_SHARDS;

    /** Such as {@code top_10}. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    @Override
    public String toString() {
        return label();
    }
}
