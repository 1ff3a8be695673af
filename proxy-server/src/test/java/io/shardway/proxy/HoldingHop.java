package io.shardway.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A TCP hop in front of a node that holds one command back, on request, until the test says what
 * becomes of it; other connections go on. What the connections say must not be encrypted.
 * Thread-safe.
 */
final class HoldingHop implements AutoCloseable {

    /** What becomes of a command that is held. */
    enum Fate {
        /** It reaches the node. */
        GOES_ON,
        /** The connection breaks, and the node never sees it. */
        LOST,
        /** The node carries it out, and the connection breaks before it has answered. */
        ANSWER_LOST
    }

    /** A command that is to be held, and is. */
    private record Hold(
            String text, CompletableFuture<String> held, CompletableFuture<Fate> fate) {}

    private final ServerSocket listener;
    private final int target;
    private Optional<Hold> hold = Optional.empty();
    private boolean down;

    HoldingHop(int target) {
        this.target = target;
        try {
            this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        Thread.ofVirtual().start(this::acceptAll);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** The next command with this text does not reach the node before {@link #let}. */
    synchronized void holdAt(String text) {
        hold = Optional.of(new Hold(text, new CompletableFuture<>(), new CompletableFuture<>()));
    }

    void awaitHeld() throws InterruptedException, ExecutionException {
        Hold waiting;
        synchronized (this) {
            waiting = hold.orElseThrow();
        }
        try {
            waiting.held().get(NodeSide.BOUND.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException late) {
            throw new AssertionError("nobody said " + waiting.text(), late);
        }
    }

    /** What is held goes on so. */
    synchronized void let(Fate fate) {
        hold.orElseThrow().fate().complete(fate);
        hold = Optional.empty();
    }

    /** Whether the node is away for all who come from now on. */
    synchronized void isDown(boolean now) {
        down = now;
    }

    private synchronized boolean isDown() {
        return down;
    }

    /** For tests that failed. */
    synchronized void holdNothing() {
        down = false;
        if (hold.isPresent()) {
            let(Fate.GOES_ON);
        }
    }

    private void acceptAll() {
        try {
            while (true) {
                Socket client = listener.accept();
                if (isDown()) {
                    client.close();
                    continue;
                }
                var server = new Socket(InetAddress.getLoopbackAddress(), target);
                client.setTcpNoDelay(true);
                server.setTcpNoDelay(true);
                var answered = new CompletableFuture<Void>();
                Thread.ofVirtual().start(() -> commands(client, server, answered));
                Thread.ofVirtual().start(() -> answers(server, client, answered));
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    private synchronized Optional<Hold> holdOf(byte[] buffer, int bytes) {
        return hold.filter(each -> !each.held().isDone())
                .filter(each -> new String(buffer, 0, bytes, UTF_8).contains(each.text()))
                .map(each -> {
                    each.held().complete(each.text());
                    return each;
                });
    }

    /**
     * @param cut completed before the command is sent whose answer is to be lost
     */
    private void commands(Socket client, Socket server, CompletableFuture<Void> cut) {
        byte[] buffer = new byte[1 << 16];
        try (client;
                server) {
            InputStream in = client.getInputStream();
            OutputStream out = server.getOutputStream();
            for (int bytes = in.read(buffer); bytes >= 0; bytes = in.read(buffer)) {
                Optional<Hold> held = holdOf(buffer, bytes);
                Fate fate = held.isPresent() ? held.get().fate().join() : Fate.GOES_ON;
                if (fate == Fate.LOST) {
                    return;
                }
                if (fate == Fate.ANSWER_LOST) {
                    cut.complete(null);
                }
                out.write(buffer, 0, bytes);
            }
        } catch (IOException closed) {
            // One side has gone; so does the other.
        }
    }

    private static void answers(Socket server, Socket client, CompletableFuture<Void> cut) {
        byte[] buffer = new byte[1 << 16];
        try (client;
                server) {
            InputStream in = server.getInputStream();
            OutputStream out = client.getOutputStream();
            for (int bytes = in.read(buffer); bytes >= 0; bytes = in.read(buffer)) {
                if (cut.isDone()) {
                    return;
                }
                out.write(buffer, 0, bytes);
            }
        } catch (IOException closed) {
            // One side has gone; so does the other.
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
