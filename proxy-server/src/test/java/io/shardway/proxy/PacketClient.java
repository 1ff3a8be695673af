package io.shardway.proxy;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shardway.proxy.protocol.Capabilities;
import io.shardway.proxy.protocol.HandshakeV10;
import io.shardway.proxy.protocol.RsaKeys;
import io.shardway.proxy.protocol.Scrambles;
import io.shardway.proxy.protocol.Wire;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;

/**
 * Speaks single packets to a server, for commands and flags that drivers hide. Blocking; one
 * thread.
 */
final class PacketClient implements AutoCloseable {

    static final long BASE =
            Capabilities.PROTOCOL_41
                    | Capabilities.SECURE_CONNECTION
                    | Capabilities.PLUGIN_AUTH
                    | Capabilities.TRANSACTIONS
                    | Capabilities.CONNECT_WITH_DB
                    | Capabilities.MULTI_RESULTS
                    | Capabilities.LONG_PASSWORD;

    private static final int COLLATION_UTF8MB4 = 255;

    /** One packet of an answer. Immutable. */
    record Packet(int sequence, byte[] payload) {
        int first() {
            return payload.length == 0 ? -1 : payload[0] & 0xFF;
        }

        boolean isError() {
            return first() == 0xFF;
        }

        int errorCode() {
            return (payload[1] & 0xFF) | (payload[2] & 0xFF) << 8;
        }

        String text() {
            return new String(payload, UTF_8);
        }

        /** The status flags of an OK or EOF packet. */
        int status() {
            ByteBuf in = Unpooled.wrappedBuffer(payload);
            in.skipBytes(1);
            if (first() == 0xFE && payload.length == 5) {
                in.skipBytes(2);
                return in.readUnsignedShortLE();
            }
            Wire.readLength(in);
            Wire.readLength(in);
            return in.readUnsignedShortLE();
        }
    }

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;
    private final long capabilities;
    private byte[] nonce = new byte[0];
    private int nextSequence;

    private PacketClient(String host, int port, long capabilities) throws IOException {
        this.socket = new Socket(host, port);
        socket.setSoTimeout(20_000);
        this.in = new DataInputStream(socket.getInputStream());
        this.out = socket.getOutputStream();
        this.capabilities = capabilities;
    }

    static PacketClient connect(
            String host, int port, String user, String password, String schema, long more)
            throws IOException {
        var client = new PacketClient(host, port, BASE | more);
        client.logIn(user, password, schema);
        return client;
    }

    private void logIn(String user, String password, String schema) throws IOException {
        Packet greeting = read();
        HandshakeV10 hello = HandshakeV10.read(Unpooled.wrappedBuffer(greeting.payload()));
        nonce = hello.nonce();
        byte[] scramble = scramble(hello.plugin(), password);
        ByteBuf response = Unpooled.buffer();
        response.writeIntLE((int) capabilities)
                .writeIntLE(1 << 24)
                .writeByte(COLLATION_UTF8MB4)
                .writeZero(23);
        Wire.writeNulTerminated(response, user, UTF_8);
        response.writeByte(scramble.length).writeBytes(scramble);
        Wire.writeNulTerminated(response, schema, UTF_8);
        Wire.writeNulTerminated(response, hello.plugin(), US_ASCII);
        nextSequence = greeting.sequence() + 1;
        write(Wire.readRest(response));
        Packet end = finishLogin(password);
        if (end.isError()) {
            throw new IOException(end.text());
        }
    }

    private byte[] scramble(String plugin, String password) {
        byte[] secret = password.getBytes(UTF_8);
        return plugin.equals("mysql_native_password")
                ? Scrambles.nativeScramble(secret, nonce)
                : Scrambles.sha2Scramble(secret, nonce);
    }

    /** Answers what the server asks until it says OK or no. */
    private Packet finishLogin(String password) throws IOException {
        while (true) {
            Packet packet = read();
            nextSequence = packet.sequence() + 1;
            if (packet.first() == 0xFE) {
                ByteBuf request = Unpooled.wrappedBuffer(packet.payload());
                request.skipBytes(1);
                String plugin = Wire.readNulTerminated(request, US_ASCII);
                nonce = new byte[20];
                request.readBytes(nonce);
                write(scramble(plugin, password));
            } else if (packet.first() == 0x01 && packet.payload()[1] == 4) {
                write(new byte[] {2});
                Packet key = read();
                nextSequence = key.sequence() + 1;
                byte[] pem = java.util.Arrays.copyOfRange(key.payload(), 1, key.payload().length);
                try {
                    write(
                            Scrambles.encrypt(
                                    password.getBytes(UTF_8), nonce, RsaKeys.publicKey(pem)));
                } catch (GeneralSecurityException broken) {
                    throw new IOException(broken);
                }
            } else if (packet.first() != 0x01) {
                return packet;
            }
        }
    }

