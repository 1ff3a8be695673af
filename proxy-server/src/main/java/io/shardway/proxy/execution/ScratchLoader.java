package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.CollectedAnswer;
import io.shardway.proxy.backend.PreparedKey;
import io.shardway.proxy.protocol.ColumnDefinition;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.settings.AssembleSettings;
import io.shardway.router.ErrorCode;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.AssembledText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/**
 * Puts pulled rows into the temporary tables of a scratch connection, one INSERT at a time. Holds a
 * bounded number of bytes, and counts what a statement brings. Confined to its event loop.
 */
final class ScratchLoader {

    private static final long PAUSE_BYTES = 4 << 20;
    private static final long RESUME_BYTES = 2 << 20;

    /** What happens to those who bring rows. */
    interface Suppliers {
        void readOn(boolean on);

        void stop(ErrPacket reason);

        /** What comes cannot be stored as it is; the tables will not be used. */
        void inexact();
    }

    /**
     * A table that rows come for, and what is asked of it where they are. Immutable.
     *
     * @param locked whether nobody may change the rows until the transaction ends
     * @param reading makes the command of a text with parameters
     */
    record Source(
            ScratchTable table,
            AssembledText.Asked asked,
            boolean locked,
            Optional<BiFunction<PreparedKey, int[], BackendCommand>> reading) {

        /** The text as a command with parameters; empty if it has none. */
        Optional<BackendCommand> select(PreparedKey key) {
            return asked.parameters().isEmpty()
                    ? table.select(key)
                    : Optional.of(
                            reading.orElseThrow()
                                    .apply(
                                            key,
                                            asked.parameters().stream()
                                                    .mapToInt(Integer::intValue)
                                                    .toArray()));
        }

        /**
         * Whether rows are locked that the statement itself does not lock by a clause of its own.
         */
        private boolean locksBesides() {
            return locked && table.lock().isEmpty();
        }

        byte[] selectText(ShardId shard, long rowsMax) {
            byte[] text = table.selectText(shard, asked, rowsMax);
            return locksBesides() ? (new String(text, UTF_8) + " FOR SHARE").getBytes(UTF_8) : text;
        }

        /** Whether the text holds values, so that it hardly comes again. */
        boolean isOfValues() {
            return table.isOfValues(asked);
        }
    }

    private record Insert(int table, int rows) {}

    private final Scratch scratch;
    private final AssembleSettings limits;
    private final Suppliers suppliers;
    private final List<Source> tables;
    private final List<PulledRows> pulled = new ArrayList<>();
    private final Map<Insert, Long> prepared = new HashMap<>();
    private long rows;
    private long bytes;
    private boolean paused;
    private boolean useless;
    private Optional<Runnable> whenLoaded = Optional.empty();

    ScratchLoader(
            Scratch scratch, AssembleSettings limits, List<Source> tables, Suppliers suppliers) {
        this.scratch = scratch;
        this.limits = limits;
        this.tables = tables;
        this.suppliers = suppliers;
        tables.forEach(source -> pulled.add(new PulledRows(source.table().columns())));
    }

    List<Source> tables() {
        return tables;
    }

    AssembleSettings limits() {
        return limits;
    }

    /** Whether those who bring rows must wait. */
    boolean isPaused() {
        return paused;
    }

    long rows() {
        return rows;
    }

    long bytes() {
        return bytes;
    }

    void described(int table, List<ColumnDefinition> definitions) {
        if (!pulled.get(table).described(definitions)) {
            suppliers.stop(
                    ErrPacket.of(
                            ErrorCode.ASSEMBLY_FAILED,
                            "table "
                                    + tables.get(table).table().name()
                                    + " differs between shards"));
        } else {
            tables.get(table).table().described(definitions);
        }
    }

    /** A shard has warned of the rows it sent. */
    void warned(int table) {
        if (!tables.get(table).table().allowsWarnings()) {
            makeUseless();
        }
    }

