package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.shardway.proxy.backend.CollectedAnswer;
import io.shardway.proxy.protocol.ColumnDefinition;
import io.shardway.proxy.protocol.Wire;
import io.shardway.router.plan.AssembledText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Takes the names of copies out of the columns of an answer: a column is called what MySQL called
 * it when it prepared the client's own text, and is of the table that was copied, or of the view.
 * Confined to its event loop; one answer each.
 */
final class AnswerNames {

    private static final int HEADER_BYTES = 4;

    /** What stands behind the names, and how long that is. */
    private static final int TYPE_BYTES = 13;

    private static final byte[] NONE = {};

    /**
     * What a column is called.
     *
     * @param schema of its table
     * @param table what the statement calls it
     * @param view of which it is, if that stands there as its query; empty else
     */
    private record Name(byte[] name, byte[] schema, byte[] table, byte[] view) {}

    /** Whole columns that stand for those of the answer; empty if these have other names only. */
    private final List<byte[]> columns;

    private final List<Name> names = new ArrayList<>();
    private final Map<String, String> tablesByCopy = new HashMap<>();
    private final ByteBufAllocator allocator;
    private Optional<ByteBuf> held = Optional.empty();
    private boolean done;

    AnswerNames(
            CollectedAnswer.Prepared prepared,
            List<AssembledText.Copy> copies,
            Set<String> views,
            ByteBufAllocator allocator) {
        this.allocator = allocator;
        this.columns = List.of();
        copies.forEach(copy -> tablesByCopy.put(copy.name(), copy.table().schema().name()));
        ByteBuf in = Unpooled.wrappedBuffer(prepared.definitions());
        for (int skipped = 0; skipped < prepared.parameterCount(); skipped++) {
            in.skipBytes(HEADER_BYTES + in.getUnsignedMediumLE(in.readerIndex()));
        }
        for (int column = 0; column < prepared.columnCount(); column++) {
            int length = in.readUnsignedMediumLE();
            in.skipBytes(1);
            ByteBuf definition = in.readSlice(length);
            Wire.skipBytes(definition);
            byte[] schema = Wire.readBytes(definition);
            byte[] table = Wire.readBytes(definition);
            byte[] of = Wire.readBytes(definition);
            boolean view = views.contains(new String(of, UTF_8));
            names.add(new Name(Wire.readBytes(definition), schema, table, view ? of : NONE));
        }
    }

    /**
     * @param columns that the answer has
     */
    AnswerNames(List<byte[]> columns, ByteBufAllocator allocator) {
        this.allocator = allocator;
        this.columns = List.copyOf(columns);
    }

    private int count() {
        return columns.isEmpty() ? names.size() : columns.size();
    }

    /**
     * Takes bytes of the answer.
     *
     * @return what can be passed on now
     */
    Optional<ByteBuf> pass(ByteBuf bytes, boolean last) {
        if (done) {
            return Optional.of(bytes);
        }
        ByteBuf all = held.map(before -> before.writeBytes(bytes)).orElse(bytes);
        if (held.isPresent()) {
            bytes.release();
        }
        int end = definitionsEnd(all);
        if (end < 0 && !last) {
            if (held.isEmpty()) {
                held = Optional.of(allocator.buffer().writeBytes(bytes));
                bytes.release();
            }
            return Optional.empty();
        }
        done = true;
        held = Optional.empty();
        return Optional.of(end <= 0 ? all : renamed(all));
    }

    /** Behind the last definition; -1 if it has not come, 0 if nothing is to be renamed. */
    private int definitionsEnd(ByteBuf all) {
        int at = all.readerIndex();
        for (int packet = 0; packet <= count(); packet++) {
            if (all.writerIndex() - at < HEADER_BYTES + 1) {
                return -1;
            }
            int next = at + HEADER_BYTES + all.getUnsignedMediumLE(at);
            if (next > all.writerIndex()) {
                return -1;
            }
            if (packet == 0 && count(all, at + HEADER_BYTES) != count()) {
                return 0;
            }
            at = next;
        }
        return at;
    }

    /** An error or OK counts no columns. */
    private static int count(ByteBuf all, int at) {
        int first = all.getUnsignedByte(at);
        return first < 0xFB ? first : first == 0xFC ? all.getUnsignedShortLE(at + 1) : 0;
    }

    private ByteBuf renamed(ByteBuf all) {
        try {
            ByteBuf out = allocator.buffer(all.readableBytes() + 64);
            out.writeBytes(all, HEADER_BYTES + all.getUnsignedMediumLE(all.readerIndex()));
            for (int column = 0; column < count(); column++) {
                int length = all.readUnsignedMediumLE();
                int sequence = all.readUnsignedByte();
                ByteBuf definition = column(all.readSlice(length), column);
                out.writeMediumLE(definition.readableBytes()).writeByte(sequence);
                out.writeBytes(definition);
                definition.release();
            }
            return out.writeBytes(all);
        } finally {
            all.release();
        }
    }

    private ByteBuf column(ByteBuf definition, int column) {
        return columns.isEmpty()
                ? renamed(definition, names.get(column))
                : replaced(definition, columns.get(column));
    }

    /** Of another type than was foreseen, a column has the names only. */
    private static ByteBuf replaced(ByteBuf definition, byte[] column) {
        ByteBuf wanted = Unpooled.wrappedBuffer(column);
        boolean alike =
                AnswerColumns.areAlike(
                        ColumnDefinition.read(definition.duplicate()),
                        ColumnDefinition.read(wanted.duplicate()));
        return alike
                ? wanted
                : Unpooled.wrappedBuffer(
                        wanted.slice(0, column.length - TYPE_BYTES),
                        definition
                                .slice(definition.writerIndex() - TYPE_BYTES, TYPE_BYTES)
                                .retain());
    }

    private ByteBuf renamed(ByteBuf definition, Name name) {
        byte[] catalog = Wire.readBytes(definition);
        byte[] schema = Wire.readBytes(definition);
        byte[] table = Wire.readBytes(definition);
        byte[] original = Wire.readBytes(definition);
        boolean view = name.view().length > 0 && Arrays.equals(table, name.table());
        ByteBuf out = allocator.buffer(definition.readableBytes() + 256);
        Wire.writeBytes(out, catalog);
        Wire.writeBytes(out, view ? name.schema() : schema);
        Wire.writeBytes(out, table);
        Wire.writeBytes(out, view ? name.view() : original(original));
        Wire.skipBytes(definition);
        Wire.writeBytes(out, name.name());
        return out.writeBytes(definition);
    }

    private byte[] original(byte[] table) {
        String copied = tablesByCopy.get(new String(table, UTF_8));
        return copied == null ? table : copied.getBytes(UTF_8);
    }

    void release() {
        held.ifPresent(ByteBuf::release);
        held = Optional.empty();
    }
}
