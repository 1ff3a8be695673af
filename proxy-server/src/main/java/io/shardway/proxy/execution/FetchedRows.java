package io.shardway.proxy.execution;

import io.shardway.proxy.protocol.ColumnDefinition;
import io.shardway.proxy.protocol.ColumnTypes;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.settings.AssembleSettings;
import io.shardway.router.ErrorCode;
import io.shardway.router.keyspace.KeyType;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.DrawnColumn;
import io.shardway.router.plan.KeyResolver;
import io.shardway.router.plan.ParameterValues;
import io.shardway.router.plan.Pin;
import io.shardway.router.plan.RowKey;
import io.shardway.router.plan.ValueRef;
import io.shardway.router.sql.Literals;
import io.shardway.router.topology.Topology;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * The rows that an INSERT ... SELECT stores, as binary rows, and who owns them. Holds a bounded
 * number of bytes. Confined to its event loop.
 */
final class FetchedRows implements Scratch.PulledTo {

    /** One INSERT's, as those that fill temporary tables. */
    private static final int ROWS_MAX = 256;

    private static final int BATCH_BYTES = 512 << 10;
    private static final int PARAMETERS_MAX = 0xFFFF;

    /** What a row takes besides its bytes. */
    private static final int ROW_BYTES = 32;

    private final MadeRows made;
    private final AssembleSettings limits;
    private final RowBudget budget;
    private final BiConsumer<ErrorCode, String> tooMany;
    private final List<byte[]> rows = new ArrayList<>();
    private List<ColumnDefinition> columns = List.of();
    private long bytes;
    private long held;
    private boolean over;

    /**
     * @param tooMany hears once that there are more than may be
     */
    FetchedRows(
            MadeRows made,
            AssembleSettings limits,
            RowBudget budget,
            BiConsumer<ErrorCode, String> tooMany) {
        this.made = made;
        this.limits = limits;
        this.budget = budget;
        this.tooMany = tooMany;
    }

    @Override
    public void described(List<ColumnDefinition> definitions) {
        columns = List.copyOf(definitions);
    }

    @Override
    public void row(byte[] payload) {
        if (over) {
            return;
        }
        int size = payload.length + ROW_BYTES;
        if (!budget.tryTake(size)) {
            over(
                    ErrorCode.HELD_ROWS_EXHAUSTED,
                    "%d rows of %d bytes wait for more, and all together may hold %d"
                            .formatted(rows.size(), bytes, budget.max()));
            return;
        }
        held += size;
        rows.add(payload);
        bytes += payload.length;
        if (rows.size() > limits.rowsMax() || bytes > limits.bytesMax()) {
            over(
                    ErrorCode.ASSEMBLY_TOO_LARGE,
                    "it stopped at %d rows of %d bytes to be stored in table %s"
                            .formatted(rows.size(), bytes, made.target().schema().name()));
        }
    }

    private void over(ErrorCode code, String detail) {
        over = true;
        tooMany.accept(code, detail);
        release();
    }

    /** Lets go of the rows; nobody needs them any more. */
    void release() {
        over = true;
        rows.clear();
        budget.giveBack(held);
        held = 0;
    }

    @Override
    public Optional<ErrPacket> error(ErrPacket reason) {
        return made.hasJson() && reason.code() == JsonText.ERROR
                ? Optional.of(
                        ErrPacket.of(
                                ErrorCode.CROSS_SHARD_WRITE,
                                "it makes JSON values that their text does not tell exactly"))
                : Optional.empty();
    }

    List<ColumnDefinition> columns() {
        return columns;
    }

    int count() {
        return rows.size();
    }

    byte[] row(int index) {
        return rows.get(index);
    }

    /**
     * The numbers of each shard's rows, in their order.
     *
     * @throws io.shardway.router.ShardwayException KEY_NOT_EXACT
     */
    SortedMap<ShardId, List<Integer>> byShard(Topology topology) {
        var shards = new TreeMap<ShardId, List<Integer>>();
        OptionalInt keyAt = made.keyAt();
        var cells = new RowCells(columns, true);
        for (int row = 0; row < rows.size(); row++) {
            ShardId shard = topology.defaultShard();
            if (made.target().key().isPresent()) {
                int at = keyAt.orElseThrow();
                cells.read(rows.get(row), at);
                shard = topology.bucketMap().ownerOf(bucket(cells, at));
            }
            shards.computeIfAbsent(shard, _ -> new ArrayList<>()).add(row);
        }
        return shards;
    }

