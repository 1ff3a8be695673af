package io.shardway.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Finds ports on loopback. Thread-safe.
 *
 * <p>Free ports are taken from below the range from which the operating system serves outgoing
 * connections, so that a stopped node can come back to its port.
 */
final class Ports {

    static final String HOST = "127.0.0.1";

    private static final int FIRST = 20_000;
    private static final int LAST = 31_999;
    private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

    private Ports() {}

    /** A port nobody listens on, given to one caller in this JVM only. */
    static int free() {
        for (int attempt = 0; attempt < 10_000; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, LAST + 1);
            if (GIVEN.add(port) && isFree(port)) {
                return port;
            }
        }
        throw new ClusterProblem("No port from %d to %d is free.".formatted(FIRST, LAST));
    }

    static boolean isFree(int port) {
        try (var socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.ofLiteral(HOST), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Asks by connecting: a trial bind could be in the way of who is about to listen. */
    static boolean isListening(int port) {
        try (var _ = new Socket(InetAddress.ofLiteral(HOST), port)) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    static ClusterProblem taken(int port, String whoWantsIt) {
        return new ClusterProblem(
                "Port %d, which %s wants, is taken by another program: stop that one or choose another port."
                        .formatted(port, whoWantsIt),
                "ss -ltnp 'sport = :" + port + "'");
    }
}
