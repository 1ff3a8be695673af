package io.shardway.router.plan;

import io.shardway.router.schema.TableSchema;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The table that an INSERT ... SELECT writes, and where the statement names it. Tokens count from
 * 0. Immutable.
 *
 * @param key empty for a table that is on the default shard only
 * @param drawn the AUTO_INCREMENT column of a sharded table, if the proxy can draw for it
 * @param token the first one of the table's name
 * @param tokens how many the name has: three if it is qualified
 * @param columns that the statement names; empty for all that are visible
 * @param onDuplicate the first token of ON DUPLICATE KEY UPDATE
 */
public record InsertTarget(
        String keyspace,
        TableSchema schema,
        Optional<TableSchema.Key> key,
        Optional<DrawnColumn> drawn,
        int token,
        int tokens,
        List<String> columns,
        OptionalInt onDuplicate) {

    /** What the table is called that takes the rows before their owners do. */
    public static final String ROWS = "shardway_copy_rows";

    /** Whether the shard key itself is AUTO_INCREMENT. */
    public boolean drawsKeys() {
        return drawn.isPresent()
                && key.filter(own -> own.column().equalsIgnoreCase(drawn.get().column()))
                        .isPresent();
    }

    public InsertTarget {
        columns = List.copyOf(columns);
    }
}
