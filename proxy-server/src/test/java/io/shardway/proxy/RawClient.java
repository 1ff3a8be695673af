package io.shardway.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * A MySQL client that reads only when told, with a small receive buffer; logs in with
 * mysql_native_password as the account {@code native}. Confined to one thread.
 */
final class RawClient implements AutoCloseable {

    private static final int PROTOCOL_41 = 0x200;
    private static final int SECURE_CONNECTION = 0x8000;
    private static final int PLUGIN_AUTH = 0x80000;
    private static final int CONNECT_WITH_DB = 0x8;
    private static final int DEPRECATE_EOF = 0x1000000;

    private final Socket socket = new Socket();
    private final InputStream in;
    private int sequence;

    /** Connects and sends {@code before} ahead of everything; no login yet. */
    RawClient(int port, byte[] before) throws IOException {
        socket.setReceiveBufferSize(16 << 10);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(20_000);
        socket.connect(new InetSocketAddress("127.0.0.1", port));
        socket.getOutputStream().write(before);
        in = socket.getInputStream();
    }

    static RawClient connect(TestProxy proxy) throws IOException {
        var client = new RawClient(proxy.proxy().port(), new byte[0]);
        byte[] answer = client.login(proxy.keyspace(), "native");
        if (answer[0] != 0) {
            throw new IOException("login refused: " + new String(answer, UTF_8));
        }
        return client;
    }

    /** Reads the greeting, logs in, and returns the last answer. */
    byte[] login(String schema, String password) throws IOException {
        byte[] greeting = packet();
        if ((greeting[0] & 0xFF) == 0xFF) {
            return greeting;
        }
        var out = new ByteArrayOutputStream();
        int flags = PROTOCOL_41 | SECURE_CONNECTION | PLUGIN_AUTH | CONNECT_WITH_DB | DEPRECATE_EOF;
        out.write(
                new byte[] {
                    (byte) flags, (byte) (flags >> 8), (byte) (flags >> 16), (byte) (flags >> 24)
                });
        out.write(new byte[] {0, 0, 0, 1, 45});
        out.write(new byte[23]);
        out.write("native\0".getBytes(UTF_8));
        byte[] scramble = scramble(password, nonce(greeting));
        out.write(scramble.length);
        out.write(scramble);
        out.write((schema + "\0mysql_native_password\0").getBytes(UTF_8));
        send(out.toByteArray(), sequence + 1);
        byte[] answer = packet();
        if ((answer[0] & 0xFF) == 0xFE) {
            int end = 1;
            while (answer[end] != 0) {
                end++;
            }
            send(scramble(password, Arrays.copyOfRange(answer, end + 1, end + 21)), sequence + 1);
            answer = packet();
        }
        return answer;
    }

    private static byte[] nonce(byte[] greeting) {
        int end = 1;
        while (greeting[end] != 0) {
            end++;
        }
        int first = end + 1 + 4;
        byte[] nonce = Arrays.copyOfRange(greeting, first, first + 20);
        System.arraycopy(greeting, first + 8 + 1 + 2 + 1 + 2 + 2 + 1 + 10, nonce, 8, 12);
        return nonce;
    }

    private static byte[] scramble(String password, byte[] nonce) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-1");
            byte[] once = sha.digest(password.getBytes(UTF_8));
            byte[] twice = sha.digest(once);
            sha.update(nonce);
            byte[] mask = sha.digest(twice);
            for (int i = 0; i < once.length; i++) {
                once[i] ^= mask[i];
            }
            return once;
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException(missing);
        }
    }

    /** Sends COM_QUERY and reads nothing. */
    void query(String sql) throws IOException {
        byte[] text = sql.getBytes(UTF_8);
        byte[] payload = new byte[text.length + 1];
        payload[0] = 3;
        System.arraycopy(text, 0, payload, 1, text.length);
        send(payload, 0);
    }

    /** Sends COM_QUERY and expects OK. */
    void update(String sql) throws IOException {
        query(sql);
        byte[] answer = packet();
        if (answer[0] != 0) {
            throw new IOException("refused: " + new String(answer, ISO_8859_1));
        }
    }

    private void send(byte[] payload, int number) throws IOException {
        byte[] framed = new byte[payload.length + 4];
        framed[0] = (byte) payload.length;
        framed[1] = (byte) (payload.length >> 8);
        framed[2] = (byte) (payload.length >> 16);
        framed[3] = (byte) number;
        System.arraycopy(payload, 0, framed, 4, payload.length);
        socket.getOutputStream().write(framed);
    }

    /** The next packet's payload; an exception at the end of the connection. */
    byte[] packet() throws IOException {
        byte[] header = in.readNBytes(4);
        if (header.length < 4) {
            throw new EOFException("closed");
        }
        sequence = header[3] & 0xFF;
        int length = header[0] & 0xFF | (header[1] & 0xFF) << 8 | (header[2] & 0xFF) << 16;
        byte[] payload = in.readNBytes(length);
        if (payload.length < length) {
            throw new EOFException("closed in the middle of a packet");
        }
        return payload;
    }

    /** Of the packet read last. */
    int sequence() {
        return sequence;
    }

    /** MySQL's error number, 0 if it is no error. */
    static int errorOf(byte[] packet) {
        return (packet[0] & 0xFF) == 0xFF ? packet[1] & 0xFF | (packet[2] & 0xFF) << 8 : 0;
    }

    /** Closes with a reset, as a client that dies. */
    void die() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
