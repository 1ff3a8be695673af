package io.shardway.proxy.execution;

import io.shardway.proxy.protocol.ColumnDefinition;
import io.shardway.proxy.protocol.ColumnTypes;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.KeyResolver;
import io.shardway.router.plan.ParameterValues;
import io.shardway.router.plan.Pin;
import io.shardway.router.plan.ValueRef;
import io.shardway.router.schema.TableSchema;
import io.shardway.router.sql.Lexer;
import io.shardway.router.sql.Literals;
import io.shardway.router.topology.Topology;
import java.util.Arrays;
import java.util.List;

/** Who owns a binary row, by the shard key that stands in it. Stateless. */
final class RowOwner {

    static final Literals NO_LITERALS = new Lexer();

    private RowOwner() {}

    /**
     * @param cells which have read the row as far as the key
     * @param at where the key stands
     * @throws io.shardway.router.ShardwayException KEY_NOT_EXACT
     */
    static ShardId of(
            Topology topology,
            TableSchema.Key key,
            ColumnDefinition column,
            RowCells cells,
            int at) {
        var pin = new Pin(key.type(), Pin.Use.STORED, List.of(new ValueRef.Parameter(0)));
        int bucket = KeyResolver.bucketOf(pin, NO_LITERALS, new Cell(column, cells, at));
        if (bucket == KeyResolver.ANY) {
            throw new IllegalStateException("a row without a shard key");
        }
        return topology.bucketMap().ownerOf(bucket);
    }

    /** One value as a key is judged by. */
    record Cell(ColumnDefinition column, RowCells cells, int at) implements ParameterValues {

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