    /** COM_CHANGE_USER; the last packet of its answer. */
    Packet changeUser(String user, String password, String schema, String plugin)
            throws IOException {
        requestUser(user, password, schema, plugin);
        return finishLogin(password);
    }

    /** COM_CHANGE_USER; its answer is left to read. */
    void requestUser(String user, String password, String schema, String plugin)
            throws IOException {
        byte[] scramble = scramble(plugin, password);
        ByteBuf request = Unpooled.buffer();
        request.writeByte(0x11);
        Wire.writeNulTerminated(request, user, UTF_8);
        request.writeByte(scramble.length).writeBytes(scramble);
        Wire.writeNulTerminated(request, schema, UTF_8);
        request.writeShortLE(COLLATION_UTF8MB4);
        Wire.writeNulTerminated(request, plugin, US_ASCII);
        send(Wire.readRest(request));
    }

    /** Answers a packet in the middle of a command. */
    void reply(Packet to, byte[] payload) throws IOException {
        nextSequence = to.sequence() + 1;
        write(payload);
    }

    void send(byte[] command) throws IOException {
        nextSequence = 0;
        write(command);
    }

    void send(int command, byte... argument) throws IOException {
        byte[] payload = new byte[argument.length + 1];
        payload[0] = (byte) command;
        System.arraycopy(argument, 0, payload, 1, argument.length);
        send(payload);
    }

    Packet ask(int command, byte... argument) throws IOException {
        send(command, argument);
        return read();
    }

    Packet ask(int command, String argument) throws IOException {
        return ask(command, argument.getBytes(UTF_8));
    }

    /**
     * COM_QUERY; the shape of the whole answer: kind, sequence, status of every packet that is no
     * row.
     */
    List<String> shapeOf(String sql) throws IOException {
        return shapeOf(sql.getBytes(UTF_8));
    }

    List<String> shapeOf(byte[] sql) throws IOException {
        var shape = new ArrayList<String>();
        try {
            return shapeOf(sql, shape);
        } catch (IOException silent) {
            String text = new String(sql, UTF_8);
            throw new IOException(
                    text + " after " + shape + " at port " + socket.getPort(), silent);
        }
    }

    private List<String> shapeOf(byte[] sql, List<String> shape) throws IOException {
        send(3, sql);
        boolean more = true;
        while (more) {
            Packet packet = read();
            if (packet.isError()) {
                shape.add("ERR#" + packet.sequence() + " " + packet.errorCode());
                return shape;
            }
            if (packet.first() == 0x00) {
                shape.add("OK#" + packet.sequence() + " " + flags(packet.status()));
                more = (packet.status() & 8) != 0;
                continue;
            }
            more = rows(packet, shape);
        }
        return shape;
    }

    private boolean rows(Packet header, List<String> shape) throws IOException {
        boolean noEof = (capabilities & Capabilities.DEPRECATE_EOF) != 0;
        int columns = header.first();
        for (int i = 0; i < columns; i++) {
            read();
        }
        if (!noEof) {
            Packet eof = read();
            shape.add("DEFINED#" + eof.sequence() + " " + columns + " " + flags(eof.status()));
        }
        int rows = 0;
        while (true) {
            Packet packet = read();
            if (packet.isError()) {
                shape.add("ERR#" + packet.sequence() + " " + packet.errorCode());
                return false;
            }
            if (packet.first() == 0xFE && packet.payload().length < 0xFFFFFF) {
                shape.add(
                        "ROWS#"
                                + packet.sequence()
                                + " "
                                + columns
                                + "x"
                                + rows
                                + " "
                                + flags(packet.status()));
                return (packet.status() & 8) != 0;
            }
            rows++;
        }
    }

    /** Without the flags that tell of an index or of tracking. */
    private static String flags(int status) {
        return Integer.toHexString(status & ~(0x10 | 0x20 | 0x4000));
    }

    Packet read() throws IOException {
        int length =
                in.readUnsignedByte() | in.readUnsignedByte() << 8 | in.readUnsignedByte() << 16;
        int sequence = in.readUnsignedByte();
        byte[] payload = new byte[length];
        in.readFully(payload);
        return new Packet(sequence, payload);
    }

    private void write(byte[] payload) throws IOException {
        ByteBuf frame = Unpooled.buffer();
        frame.writeMediumLE(payload.length).writeByte(nextSequence).writeBytes(payload);
        out.write(Wire.readRest(frame));
        out.flush();
    }

    /** Whether the server has closed the connection. */
    boolean isClosedByServer() throws IOException {
        return in.read() < 0;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
