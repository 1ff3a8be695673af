package io.shardway.proxy.execution;

import io.netty.buffer.ByteBuf;
import io.shardway.proxy.protocol.ColumnTypes;
import io.shardway.proxy.protocol.MalformedPacketException;
import io.shardway.proxy.protocol.Wire;
import io.shardway.proxy.session.PreparedStatement;
import io.shardway.router.plan.ParameterValues;
import java.util.Optional;

/**
 * The parameters of one COM_STMT_EXECUTE (MySQL Client/Server Protocol, "COM_STMT_EXECUTE"), read
 * only as far as a route needs them. Confined to its event loop; valid while the payload is.
 */
final class ExecuteParameters implements ParameterValues {

    private static final int HEADER_BYTES = 10;
    private static final int FLAGS_AT = 5;

    /** MySQL knows no statement with more. */
    private static final int COUNT_MAX = 0xFFFF;

    private static final int COUNT_AVAILABLE = 0x08;
    private static final int UNSIGNED_FLAG = 0x8000;

    /** How long a point in time is, by what it tells. */
    private static final int DAY_BYTES = 4;

    private static final int TIME_BYTES = 7;
    private static final int MICROSECOND_BYTES = 11;

    private final ByteBuf payload;
    private final PreparedStatement statement;
    private final boolean unicodeValues;
    private final boolean attributes;
    private final boolean counted;
    private final int count;
    private final int nullBitmapAt;
    private final int bindFlagAt;
    private final boolean typesSent;
    private final int valuesAt;
    private final byte[] types;
    private int walkedTo;
    private int walkedAt;

    /**
     * @param payload from the command byte on; its indexes are not moved
     */
    ExecuteParameters(
            ByteBuf payload,
            PreparedStatement statement,
            boolean queryAttributes,
            boolean unicodeValues) {
        this.unicodeValues = unicodeValues;
        this.payload = payload;
        this.statement = statement;
        this.attributes = queryAttributes;
        ByteBuf in = payload.duplicate();
        Wire.skip(in, HEADER_BYTES);
        int flags = payload.getUnsignedByte(payload.readerIndex() + FLAGS_AT);
        int parameters = statement.parameterCount();
        boolean countSent = false;
        if (queryAttributes
                && (parameters > 0 || (flags & COUNT_AVAILABLE) != 0)
                && in.isReadable()) {
            countSent = (flags & COUNT_AVAILABLE) != 0;
            parameters = countSent ? readCount(in) : parameters;
        }
        counted = countSent;
        if (parameters < statement.parameterCount()) {
            throw new MalformedPacketException(
                    "an execution has fewer parameters than its statement");
        }
        count = parameters;
        nullBitmapAt = in.readerIndex();
        if (count == 0) {
            bindFlagAt = nullBitmapAt;
            typesSent = false;
            valuesAt = nullBitmapAt;
            types = new byte[0];
            return;
        }
        Wire.skip(in, (count + 7) / 8);
        bindFlagAt = in.readerIndex();
        typesSent = Wire.readByte(in) == 1;
        if (!typesSent) {
            types = statement.types();
            if (types.length == 0 && !allNull()) {
                throw new MalformedPacketException("an execution names no parameter types");
            }
            valuesAt = in.readerIndex();
            return;
        }
        int typesAt = in.readerIndex();
        for (int i = 0; i < count; i++) {
            Wire.skip(in, 2);
            if (attributes) {
                Wire.skipBytes(in);
            }
        }
        int length = in.readerIndex() - typesAt;
        types =
                sameAs(statement.types(), typesAt, length)
                        ? statement.types()
                        : copy(typesAt, length);
        statement.bind(types);
        valuesAt = in.readerIndex();
    }

    /**
     * How many parameters or attributes follow; bounded, so that nobody makes us take memory for
     * more.
     */
    static int readCount(ByteBuf in) {
        long count = Wire.readNumber(in);
        if (count < 0 || count > COUNT_MAX) {
            throw new MalformedPacketException("more than " + COUNT_MAX + " parameters");
        }
        return (int) count;
    }

    private boolean sameAs(byte[] before, int at, int length) {
        if (before.length != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (before[i] != payload.getByte(at + i)) {
                return false;
            }
        }
        return true;
    }

    private byte[] copy(int at, int length) {
        byte[] bytes = new byte[length];
        payload.getBytes(at, bytes);
        return bytes;
    }

    int count() {
        return count;
    }

    boolean typesSent() {
        return typesSent;
    }

