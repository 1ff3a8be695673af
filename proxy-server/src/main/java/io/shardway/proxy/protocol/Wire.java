package io.shardway.proxy.protocol;

import io.netty.buffer.ByteBuf;
import java.nio.charset.Charset;

/**
 * Reads and writes the basic data types of the protocol. Thread-safe: static and without state.
 *
 * <p>Every read checks its bounds: on bytes that end too early it throws {@link
 * MalformedPacketException}, never an {@code IndexOutOfBoundsException}.
 *
 * @see <a
 *     href="https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_data_types.html">
 *     MySQL Client/Server Protocol: Basic Data Types</a>
 */
public final class Wire {

    /** Stands for NULL where a length could stand. */
    public static final int NULL_MARKER = 0xFB;

    /** What {@link #readLength} answers for {@link #NULL_MARKER}. */
    public static final long NULL_LENGTH = -1;

    private static final int TWO_BYTES = 0xFC;
    private static final int THREE_BYTES = 0xFD;
    private static final int EIGHT_BYTES = 0xFE;

    private Wire() {}

    /**
     * A length-encoded integer; {@link #NULL_LENGTH} for the NULL marker. The eight-byte form is
     * unsigned, so that its greatest value looks like NULL too: use {@link #readNumber} for
     * numbers.
     */
    public static long readLength(ByteBuf in) {
        int first = readByte(in);
        return switch (first) {
            case NULL_MARKER -> NULL_LENGTH;
            case TWO_BYTES -> readShort(in);
            case THREE_BYTES -> readMedium(in);
            case EIGHT_BYTES -> readLong(in);
            case 0xFF -> throw new MalformedPacketException("0xFF is not a length");
            default -> first;
        };
    }

    /** A length-encoded integer that cannot be NULL; unsigned. */
    public static long readNumber(ByteBuf in) {
        if (in.isReadable() && in.getUnsignedByte(in.readerIndex()) == NULL_MARKER) {
            throw new MalformedPacketException("NULL where a number must stand");
        }
        return readLength(in);
    }

    /** Writes {@code value}, taken as unsigned, as a length-encoded integer. */
    public static void writeLength(ByteBuf out, long value) {
        if (Long.compareUnsigned(value, NULL_MARKER) < 0) {
            out.writeByte((int) value);
        } else if (Long.compareUnsigned(value, 0xFFFF) <= 0) {
            out.writeByte(TWO_BYTES).writeShortLE((int) value);
        } else if (Long.compareUnsigned(value, 0xFFFFFF) <= 0) {
            out.writeByte(THREE_BYTES).writeMediumLE((int) value);
        } else {
            out.writeByte(EIGHT_BYTES).writeLongLE(value);
        }
    }

    public static void writeNull(ByteBuf out) {
        out.writeByte(NULL_MARKER);
    }

    /** A length-encoded string that cannot be NULL. */
    public static byte[] readBytes(ByteBuf in) {
        long length = readNumber(in);
        if (length < 0 || length > in.readableBytes()) {
            throw new MalformedPacketException("a string is longer than its packet");
        }
        return readFixed(in, (int) length);
    }

    /** Passes over a length-encoded string that cannot be NULL. */
    public static void skipBytes(ByteBuf in) {
        long length = readNumber(in);
        if (length < 0 || length > in.readableBytes()) {
            throw new MalformedPacketException("a string is longer than its packet");
        }
        in.skipBytes((int) length);
    }

    public static String readText(ByteBuf in, Charset charset) {
        return new String(readBytes(in), charset);
    }

    public static void writeBytes(ByteBuf out, byte[] value) {
        writeLength(out, value.length);
        out.writeBytes(value);
    }

    public static void writeText(ByteBuf out, String value, Charset charset) {
        writeBytes(out, value.getBytes(charset));
    }

    /** The bytes up to the next NUL, which is taken too. */
    public static byte[] readNulTerminatedBytes(ByteBuf in) {
        int length = in.bytesBefore((byte) 0);
        if (length < 0) {
            throw new MalformedPacketException("a string has no end");
        }
        byte[] value = readFixed(in, length);
        in.skipBytes(1);
        return value;
    }

    public static String readNulTerminated(ByteBuf in, Charset charset) {
        return new String(readNulTerminatedBytes(in), charset);
    }

    /** Writes the bytes and a NUL; a NUL inside {@code value} is the caller's mistake. */
    public static void writeNulTerminated(ByteBuf out, byte[] value) {
        for (byte each : value) {
            if (each == 0) {
                throw new IllegalArgumentException("NUL inside a NUL-terminated string");
            }
        }
        out.writeBytes(value).writeByte(0);
    }

    public static void writeNulTerminated(ByteBuf out, String value, Charset charset) {
        writeNulTerminated(out, value.getBytes(charset));
    }

    public static byte[] readFixed(ByteBuf in, int length) {
        require(in, length);
        byte[] value = new byte[length];
        in.readBytes(value);
        return value;
    }

    /** All bytes that are left. */
    public static byte[] readRest(ByteBuf in) {
        return readFixed(in, in.readableBytes());
    }

    public static void skip(ByteBuf in, int length) {
        require(in, length);
        in.skipBytes(length);
    }

    /** One byte, unsigned. */
    public static int readByte(ByteBuf in) {
        require(in, 1);
        return in.readUnsignedByte();
    }

    /** Two bytes, unsigned. */
    public static int readShort(ByteBuf in) {
        require(in, 2);
        return in.readUnsignedShortLE();
    }

    /** Three bytes, unsigned. */
    public static int readMedium(ByteBuf in) {
        require(in, 3);
        return in.readUnsignedMediumLE();
    }

    /** Four bytes, unsigned. */
    public static long readInt(ByteBuf in) {
        require(in, 4);
        return in.readUnsignedIntLE();
    }

    /** Eight bytes; their sign bit is part of the number where the protocol says unsigned. */
    public static long readLong(ByteBuf in) {
        require(in, 8);
        return in.readLongLE();
    }

    private static void require(ByteBuf in, int bytes) {
        if (bytes < 0 || in.readableBytes() < bytes) {
            throw new MalformedPacketException("a packet ends too early");
        }
    }
}
