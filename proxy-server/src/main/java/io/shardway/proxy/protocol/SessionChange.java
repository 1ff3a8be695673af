package io.shardway.proxy.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;

/**
 * What a server says of its session's state at the end of an answer. Immutable.
 *
 * <p>Seen on MySQL 8.0.31: after {@code SET timestamp = DEFAULT} the old value is reported again;
 * {@code SET session_track_system_variables = 'no_such, *'} tracks nothing any more.
 *
 * @see <a
 *     href="https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_ok_packet.html">
 *     MySQL Client/Server Protocol: OK_Packet, Session State Information</a>
 */
public sealed interface SessionChange {

    /**
     * A system variable has this value now. NULL is reported as an empty value (seen on 8.0.31
     * after {@code SET character_set_results = NULL}): the two cannot be told apart here.
     */
    record SystemVariable(String name, byte[] value) implements SessionChange {}

    /** The default schema; empty when it was dropped. */
    record Schema(String name) implements SessionChange {}

    /** Something that session_track_state_change watches has changed. */
    record StateChanged(boolean changed) implements SessionChange {}

    /** The GTIDs that session_track_gtids asks for. */
    record Gtids(String gtids) implements SessionChange {}

    /** Statements that would begin the present transaction again, such as {@code START ...;}. */
    record TransactionCharacteristics(String statements) implements SessionChange {}

    /** Eight letters, such as {@code T_____S_}. */
    record TransactionState(String state) implements SessionChange {}

    /** A kind that this version does not know; passed on as it is. */
    record Unknown(int type, byte[] data) implements SessionChange {}

    /** Reads all changes to the end of {@code block}. */
    static List<SessionChange> readAll(byte[] block) {
        ByteBuf in = Unpooled.wrappedBuffer(block);
        List<SessionChange> changes = new ArrayList<>();
        while (in.isReadable()) {
            int type = Wire.readByte(in);
            addAll(type, Wire.readBytes(in), changes);
        }
        return changes;
    }

    private static void addAll(int type, byte[] data, List<SessionChange> changes) {
        ByteBuf in = Unpooled.wrappedBuffer(data);
        switch (type) {
            case 0 -> {
                do { // One entry may hold several variables.
                    changes.add(new SystemVariable(Wire.readText(in, UTF_8), Wire.readBytes(in)));
                } while (in.isReadable());
            }
            case 1 -> changes.add(new Schema(Wire.readText(in, UTF_8)));
            // The manual shows a length before the digit; the server (8.0.31) sends none.
            case 2 -> changes.add(new StateChanged(Wire.readByte(in) == '1'));
            case 3 -> {
                Wire.skip(in, 1); // The encoding specification, always 0.
                changes.add(new Gtids(Wire.readText(in, UTF_8)));
            }
            case 4 -> changes.add(new TransactionCharacteristics(Wire.readText(in, UTF_8)));
            case 5 -> changes.add(new TransactionState(Wire.readText(in, UTF_8)));
            default -> changes.add(new Unknown(type, data));
        }
    }

    /** Appends this change to the block of an OK packet. */
    default void write(ByteBuf out) {
        ByteBuf data = Unpooled.buffer();
        int type =
                switch (this) {
                    case SystemVariable(var name, var value) -> {
                        Wire.writeText(data, name, UTF_8);
                        Wire.writeBytes(data, value);
                        yield 0;
                    }
                    case Schema(var name) -> text(1, data, name);
                    case StateChanged(var changed) -> {
                        data.writeByte(changed ? '1' : '0');
                        yield 2;
                    }
                    case Gtids(var gtids) -> {
                        data.writeByte(0);
                        yield text(3, data, gtids);
                    }
                    case TransactionCharacteristics(var statements) -> text(4, data, statements);
                    case TransactionState(var state) -> text(5, data, state);
                    case Unknown(var unknown, var raw) -> {
                        data.writeBytes(raw);
                        yield unknown;
                    }
                };
        out.writeByte(type);
        Wire.writeBytes(out, Wire.readRest(data));
    }

    private static int text(int type, ByteBuf data, String value) {
        Wire.writeText(data, value, UTF_8);
        return type;
    }
}
