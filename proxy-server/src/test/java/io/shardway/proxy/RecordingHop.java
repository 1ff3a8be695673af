package io.shardway.proxy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** A TCP hop in front of a server that records what clients send through it. Thread-safe. */
final class RecordingHop implements AutoCloseable {

    private final ServerSocket listener;
    private final int target;
    private final List<ByteArrayOutputStream> recorded = new ArrayList<>();
    private final List<Thread> pumps = new ArrayList<>();

    RecordingHop(int target) throws IOException {
        this.target = target;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::acceptAll);
    }

    int port() {
        return listener.getLocalPort();
    }

    private void acceptAll() {
        try {
            while (true) {
                Socket client = listener.accept();
                var server = new Socket(InetAddress.getLoopbackAddress(), target);
                var bytes = new ByteArrayOutputStream();
                synchronized (this) {
                    recorded.add(bytes);
                    pumps.add(Thread.ofVirtual().start(() -> pump(client, server, bytes)));
                    pumps.add(
                            Thread.ofVirtual()
                                    .start(() ->
                                            pump(server, client, new ByteArrayOutputStream())));
                }
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    private static void pump(Socket from, Socket to, ByteArrayOutputStream copy) {
        byte[] buffer = new byte[1 << 16];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int bytes = in.read(buffer); bytes >= 0; bytes = in.read(buffer)) {
                copy.write(buffer, 0, bytes);
                out.write(buffer, 0, bytes);
            }
        } catch (IOException closed) {
            // One side has gone; so does the other.
        }
    }

    /** What each client sent, in the order they came; waits until they have gone. */
    List<byte[]> conversations() throws InterruptedException {
        List<Thread> running;
        synchronized (this) {
            running = List.copyOf(pumps);
        }
        for (Thread pump : running) {
            pump.join();
        }
        synchronized (this) {
            return recorded.stream().map(ByteArrayOutputStream::toByteArray).toList();
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
