package io.shardway.proxy.frontend;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.shardway.proxy.execution.ProxyServices;
import io.shardway.proxy.execution.QueryAttributes;
import io.shardway.proxy.execution.StatementRunner;
import io.shardway.proxy.protocol.Capabilities;
import io.shardway.proxy.protocol.Commands;
import io.shardway.proxy.protocol.EofPacket;
import io.shardway.proxy.protocol.MalformedPacketException;
import io.shardway.proxy.protocol.OkPacket;
import io.shardway.proxy.protocol.Packets;
import io.shardway.proxy.session.CloseReason;
import io.shardway.proxy.session.Session;
import io.shardway.router.ErrorCode;

/**
 * Decides what a client's command means (MySQL Client/Server Protocol, "Command Phase"). Confined
 * to its event loop.
 */
final class CommandDispatcher {

    private static final int HEADER_BYTES = 4;

    private final FrontendConnection connection;
    private final StatementRunner runner;
    private final ProxyServices services;
    private final UserChange userChange;
    private final Session session;
    private final int wholeBytesMax;

    CommandDispatcher(
            FrontendConnection connection,
            StatementRunner runner,
            ProxyServices services,
            UserChange userChange) {
        this.connection = connection;
        this.runner = runner;
        this.services = services;
        this.userChange = userChange;
        this.session = connection.session();
        this.wholeBytesMax = services.settings().frontend().packetBytesMax();
    }

    void dispatch(CommandFramer.Command command) {
        ByteBuf payload = command.payload();
        int code = payload.getUnsignedByte(payload.readerIndex());
        switch (code) {
            case Commands.QUIT -> {
                drop(command);
                connection.close(CloseReason.QUIT);
            }
            case Commands.STMT_CLOSE -> {
                command.framed().release();
                runner.prepared().close(payload);
                connection.nothingToAnswer();
            }
            case Commands.STMT_SEND_LONG_DATA -> {
                command.framed().release();
                runner.prepared().longData(payload);
                connection.nothingToAnswer();
            }
            default -> {
                runner.begin(command.lastSequence());
                answer(code, command);
            }
        }
    }

    /** Whether these bytes are one COM_QUERY, no more and no less. */
    boolean isWholeQuery(ByteBuf bytes) {
        int at = bytes.readerIndex();
        int length = bytes.readableBytes();
        return length > HEADER_BYTES + 1
                && length <= wholeBytesMax
                && bytes.getUnsignedIntLE(at) == length - HEADER_BYTES
                && bytes.getUnsignedByte(at + HEADER_BYTES) == Commands.QUERY;
    }

    /** Takes over bytes of which {@link #isWholeQuery} holds. */
    void query(ByteBuf framed) {
        runner.begin(0);
        connection.commandIs("Query");
        int textAt = 1;
        if (session.can(Capabilities.QUERY_ATTRIBUTES)) {
            try {
                textAt =
                        QueryAttributes.textAt(
                                framed.slice(
                                        framed.readerIndex() + HEADER_BYTES,
                                        framed.readableBytes() - HEADER_BYTES));
            } catch (MalformedPacketException malformed) {
                framed.release();
                throw malformed;
            }
        }
        runner.query(framed, HEADER_BYTES + textAt, framed.readableBytes() - HEADER_BYTES - textAt);
    }

