package io.shardway.router.plan;

import io.shardway.router.keyspace.KeyType;
import java.util.List;
import java.util.Optional;

/** Which shards have the rows that one statement writes. Immutable. */
public sealed interface SpreadTarget {

    /** The same statement on every shard. */
    record Everywhere() implements SpreadTarget {}

    /**
     * The same statement where the keys of a list live; on every shard if one is no exact key.
     *
     * @param keys each of another row, compared with the column
     */
    record Listed(KeyType type, List<ValueRef> keys) implements SpreadTarget {
        public Listed {
            keys = List.copyOf(keys);
        }
    }

    /**
     * Rows that are written out: each shard gets the statement with its own ones.
     *
     * @param drawsIds a row may have an id drawn in a way that only MySQL knows, which one shard
     *     can do only
     * @param drawn of a table with an AUTO_INCREMENT column: how rows have it drawn; empty where
     *     only MySQL can draw
     */
    record Rows(KeyType type, List<Row> rows, boolean drawsIds, Optional<DrawnRows> drawn)
            implements SpreadTarget {
        public Rows {
            rows = List.copyOf(rows);
        }

        /** Whether the shard key itself is AUTO_INCREMENT. */
        public boolean drawsKeys() {
            return drawn.filter(DrawnRows::isKey).isPresent();
        }
    }

    /**
     * One row of VALUES. Tokens and parameters count from 0.
     *
     * @param first its opening parenthesis
     * @param last its closing parenthesis
     * @param key empty where it is to be drawn, whatever the values are
     * @param id of a table with an AUTO_INCREMENT column that is not the key: what the row gives
     *     there; empty where it is to be drawn, whatever the values are
     * @param parameter how many parameters stand before it
     * @param parameters how many it has
     */
    record Row(
            int first,
            int last,
            Optional<ValueRef> key,
            Optional<ValueRef> id,
            int parameter,
            int parameters) {}
}
