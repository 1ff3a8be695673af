package io.shardway.proxy.settings;

import static io.shardway.proxy.settings.Setting.rarely;

import java.util.List;

/**
 * Reads whose rows lie on several shards and are brought to one node. Immutable.
 *
 * @param rowsMax a statement may bring
 * @param bytesMax a statement may bring
 * @param concurrentMax statements of a proxy that may do so at once
 * @param heldBytesMax of rows that all writes of a proxy may hold that are made on one node
 */
public record AssembleSettings(int rowsMax, int bytesMax, int concurrentMax, int heldBytesMax) {

    static final Setting<Integer> ROWS_MAX =
            rarely(
                    "assemble.rows-max",
                    new Kind.Number(1, 1_000_000_000),
                    1_000_000,
                    "How many rows one read over several shards may bring to the default shard.");
    static final Setting<Integer> BYTES_MAX =
            rarely(
                    "assemble.bytes-max",
                    new Kind.Bytes(1 << 10, 1 << 30),
                    64 << 20,
                    "How many bytes of rows one read over several shards may bring to the default shard.");
    static final Setting<Integer> CONCURRENT_MAX =
            rarely(
                    "assemble.concurrent-max",
                    new Kind.Number(1, 10_000),
                    16,
                    "How many reads over several shards may be carried out at once; each takes one connection to the default shard besides those of its session.");

    static final Setting<Integer> HELD_BYTES_MAX =
            rarely(
                    "assemble.held-bytes-max",
                    new Kind.Bytes(1 << 20, 1 << 30),
                    128 << 20,
                    "How many bytes of rows all writes over several shards whose rows are made on one node (INSERT ... SELECT and its like) may hold in this proxy at once, on their way to their owners.");

    static final List<Setting<?>> ALL =
            List.of(ROWS_MAX, BYTES_MAX, CONCURRENT_MAX, HELD_BYTES_MAX);

    public AssembleSettings {
        ROWS_MAX.check(rowsMax);
        BYTES_MAX.check(bytesMax);
        CONCURRENT_MAX.check(concurrentMax);
        HELD_BYTES_MAX.check(heldBytesMax);
    }

    static AssembleSettings of(SettingValues values) {
        return new AssembleSettings(
                values.get(ROWS_MAX),
                values.get(BYTES_MAX),
                values.get(CONCURRENT_MAX),
                values.get(HELD_BYTES_MAX));
    }
}
