package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.shardway.proxy.backend.CollectedAnswer;
import io.shardway.proxy.execution.ReferenceCopy.Failure;
import io.shardway.router.ErrorCode;
import io.shardway.router.keyspace.ShardId;
import java.util.Arrays;
import java.util.Optional;

/**
 * A copy of a reference table as a write finds it under its lock. Immutable; the arrays are not
 * written to.
 *
 * @param writes how many there were
 * @param writeId of the last one
 * @param micros the shard's clock, since 1970
 * @param settings a digest of what the outcome of a statement may hang on besides the rows
 */
record ReferenceState(ShardId shard, long writes, byte[] writeId, long micros, byte[] settings) {

    /** Reads what {@link ReferenceSql#read} asks. */
    static ReferenceState of(ShardId shard, CollectedAnswer.Rows rows) {
        if (rows.rowCount() != 1) {
            throw new IllegalStateException("a row just made is not there");
        }
        return new ReferenceState(
                shard, number(rows, 0), bytes(rows, 1), number(rows, 2), bytes(rows, 3));
    }

    /** Refuses what {@link ReferenceSql#columns} found. */
    static void requireEqualColumns(CollectedAnswer.Rows columns) {
        if (number(columns, 0) == 0) {
            throw new Failure(ErrorCode.REFERENCE_WRITE, "the table has no primary key");
        }
        if (number(columns, 1) != 0) {
            throw new Failure(
                    ErrorCode.REFERENCE_WRITE,
                    "a column's DEFAULT can have another value on each shard");
        }
    }

    /** NULL counts as 0. */
    static long number(CollectedAnswer.Rows rows, int column) {
        String digits = new String(bytes(rows, column), US_ASCII);
        return digits.isEmpty() ? 0 : Long.parseUnsignedLong(digits);
    }

    private static byte[] bytes(CollectedAnswer.Rows rows, int column) {
        byte[] cell = rows.cell(0, column);
        return cell == null ? new byte[0] : cell;
    }

    /**
     * Whether the write of this id, which found {@code before}, was done. Empty if it cannot be
     * told any more, because others wrote after it or after it failed.
     */
    Optional<Boolean> has(ReferenceState before, byte[] id) {
        long own = before.writes + 1;
        return writes > own
                ? Optional.empty()
                : Optional.of(writes == own && Arrays.equals(writeId, id));
    }

    boolean hasSameWrites(ReferenceState other) {
        return writes == other.writes && Arrays.equals(writeId, other.writeId);
    }

    void requireSameSettings(ReferenceState other) {
        if (!Arrays.equals(settings, other.settings)) {
            throw new Failure(
                    ErrorCode.REFERENCE_COPIES_DIFFER,
                    "shards %s and %s have different settings, such as sql_mode or time zone"
                            .formatted(shard, other.shard));
        }
    }
}