    /** A power of two where more rows follow, so that few statements are prepared. */
    List<Integer> batch(List<Integer> own, int from) {
        int width = Math.max(1, columns.size());
        int most = Math.min(own.size() - from, Math.clamp(PARAMETERS_MAX / width, 1, ROWS_MAX));
        long bytes = 0;
        int count = 0;
        while (count < most && (count == 0 || bytes < BATCH_BYTES)) {
            bytes += rows.get(own.get(from + count)).length;
            count++;
        }
        return List.copyOf(own.subList(from, from + Integer.highestOneBit(count)));
    }

    private int bucket(RowCells cells, int at) {
        KeyType type = made.target().key().orElseThrow().type();
        var pin = new Pin(type, Pin.Use.STORED, List.of(new ValueRef.Parameter(0)));
        int bucket = KeyResolver.bucketOf(pin, NO_LITERALS, new Cell(columns.get(at), cells, at));
        if (bucket == KeyResolver.ANY) {
            throw new IllegalStateException("a row without a shard key");
        }
        return bucket;
    }

    private static final Literals NO_LITERALS = new io.shardway.router.sql.Lexer();

    /**
     * What each row says of an AUTO_INCREMENT shard key.
     *
     * @throws io.shardway.router.ShardwayException KEY_NOT_EXACT
     */
    List<RowKey> keys(DrawnColumn column, boolean zeroDraws) {
        int at = made.keyAt().orElseThrow();
        var cells = new RowCells(columns, true);
        var cell = new Cell(columns.get(at), cells, at);
        Optional<ValueRef> value = Optional.of(new ValueRef.Parameter(0));
        var keys = new ArrayList<RowKey>();
        for (byte[] row : rows) {
            cells.read(row, at);
            keys.add(KeyResolver.rowKey(column.type(), value, NO_LITERALS, cell, zeroDraws));
        }
        return keys;
    }

    /** Gives rows the keys that were drawn for them; 0 leaves a row as it is. */
    void giveKeys(long[] drawn) {
        int at = made.keyAt().orElseThrow();
        var cells = new RowCells(columns, true);
        for (int row = 0; row < drawn.length; row++) {
            if (drawn[row] != 0) {
                cells.read(rows.get(row), at);
                rows.set(row, cells.with(at, drawn[row]));
            }
        }
    }

    /** Whether MySQL draws an id for this row; in doubt it does. */
    boolean draws(int row) {
        if (made.drawn().isEmpty() || made.target().drawn().isPresent()) {
            return false;
        }
        OptionalInt at = made.idAt();
        if (at.isEmpty()) {
            return true;
        }
        var cells = new RowCells(columns, true);
        cells.read(rows.get(row), at.getAsInt());
        var cell = new Cell(columns.get(at.getAsInt()), cells, at.getAsInt());
        return switch (cell.kind(0)) {
            case SIGNED, UNSIGNED -> cell.integer(0) == 0;
            case NULL, FLOATING, DECIMAL, TEXT, BYTES, OTHER -> true;
        };
    }

    /** One value as a key is judged by. */
    private record Cell(ColumnDefinition column, RowCells cells, int at)
            implements ParameterValues {

        @Override
        public Kind kind(int index) {
            if (cells.isNull(at)) {
                return Kind.NULL;
            }
            boolean unsigned = (column.flags() & ColumnTypes.UNSIGNED_FLAG) != 0;
            return switch (column.type()) {
                case ColumnTypes.TINY,
                        ColumnTypes.SHORT,
                        ColumnTypes.INT24,
                        ColumnTypes.LONG,
                        ColumnTypes.LONGLONG ->
                        unsigned ? Kind.UNSIGNED : Kind.SIGNED;
                case ColumnTypes.STRING, ColumnTypes.VAR_STRING -> Kind.BYTES;
                default -> Kind.OTHER;
            };
        }

        @Override
        public long integer(int index) {
            boolean unsigned = (column.flags() & ColumnTypes.UNSIGNED_FLAG) != 0;
            byte[] row = cells.row();
            long value = unsigned ? 0 : row[cells.to(at) - 1] >> 7;
            for (int byteAt = cells.to(at) - 1; byteAt >= cells.from(at); byteAt--) {
                value = value << 8 | row[byteAt] & 0xFF;
            }
            return value;
        }

        @Override
        public double floating(int index) {
            throw new IllegalStateException("a key is no floating point number");
        }

        @Override
        public byte[] bytes(int index) {
            return Arrays.copyOfRange(cells.row(), cells.from(at), cells.to(at));
        }

        @Override
        public boolean unicodeValues() {
            return true;
        }
    }
}