    private void answer(int code, CommandFramer.Command command) {
        ByteBuf payload = command.payload();
        switch (code) {
            case Commands.QUERY -> query(command);
            case Commands.STMT_EXECUTE -> {
                connection.commandIs("Execute");
                runner.prepared().execute(command.framed(), payload);
            }
            case Commands.STMT_PREPARE -> {
                connection.commandIs("Prepare");
                byte[] sql = argument(payload);
                drop(command);
                runner.prepared().prepare(sql);
            }
            case Commands.STMT_FETCH -> {
                connection.commandIs("Fetch");
                runner.prepared().fetch(command.framed(), payload);
            }
            case Commands.STMT_RESET -> {
                command.framed().release();
                runner.prepared().reset(payload);
            }
            case Commands.PING -> {
                drop(command);
                runner.control().ok();
            }
            case Commands.INIT_DB -> {
                String keyspace = new String(argument(payload), UTF_8);
                drop(command);
                runner.control().use(keyspace);
            }
            case Commands.FIELD_LIST -> {
                payload.release();
                connection.commandIs("Field List");
                runner.fieldList(command.framed());
            }
            case Commands.CHANGE_USER -> {
                byte[] whole = new byte[payload.readableBytes()];
                payload.getBytes(payload.readerIndex(), whole);
                drop(command);
                userChange.begin(connection, runner, whole);
            }
            default -> rare(code, command);
        }
    }

    private void rare(int code, CommandFramer.Command command) {
        byte[] argument = argument(command.payload());
        drop(command);
        switch (code) {
            case Commands.STATISTICS -> {
                byte[] text = services.admin().statistics().getBytes(UTF_8);
                int sequence = runner.control().nextSequence();
                runner.control()
                        .raw(
                                Packets.frame(
                                        connection.allocator(),
                                        sequence,
                                        out -> out.writeBytes(text)));
            }
            case Commands.PROCESS_INFO -> runner.control().processes();
            case Commands.PROCESS_KILL -> {
                if (argument.length < 4) {
                    throw new MalformedPacketException("COM_PROCESS_KILL without an id");
                }
                long id =
                        argument[0] & 0xFFL
                                | (argument[1] & 0xFFL) << 8
                                | (argument[2] & 0xFFL) << 16
                                | (argument[3] & 0xFFL) << 24;
                runner.control().kill(id, false);
            }
            case Commands.SET_OPTION -> setOption(argument);
            case Commands.RESET_CONNECTION -> runner.control().reset(runner.control()::ok);
            default -> runner.control().fail(ErrorCode.UNKNOWN_COMMAND, "command " + code);
        }
    }

    private void setOption(byte[] argument) {
        int option = argument.length == 2 ? argument[0] | argument[1] << 8 : -1;
        if (option != 0 && option != 1) {
            runner.control().fail(ErrorCode.UNKNOWN_COMMAND, "option " + option);
            return;
        }
        session.multiStatements(option == 0);
        int sequence = runner.control().nextSequence();
        int status = session.status();
        runner.control()
                .raw(
                        Packets.frame(
                                connection.allocator(),
                                sequence,
                                out -> {
                                    if (session.can(Capabilities.DEPRECATE_EOF)) {
                                        OkPacket.of(status)
                                                .write(
                                                        out,
                                                        OkPacket.EOF_HEADER,
                                                        session.capabilities());
                                    } else {
                                        new EofPacket(0, status).write(out);
                                    }
                                }));
    }

    private void query(CommandFramer.Command command) {
        connection.commandIs("Query");
        ByteBuf payload = command.payload();
        int textAt;
        try {
            textAt =
                    session.can(Capabilities.QUERY_ATTRIBUTES)
                            ? QueryAttributes.textAt(payload)
                            : 1;
        } catch (MalformedPacketException malformed) {
            drop(command);
            throw malformed;
        }
        int textBytes = payload.readableBytes() - textAt;
        boolean onePiece =
                command.framed().readableBytes() == payload.readableBytes() + HEADER_BYTES;
        if (onePiece) {
            payload.release();
            runner.query(command.framed(), HEADER_BYTES + textAt, textBytes);
        } else {
            byte[] text = new byte[textBytes];
            payload.getBytes(payload.readerIndex() + textAt, text);
            payload.release();
            runner.queryInParts(command.framed(), text);
        }
    }

    private static byte[] argument(ByteBuf payload) {
        byte[] bytes = new byte[payload.readableBytes() - 1];
        payload.getBytes(payload.readerIndex() + 1, bytes);
        return bytes;
    }

    private static void drop(CommandFramer.Command command) {
        command.payload().release();
        command.framed().release();
    }
}
