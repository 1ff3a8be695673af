package io.shardway.proxy.backend;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shardway.proxy.protocol.Capabilities;
import io.shardway.proxy.protocol.MalformedPacketException;
import io.shardway.proxy.protocol.OkPacket;
import io.shardway.proxy.protocol.Wire;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Collects a bounded answer and hands it over parsed. Confined to its event loop; one answer each.
 */
final class CollectingSink implements AnswerSink {

    private final AnswerKind kind;
    private final int bytesMax;
    private final Consumer<CollectedAnswer> receiver;
    private final ByteBuf collected = Unpooled.buffer(256);
    private boolean overflown;

    CollectingSink(AnswerKind kind, int bytesMax, Consumer<CollectedAnswer> receiver) {
        this.kind = kind;
        this.bytesMax = bytesMax;
        this.receiver = receiver;
    }

    @Override
    public void bytes(ByteBuf bytes, boolean last) {
        try {
            if (collected.readableBytes() + bytes.readableBytes() > bytesMax) {
                overflown = true;
            }
            if (!overflown) {
                collected.writeBytes(bytes);
            }
        } finally {
            bytes.release();
        }
    }

    @Override
    public void resultEnded(ResultEnd end) {}

    @Override
    public void answered(BackendConnection connection) {
        if (overflown) {
            var cause =
                    new MalformedPacketException(
                            "an answer to the proxy itself is larger than " + bytesMax);
            connection.close();
            receiver.accept(new CollectedAnswer.Lost(cause));
            return;
        }
        receiver.accept(parsed(connection));
    }

    private CollectedAnswer parsed(BackendConnection connection) {
        try {
            return parse();
        } catch (MalformedPacketException | IndexOutOfBoundsException odd) {
            connection.close();
            return new CollectedAnswer.Lost(odd);
        }
    }

    @Override
    public void lost(BackendConnection connection, boolean answerBegun, Throwable cause) {
        receiver.accept(new CollectedAnswer.Lost(cause));
    }

    private CollectedAnswer parse() {
        ByteBuf first = nextPacket();
        int head = first.getUnsignedByte(first.readerIndex());
        if (head == 0xFF) {
            return refused(first);
        }
        if (kind == AnswerKind.PREPARED) {
            first.skipBytes(1);
            long id = first.readUnsignedIntLE();
            int columns = first.readUnsignedShortLE();
            int parameters = first.readUnsignedShortLE();
            first.skipBytes(1);
            int warnings = first.isReadable(2) ? first.readUnsignedShortLE() : 0;
            byte[] rest = new byte[collected.readableBytes()];
            collected.readBytes(rest);
            return new CollectedAnswer.Prepared(id, columns, parameters, warnings, rest);
        }
        if (head == 0x00 || head == 0xFE) {
            return new CollectedAnswer.Ok(OkPacket.read(first, capabilities()));
        }
        return rows((int) Wire.readLength(first));
    }

    private static long capabilities() {
        return Capabilities.SESSION_TRACK | Capabilities.PROTOCOL_41;
    }

    private CollectedAnswer rows(int columns) {
        var types = new ArrayList<Integer>();
        var characterSets = new ArrayList<Integer>();
        var flags = new ArrayList<Integer>();
        for (int column = 0; column < columns; column++) {
            ByteBuf definition = nextPacket();
            for (int name = 0; name < 6; name++) {
                Wire.readBytes(definition);
            }
            Wire.readLength(definition);
            characterSets.add(definition.readUnsignedShortLE());
            definition.skipBytes(4);
            types.add((int) definition.readUnsignedByte());
            flags.add(definition.readUnsignedShortLE());
        }
        List<byte @Nullable []> cells = new ArrayList<>();
        while (true) {
            ByteBuf packet = nextPacket();
            int head = packet.getUnsignedByte(packet.readerIndex());
            if (head == 0xFF) {
                return refused(packet);
            }
            if (head == 0xFE && packet.readableBytes() < 0xFFFFFF) {
                OkPacket end = OkPacket.read(packet, capabilities());
                return new CollectedAnswer.Rows(types, characterSets, flags, cells, end);
            }
            for (int column = 0; column < columns; column++) {
                if (packet.getUnsignedByte(packet.readerIndex()) == 0xFB) {
                    packet.skipBytes(1);
                    cells.add(null);
                } else {
                    cells.add(Wire.readBytes(packet));
                }
            }
        }
    }

    private static CollectedAnswer refused(ByteBuf packet) {
        packet.skipBytes(1);
        int code = packet.readUnsignedShortLE();
        packet.skipBytes(1);
        byte[] state = new byte[5];
        packet.readBytes(state);
        byte[] message = new byte[packet.readableBytes()];
        packet.readBytes(message);
        return new CollectedAnswer.Refused(
                code, new String(state, java.nio.charset.StandardCharsets.US_ASCII), message);
    }

    private ByteBuf nextPacket() {
        int length = collected.readUnsignedMediumLE();
        collected.skipBytes(1);
        return collected.readSlice(length);
    }
}