    /** The types that hold for this execution. */
    byte[] types() {
        return types;
    }

    int bindFlagAt() {
        return bindFlagAt;
    }

    @Override
    public Kind kind(int index) {
        if (isNull(index)) {
            return Kind.NULL;
        }
        if (statement.hasLongData(index)) {
            return Kind.OTHER;
        }
        int type = type(index);
        return switch (type & 0xFF) {
            case ColumnTypes.NULL -> Kind.NULL;
            case ColumnTypes.TINY,
                    ColumnTypes.SHORT,
                    ColumnTypes.YEAR,
                    ColumnTypes.LONG,
                    ColumnTypes.INT24,
                    ColumnTypes.LONGLONG ->
                    (type & UNSIGNED_FLAG) == 0 ? Kind.SIGNED : Kind.UNSIGNED;
            case ColumnTypes.FLOAT, ColumnTypes.DOUBLE -> Kind.FLOATING;
            case ColumnTypes.DECIMAL, ColumnTypes.NEWDECIMAL -> Kind.DECIMAL;
            case ColumnTypes.VARCHAR, ColumnTypes.VAR_STRING, ColumnTypes.STRING -> Kind.TEXT;
            case ColumnTypes.TINY_BLOB,
                    ColumnTypes.MEDIUM_BLOB,
                    ColumnTypes.LONG_BLOB,
                    ColumnTypes.BLOB ->
                    Kind.BYTES;
            default -> Kind.OTHER;
        };
    }

    /** Then the types may be left out, as Connector/J does. */
    private boolean allNull() {
        for (int i = 0; i < count; i++) {
            if (!isNull(i)) {
                return false;
            }
        }
        return true;
    }

    boolean isNull(int index) {
        return (payload.getByte(nullBitmapAt + index / 8) & (1 << (index % 8))) != 0;
    }

    ByteBuf payload() {
        return payload;
    }

    /** The number of parameters was sent along. */
    boolean isCounted() {
        return counted;
    }

    /** Each type has a name, perhaps an empty one. */
    boolean areNamed() {
        return attributes;
    }

    /** The types, also where they may be left out because all values are NULL. */
    byte[] allTypes() {
        if (types.length > 0 || count == 0) {
            return types;
        }
        byte[] nulls = new byte[count * (attributes ? 3 : 2)];
        for (int at = 0; at < nulls.length; at += attributes ? 3 : 2) {
            nulls[at] = (byte) ColumnTypes.NULL;
        }
        return nulls;
    }

    /** Where the type of a parameter begins; behind the last one for the number of parameters. */
    int typeAt(byte[] all, int index) {
        int at = 0;
        for (int i = 0; i < index; i++) {
            at += attributes ? 3 + nameLength(all, at + 2) : 2;
        }
        return at;
    }

    /** Where each type begins in all of them, and where the last one ends. */
    int[] typeOffsets(byte[] all) {
        var offsets = new int[count + 1];
        for (int i = 0; i < count; i++) {
            offsets[i + 1] = offsets[i] + (attributes ? 3 + nameLength(all, offsets[i] + 2) : 2);
        }
        return offsets;
    }

    /** Where each value begins, or would begin, in the payload, and where the last one ends. */
    int[] valueOffsets() {
        var offsets = new int[count + 1];
        int[] typesAt = typeOffsets(allTypes());
        ByteBuf in = payload.duplicate();
        in.readerIndex(valuesAt);
        for (int i = 0; i < count; i++) {
            offsets[i] = in.readerIndex();
            if (!isNull(i) && !statement.hasLongData(i)) {
                skipValue(in, types[typesAt[i]] & 0xFF);
            }
        }
        offsets[count] = in.readerIndex();
        return offsets;
    }

    /** Where the value of a parameter begins, or would begin, in the payload. */
    int valueFrom(int index) {
        ByteBuf in = payload.duplicate();
        in.readerIndex(valuesAt);
        for (int i = 0; i < index; i++) {
            if (!isNull(i) && !statement.hasLongData(i)) {
                skipValue(in, type(i) & 0xFF);
            }
        }
        return in.readerIndex();
    }

    private int type(int index) {
        int at = typeAt(types, index);
        if (at + 2 > types.length) {
            throw new MalformedPacketException("an execution names no parameter types");
        }
        return (types[at] & 0xFF) | (types[at + 1] & 0xFF) << 8;
    }

