package io.shardway.router.topology.zookeeper;

import io.shardway.router.Deadline;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.apache.zookeeper.server.NIOServerCnxnFactory;
import org.apache.zookeeper.server.ZooKeeperServer;
import org.apache.zookeeper.server.persistence.FileTxnSnapLog;

/** A real ZooKeeper server in this JVM that can be stopped and started. For one test at a time. */
final class TestZooKeeper implements AutoCloseable {

    private static final int TICK_MILLIS = 100;

    static {
        System.setProperty("zookeeper.forceSync", "no"); // These servers never lose power.
    }

    private final Path directory;
    private final List<ZooKeeperClient> clients = new ArrayList<>();
    private int port;
    private Optional<NIOServerCnxnFactory> factory = Optional.empty();
    private Optional<ZooKeeperServer> server = Optional.empty();

    TestZooKeeper(Path directory) throws Exception {
        this.directory = directory;
        start();
    }

    void start() throws IOException, InterruptedException {
        var files = new FileTxnSnapLog(directory.toFile(), directory.toFile());
        var started = new ZooKeeperServer(files, TICK_MILLIS, "");
        started.setMaxSessionTimeout(60_000);
        var connections = new NIOServerCnxnFactory();
        connections.configure(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 100);
        connections.startup(started);
        port = connections.getLocalPort();
        factory = Optional.of(connections);
        server = Optional.of(started);
    }

    void stop() {
        factory.ifPresent(NIOServerCnxnFactory::shutdown);
        server.ifPresent(running -> running.shutdown(true));
        factory = Optional.empty();
        server = Optional.empty();
    }

    int port() {
        return port;
    }

    /** Ends the client's session as ZooKeeper does when the client was silent for too long. */
    void expire(ZooKeeperClient client) throws Exception {
        long session = client.curator().getZookeeperClient().getZooKeeper().getSessionId();
        server.orElseThrow().closeSession(session);
    }

    ZooKeeperSettings settings() {
        return settings(port, Optional.empty());
    }

    static ZooKeeperSettings settings(int port, Optional<ZooKeeperCredentials> credentials) {
        return new ZooKeeperSettings(
                "127.0.0.1:" + port,
                "/test/shardway",
                credentials,
                Duration.ofSeconds(2),
                Duration.ofSeconds(5),
                Duration.ofMillis(500));
    }

    ZooKeeperClient connect() {
        return connect(settings());
    }

    /** Closed with the server. */
    ZooKeeperClient connect(ZooKeeperSettings settings) {
        ZooKeeperClient client = ZooKeeperClient.connect(settings, Clock.systemUTC());
        clients.add(client);
        return client;
    }

    /** Looks until it is true; fails after half a minute. */
    static void await(String what, BooleanSupplier condition) throws InterruptedException {
        Deadline deadline = Deadline.after(Duration.ofSeconds(30));
        while (!condition.getAsBoolean()) {
            if (deadline.hasPassed()) {
                throw new AssertionError("waited in vain until " + what);
            }
            Thread.sleep(5);
        }
    }

    @Override
    public void close() {
        clients.forEach(ZooKeeperClient::close);
        stop();
    }
}
