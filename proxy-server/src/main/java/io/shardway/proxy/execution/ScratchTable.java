package io.shardway.proxy.execution;

import io.shardway.proxy.backend.PreparedKey;
import io.shardway.proxy.protocol.ColumnDefinition;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.AssembledText;
import java.util.List;
import java.util.Optional;

/** A temporary table, and how its rows are read from the shards and stored. Confined to a loop. */
interface ScratchTable {

    /** Its name as statements have it. */
    String name();

    /** How many columns are read and stored. */
    int columns();

    /** How the shards' rows are locked; empty for not. */
    String lock();

    /** What a shard is asked. */
    byte[] selectText(ShardId shard, AssembledText.Asked asked, long rowsMax);

    /** The same as a command with parameters; empty if it has none. */
    default Optional<BackendCommand> select(PreparedKey key) {
        return Optional.empty();
    }

    /** Whether that text holds values, so that it hardly comes again. */
    default boolean isOfValues(AssembledText.Asked asked) {
        return asked.isOfValues();
    }

    /** What stores so many rows. */
    String insertText(int rows);

    /**
     * What stores so many rows.
     *
     * @param columns that are stored, as statements have them; empty for all
     */
    static String insertText(String table, String columns, int count, int rows) {
        String row = "(" + "?,".repeat(count - 1) + "?)";
        return "INSERT INTO %s%s VALUES %s%s"
                .formatted(table, columns, (row + ",").repeat(rows - 1), row);
    }

    /** Hears of the columns that shards answer with. */
    default void described(List<ColumnDefinition> columns) {}

    /** Whether the table has the row as it is. */
    default boolean keeps(byte[] row) {
        return true;
    }

    /** Whether a shard may have warned of its rows. */
    default boolean allowsWarnings() {
        return true;
    }

    /** Whether this warning is about a value that is stored all the same. */
    default boolean isOfEnumZero(int code, String message) {
        return false;
    }

    /** Whether this is the error of a row whose JSON a text would change. */
    default boolean isInexactJson(int mysqlCode) {
        return false;
    }
}