    /** What has come will not be used: nothing more is stored. */
    private void makeUseless() {
        if (!useless) {
            useless = true;
            pulled.forEach(PulledRows::drop);
            suppliers.inexact();
        }
    }

    void row(int table, byte[] row) {
        rows++;
        bytes += row.length;
        if (rows > limits.rowsMax() || bytes > limits.bytesMax()) {
            suppliers.stop(
                    ErrPacket.of(
                            ErrorCode.ASSEMBLY_TOO_LARGE,
                            "it stopped at %d rows of %d bytes, of table %s at last"
                                    .formatted(rows, bytes, tables.get(table).table().name())));
            return;
        }
        if (useless || !tables.get(table).table().keeps(row)) {
            makeUseless();
            return;
        }
        pulled.get(table).add(row);
        if (!paused && held() > PAUSE_BYTES) {
            paused = true;
            suppliers.readOn(false);
        }
        if (scratch.isFree() && pulled.get(table).isFull()) {
            insert(table);
        }
    }

    private long held() {
        return pulled.stream().mapToLong(PulledRows::bytes).sum();
    }

    /** All rows have come: loads the rest. */
    void finish(Runnable loaded) {
        whenLoaded = Optional.of(loaded);
        if (scratch.isFree()) {
            next();
        }
    }

    private void next() {
        if (paused && held() < RESUME_BYTES) {
            paused = false;
            suppliers.readOn(true);
        }
        for (int table = 0; table < pulled.size(); table++) {
            PulledRows waiting = pulled.get(table);
            if (waiting.isFull() || (whenLoaded.isPresent() && !waiting.isEmpty())) {
                insert(table);
                return;
            }
        }
        whenLoaded.ifPresent(this::closePrepared);
    }

    private void insert(int table) {
        int count = pulled.get(table).nextBatch();
        Long known = prepared.get(new Insert(table, count));
        if (known != null) {
            execute(table, count, known);
            return;
        }
        scratch.prepare(
                tables.get(table).table().insertText(count),
                statement -> {
                    prepared.put(new Insert(table, count), statement.statementId());
                    execute(table, count, statement.statementId());
                });
    }

    private void execute(int table, int count, long statementId) {
        BackendConnection connection = scratch.connected();
        ByteBuf command =
                pulled.get(table)
                        .take(
                                count,
                                statementId,
                                connection.flavour().queryAttributes(),
                                connection.allocator());
        scratch.execute(
                command,
                ok -> {
                    if (ok.warnings() == 0) {
                        next();
                    } else {
                        readWarnings(tables.get(table).table(), ok.warnings());
                    }
                });
    }

    /** A warning is a value that was not stored as it is, but for one kind. */
    private void readWarnings(ScratchTable table, int expected) {
        scratch.query(
                "SHOW WARNINGS",
                answer -> {
                    if (answer instanceof CollectedAnswer.Rows rows
                            && rows.rowCount() == expected
                            && IntStream.range(0, expected)
                                    .allMatch(row ->
                                            table.isOfEnumZero(
                                                    Integer.parseInt(text(rows, row, 1)),
                                                    text(rows, row, 2)))) {
                        next();
                    } else {
                        suppliers.stop(
                                ErrPacket.of(
                                        ErrorCode.ASSEMBLY_FAILED,
                                        "the node does not store rows of table %s as they are"
                                                .formatted(table.name())));
                    }
                });
    }

    private static String text(CollectedAnswer.Rows rows, int row, int column) {
        byte[] cell = rows.cell(row, column);
        return cell == null ? "" : new String(cell, UTF_8);
    }

    private void closePrepared(Runnable then) {
        forget();
        then.run();
    }

    /** Closes the prepared statements and lets go of the rows. */
    void forget() {
        prepared.values().forEach(scratch.connected()::closeUnremembered);
        prepared.clear();
        pulled.forEach(PulledRows::drop);
    }
}
