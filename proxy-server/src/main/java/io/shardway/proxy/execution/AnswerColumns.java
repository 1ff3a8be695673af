package io.shardway.proxy.execution;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shardway.proxy.backend.AnswerSink;
import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.CollectedAnswer;
import io.shardway.proxy.backend.ResultEnd;
import io.shardway.proxy.protocol.ColumnDefinition;
import io.shardway.proxy.protocol.ColumnTypes;
import io.shardway.proxy.protocol.Wire;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Takes the columns of an answer, as they were sent. Confined to its event loop. */
final class AnswerColumns implements AnswerSink {

    private static final int HEADER_BYTES = 4;

    private static final Set<Integer> OF_DECIMALS =
            Set.of(ColumnTypes.NEWDECIMAL, ColumnTypes.DATETIME, ColumnTypes.TIME);

    private final PacketCutter cutter = new PacketCutter(this::payload);
    private final List<byte[]> payloads = new ArrayList<>();
    private final Consumer<Optional<List<byte[]>>> then;
    private int columnCount = -1;
    private boolean failed;

    /**
     * @param then empty if there was an error, or the connection was lost
     */
    AnswerColumns(Consumer<Optional<List<byte[]>>> then) {
        this.then = then;
    }

    /** Those that MySQL tells of a prepared statement. */
    static List<ColumnDefinition> of(CollectedAnswer.Prepared prepared) {
        ByteBuf in = Unpooled.wrappedBuffer(prepared.definitions());
        for (int skipped = 0; skipped < prepared.parameterCount(); skipped++) {
            in.skipBytes(HEADER_BYTES + in.getUnsignedMediumLE(in.readerIndex()));
        }
        var columns = new ArrayList<ColumnDefinition>();
        for (int column = 0; column < prepared.columnCount(); column++) {
            int length = in.readUnsignedMediumLE();
            in.skipBytes(1);
            columns.add(ColumnDefinition.read(in.readSlice(length)));
        }
        return columns;
    }

    static List<ColumnDefinition> of(List<byte[]> payloads) {
        return payloads.stream()
                .map(payload -> ColumnDefinition.read(Unpooled.wrappedBuffer(payload)))
                .toList();
    }

    /** Whether values of the one column are sent as those of the other. */
    static boolean areAlike(ColumnDefinition one, ColumnDefinition other) {
        return one.type() == other.type()
                && one.characterSet() == other.characterSet()
                && (one.flags() & ColumnTypes.UNSIGNED_FLAG)
                        == (other.flags() & ColumnTypes.UNSIGNED_FLAG)
                && (!OF_DECIMALS.contains(one.type()) || one.decimals() == other.decimals());
    }

    @Override
    public void bytes(ByteBuf bytes, boolean last) {
        cutter.accept(bytes);
    }

    private void payload(byte[] payload) {
        if (columnCount < 0) {
            boolean error = (payload[0] & 0xFF) == 0xFF;
            columnCount = error ? 0 : (int) Wire.readLength(Unpooled.wrappedBuffer(payload));
        } else if (payloads.size() < columnCount) {
            payloads.add(payload);
        }
    }

    @Override
    public void resultEnded(ResultEnd end) {
        failed = end.isError();
    }

    @Override
    public void answered(BackendConnection connection) {
        connection.whenNoKillIsUnderWay(
                () -> then.accept(failed ? Optional.empty() : Optional.of(payloads)));
    }

    @Override
    public void lost(BackendConnection connection, boolean answerBegun, Throwable cause) {
        then.accept(Optional.empty());
    }
}
