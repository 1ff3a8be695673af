package io.shardway.proxy.execution;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shardway.proxy.backend.AnswerSink;
import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.ResultEnd;
import io.shardway.proxy.protocol.ColumnDefinition;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.protocol.Wire;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads one answer with binary rows. Confined to its event loop; one answer each. */
final class PullSink implements AnswerSink {

    /** Takes what comes; one of the last three is called last. */
    interface Receiver {
        void described(List<ColumnDefinition> columns);

        void row(byte[] payload);

        /** A node warned of them; {@link #pulled} follows. */
        default void warned() {}

        void pulled(int status);

        void refused(ErrPacket reason);

        void lost();
    }

    private final Receiver receiver;
    private final PacketCutter cutter = new PacketCutter(this::payload);
    private final List<ColumnDefinition> columns = new ArrayList<>();
    private int columnCount;
    private Optional<ErrPacket> error = Optional.empty();
    private int status;

    PullSink(Receiver receiver) {
        this.receiver = receiver;
    }

    @Override
    public void bytes(ByteBuf bytes, boolean last) {
        cutter.accept(bytes);
    }

    private void payload(byte[] payload) {
        int head = payload[0] & 0xFF;
        if (columnCount == 0) {
            if (head != 0xFF) {
                columnCount = (int) Wire.readLength(Unpooled.wrappedBuffer(payload));
            }
        } else if (columns.size() < columnCount) {
            if (head != 0xFF) {
                columns.add(ColumnDefinition.read(Unpooled.wrappedBuffer(payload)));
                if (columns.size() == columnCount) {
                    receiver.described(columns);
                }
            }
        } else if (head == 0x00) {
            receiver.row(payload);
        }
    }

    @Override
    public void resultEnded(ResultEnd end) {
        if (end.isError()) {
            error = Optional.of(new ErrPacket(end.errorCode(), end.sqlState(), end.errorMessage()));
        } else {
            status = end.status();
            if (end.warnings() > 0) {
                receiver.warned();
            }
        }
    }

    @Override
    public void answered(BackendConnection connection) {
        if (error.isPresent()) {
            receiver.refused(error.get());
        } else {
            receiver.pulled(status);
        }
    }

    @Override
    public void lost(BackendConnection connection, boolean answerBegun, Throwable cause) {
        receiver.lost();
    }
}
