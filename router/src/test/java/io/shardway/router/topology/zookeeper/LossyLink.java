package io.shardway.router.topology.zookeeper;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;

/**
 * A TCP hop before ZooKeeper that can swallow the answer to a transaction and break the connection
 * instead. Thread-safe.
 */
final class LossyLink implements AutoCloseable {

    private static final int MULTI = 14;

    private final int serverPort;
    private final ServerSocket listener;
    private final Set<Socket> sockets = Collections.synchronizedSet(new HashSet<>());
    private volatile boolean armed;
    private volatile boolean stayDown;
    private volatile boolean down;
    private volatile boolean lost;

    LossyLink(int serverPort) throws IOException {
        this.serverPort = serverPort;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    void loseTheNextTransactionsAnswer() {
        lost = false;
        armed = true;
    }

    void loseTheNextTransactionsAnswerAndStayDown() {
        stayDown = true;
        loseTheNextTransactionsAnswer();
    }

    boolean hasLostAnAnswer() {
        return lost;
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : Set.copyOf(sockets)) {
            socket.close();
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                if (down) {
                    client.close();
                    continue;
                }
                var server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
                sockets.add(client);
                sockets.add(server);
                var connection = new Connection(client, server);
                Thread.ofVirtual().start(() -> connection.pump(true));
                Thread.ofVirtual().start(() -> connection.pump(false));
            }
        } catch (IOException _) {
            // Closed.
        }
    }

    private final class Connection {

        private final Socket client;
        private final Socket server;
        private volatile int swallowedXid;
        private boolean begun;

        Connection(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        /** Passes packets on, one by one. */
        void pump(boolean fromClient) {
            try (Socket from = fromClient ? client : server;
                    Socket to = fromClient ? server : client) {
                var in = new DataInputStream(from.getInputStream());
                OutputStream out = to.getOutputStream();
                while (true) {
                    byte[] packet = new byte[4 + in.readInt()];
                    in.readFully(packet, 4, packet.length - 4);
                    putInt(packet, packet.length - 4);
                    if (fromClient) {
                        note(packet);
                    } else if (swallowedXid != 0 && intAt(packet, 4) == swallowedXid) {
                        down = stayDown;
                        lost = true;
                        return;
                    }
                    out.write(packet);
                    out.flush();
                }
            } catch (IOException _) {
                // One side is gone; closing the other tells it.
            }
        }

        private void note(byte[] packet) {
            boolean isRequest = begun;
            begun = true; // The first packet is the handshake.
            if (isRequest && armed && packet.length >= 12 && intAt(packet, 8) == MULTI) {
                armed = false;
                swallowedXid = intAt(packet, 4);
            }
        }
    }

    private static int intAt(byte[] bytes, int at) {
        return java.nio.ByteBuffer.wrap(bytes).getInt(at);
    }

    private static void putInt(byte[] bytes, int value) {
        java.nio.ByteBuffer.wrap(bytes).putInt(0, value);
    }
}