    private static int nameLength(byte[] all, int at) {
        int length = all[at] & 0xFF;
        if (length > 0xFA) {
            throw new MalformedPacketException("an attribute name is longer than 250 bytes");
        }
        return length;
    }

    @Override
    public long integer(int index) {
        int at = valueAt(index);
        boolean unsigned = (type(index) & UNSIGNED_FLAG) != 0;
        return switch (type(index) & 0xFF) {
            case ColumnTypes.TINY -> unsigned ? payload.getUnsignedByte(at) : payload.getByte(at);
            case ColumnTypes.SHORT, ColumnTypes.YEAR ->
                    unsigned ? payload.getUnsignedShortLE(at) : payload.getShortLE(at);
            case ColumnTypes.LONG, ColumnTypes.INT24 ->
                    unsigned ? payload.getUnsignedIntLE(at) : payload.getIntLE(at);
            default -> payload.getLongLE(at);
        };
    }

    @Override
    public double floating(int index) {
        int at = valueAt(index);
        return (type(index) & 0xFF) == ColumnTypes.FLOAT
                ? payload.getFloatLE(at)
                : payload.getDoubleLE(at);
    }

    @Override
    public byte[] bytes(int index) {
        ByteBuf in = payload.duplicate();
        in.readerIndex(valueAt(index));
        return Wire.readBytes(in);
    }

    @Override
    public Optional<String> moment(int index) {
        int type = type(index) & 0xFF;
        boolean isMoment =
                type == ColumnTypes.DATE
                        || type == ColumnTypes.DATETIME
                        || type == ColumnTypes.TIMESTAMP;
        if (!isMoment || isNull(index) || statement.hasLongData(index)) {
            return Optional.empty();
        }
        ByteBuf in = payload.duplicate();
        in.readerIndex(valueAt(index));
        int bytes = Wire.readByte(in);
        if (bytes < DAY_BYTES || !in.isReadable(bytes)) {
            return Optional.empty();
        }
        String day =
                "%04d-%02d-%02d"
                        .formatted(
                                in.readUnsignedShortLE(),
                                in.readUnsignedByte(),
                                in.readUnsignedByte());
        if (bytes < TIME_BYTES) {
            return Optional.of(day);
        }
        String time =
                "%02d:%02d:%02d"
                        .formatted(
                                in.readUnsignedByte(),
                                in.readUnsignedByte(),
                                in.readUnsignedByte());
        return Optional.of(
                day
                        + " "
                        + time
                        + (bytes < MICROSECOND_BYTES
                                ? ""
                                : ".%06d".formatted(in.readUnsignedIntLE())));
    }

    @Override
    public boolean unicodeValues() {
        return unicodeValues;
    }

    private int valueAt(int index) {
        if (index < walkedTo || walkedAt == 0) {
            walkedTo = 0;
            walkedAt = valuesAt;
        }
        ByteBuf in = payload.duplicate();
        in.readerIndex(walkedAt);
        while (walkedTo < index) {
            if (!isNull(walkedTo) && !statement.hasLongData(walkedTo)) {
                skipValue(in, type(walkedTo) & 0xFF);
            }
            walkedTo++;
        }
        walkedAt = in.readerIndex();
        if (!in.isReadable(needed(type(index) & 0xFF))) {
            throw new MalformedPacketException("an execution ends within its parameters");
        }
        return walkedAt;
    }

    private static int needed(int type) {
        return switch (type) {
            case ColumnTypes.SHORT, ColumnTypes.YEAR -> 2;
            case ColumnTypes.LONG, ColumnTypes.INT24, ColumnTypes.FLOAT -> 4;
            case ColumnTypes.LONGLONG, ColumnTypes.DOUBLE -> 8;
            default -> 1;
        };
    }

    static void skipValue(ByteBuf in, int type) {
        switch (type) {
            case ColumnTypes.NULL -> {}
            case ColumnTypes.TINY -> Wire.skip(in, 1);
            case ColumnTypes.SHORT, ColumnTypes.YEAR -> Wire.skip(in, 2);
            case ColumnTypes.LONG, ColumnTypes.INT24, ColumnTypes.FLOAT -> Wire.skip(in, 4);
            case ColumnTypes.LONGLONG, ColumnTypes.DOUBLE -> Wire.skip(in, 8);
            case ColumnTypes.DATE, ColumnTypes.DATETIME, ColumnTypes.TIMESTAMP, ColumnTypes.TIME ->
                    Wire.skip(in, Wire.readByte(in));
            default -> Wire.skipBytes(in);
        }
    }
}
