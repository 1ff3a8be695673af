package io.shardway.proxy.backend;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shardway.proxy.protocol.ServerStatus;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * An answer written down packet by packet, as a node sends it and as a client must see it. Knows
 * nothing of the code it tests: the client's side is framed anew from the payloads.
 */
final class NodeAnswer {

    private static final int FULL = 0xFFFFFF;

    private final List<Part> parts = new ArrayList<>();

    private sealed interface Part {
        /** The same for both sides. */
        record Plain(byte[] payload) implements Part {}

        /** Only for clients that want EOF packets. */
        record OnlyEof(byte[] payload) implements Part {}

        /** An OK for the node, an EOF for clients that want those. */
        record OkOrEof(byte[] ok, byte[] eof) implements Part {}
    }

    static NodeAnswer answer() {
        return new NodeAnswer();
    }

    NodeAnswer plain(byte... payload) {
        parts.add(new Part.Plain(payload));
        return this;
    }

    NodeAnswer ok(int status) {
        return plain(
                (byte) 0,
                (byte) 3,
                (byte) 7,
                (byte) status,
                (byte) (status >> 8),
                (byte) 1,
                (byte) 0);
    }

    NodeAnswer error() {
        return plain("\u00ff\u0028\u0004#42000broken".getBytes(StandardCharsets.ISO_8859_1));
    }

    NodeAnswer columnCount(int count) {
        return count < 251
                ? plain((byte) count)
                : plain((byte) 0xFC, (byte) count, (byte) (count >> 8));
    }

    NodeAnswer definitions(int count) {
        for (int i = 0; i < count; i++) {
            plain(
                    ("\u0003def\u0000\u0000\u0000\u0001"
                                    + (char) ('a' + i % 26)
                                    + "\u0000\u000cxxxxxxxxxxxx")
                            .getBytes(StandardCharsets.ISO_8859_1));
        }
        return this;
    }

    /** What an old client sees behind the definitions. */
    NodeAnswer definitionsEnd(int statusShown) {
        parts.add(new Part.OnlyEof(eof(0, statusShown)));
        return this;
    }

    NodeAnswer rowsEnd(int status) {
        byte[] ok = {(byte) 0xFE, 0, 0, (byte) status, (byte) (status >> 8), 2, 0};
        parts.add(new Part.OkOrEof(ok, eof(2, status)));
        return this;
    }

    /** Columns, rows and their end. */
    NodeAnswer table(int columns, int rows, int status) {
        columnCount(columns).definitions(columns);
        definitionsEnd(rows == 0 ? status : ServerStatus.AUTOCOMMIT);
        for (int i = 0; i < rows; i++) {
            plain(row(columns, i));
        }
        return rowsEnd(status);
    }

    private static byte[] row(int columns, int number) {
        ByteBuf row = Unpooled.buffer();
        for (int column = 0; column < columns; column++) {
            if ((number + column) % 3 == 0) {
                row.writeByte(0xFB);
            } else {
                row.writeByte(column % 4).writeBytes(new byte[] {'x', 'y', 'z'}, 0, column % 4);
            }
        }
        byte[] bytes = new byte[row.readableBytes()];
        row.readBytes(bytes);
        return bytes;
    }

    private static byte[] eof(int warnings, int status) {
        return new byte[] {(byte) 0xFE, (byte) warnings, 0, (byte) status, (byte) (status >> 8)};
    }

    byte[] asSent() {
        var out = new Frames(1);
        for (Part part : parts) {
            switch (part) {
                case Part.Plain(byte[] payload) -> out.add(payload);
                case Part.OnlyEof _ -> {}
                case Part.OkOrEof(byte[] ok, _) -> out.add(ok);
            }
        }
        return out.bytes.toByteArray();
    }

    byte[] asSeen(AnswerRewrite rewrite) {
        var out = new Frames(1 + rewrite.sequenceShift());
        for (Part part : parts) {
            switch (part) {
                case Part.Plain(byte[] payload) -> out.add(payload);
                case Part.OnlyEof(byte[] payload) -> {
                    if (rewrite.eofPackets()) {
                        out.add(payload);
                    }
                }
                case Part.OkOrEof(byte[] ok, byte[] eof) ->
                        out.add(rewrite.eofPackets() ? eof : ok);
            }
        }
        return out.bytes.toByteArray();
    }

    private static final class Frames {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private int sequence;

        private Frames(int first) {
            sequence = first;
        }

        private void add(byte[] payload) {
            int at = 0;
            int length;
            do {
                length = Math.min(FULL, payload.length - at);
                bytes.write(length);
                bytes.write(length >> 8);
                bytes.write(length >> 16);
                bytes.write(sequence++);
                bytes.write(payload, at, length);
                at += length;
            } while (length == FULL);
        }
    }
}
