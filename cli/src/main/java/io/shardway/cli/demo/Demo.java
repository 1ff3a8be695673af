package io.shardway.cli.demo;

import io.shardway.cli.ProxyStart;
import io.shardway.cli.RunningProxy;
import io.shardway.cluster.LocalCluster;
import io.shardway.proxy.settings.ProxySettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A cluster with its proxy. {@link #start} belongs to one thread; {@link #close} may come from
 * another at any moment, also twice, and stops what has been started by then, last first.
 */
final class Demo implements AutoCloseable {

    /** Who presses Ctrl-C does not want to wait for a shell with an open transaction. */
    private static final String DRAIN_TIMEOUT = "3s";

    private final DemoSettings settings;
    private final Consumer<String> output;
    private final Deque<Runnable> stops = new ArrayDeque<>();
    private Optional<LocalCluster> cluster = Optional.empty();
    private Optional<RunningProxy> proxy = Optional.empty();
    private boolean closed;

    Demo(DemoSettings settings, Consumer<String> output) {
        this.settings = settings;
        this.output = output;
    }

    void start() throws SQLException, IOException {
        LocalCluster servers = startServers();
        OwnerAccount owner = LocalProxy.prepare(servers);
        Path password = passwordFile(owner);
        try {
            RunningProxy started = ProxyStart.start(proxySettings(servers, password));
            onClose(started::close);
            synchronized (this) {
                proxy = Optional.of(started);
            }
        } finally {
            Files.deleteIfExists(password);
        }
    }

    private LocalCluster startServers() {
        var builder =
                LocalCluster.builder()
                        .stopAtJvmEnd(false)
                        .extraArguments("--local-infile=ON") // For LOAD DATA LOCAL.
                        .output(output);
        settings.shards().ifPresent(builder::shards);
        settings.replicas().ifPresent(builder::replicas);
        settings.directory().ifPresent(builder::directory);
        LocalCluster started = builder.start();
        synchronized (this) {
            cluster = Optional.of(started);
        }
        onClose(started::close);
        return started;
    }

    private ProxySettings proxySettings(LocalCluster servers, Path ownerPassword) {
        return LocalProxy.settings(
                servers,
                ownerPassword,
                Map.of(
                        "frontend.port",
                        Integer.toString(settings.port()),
                        "frontend.drain-timeout",
                        DRAIN_TIMEOUT,
                        "proxy.name",
                        "demo"));
    }

    private static Path passwordFile(OwnerAccount owner) throws IOException {
        Path file =
                Files.createTempFile(
                        "shardway-demo",
                        ".password",
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, owner.password());
        return file;
    }

    Connection connectAsApp() throws SQLException {
        return DriverManager.getConnection(
                "jdbc:mysql://127.0.0.1:%d/store?sslMode=DISABLED&allowPublicKeyRetrieval=true"
                        .formatted(settings.port()),
                "app",
                "app");
    }

    /** Such as {@code s1-a 127.0.0.1:41001, s1-b 127.0.0.1:41002, ZooKeeper 127.0.0.1:41000}. */
    synchronized String servers() {
        LocalCluster running = cluster.orElseThrow();
        var text = new StringBuilder();
        running.nodes()
                .forEach(node ->
                        text.append(node.name())
                                .append(" 127.0.0.1:")
                                .append(node.port())
                                .append(", "));
        return text.append("ZooKeeper ").append(running.zooKeeper().connectString()).toString();
    }

    synchronized String health() {
        return proxy.flatMap(RunningProxy::managementPort)
                .map("http://127.0.0.1:%d/actuator/health"::formatted)
                .orElse("off");
    }

    boolean isKept() {
        return settings.directory().isPresent();
    }

    synchronized boolean isOpen() {
        return !closed;
    }

    private void onClose(Runnable stop) {
        synchronized (this) {
            if (!closed) {
                stops.push(stop);
                return;
            }
        }
        stop.run(); // Closed while it was starting.
    }

    @Override
    public void close() {
        Deque<Runnable> running;
        synchronized (this) {
            closed = true;
            running = new ArrayDeque<>(stops);
            stops.clear();
        }
        for (Runnable stop = running.poll(); stop != null; stop = running.poll()) {
            stop.run();
        }
    }
}
