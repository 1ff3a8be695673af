package io.shardway.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;

/**
 * Brings a cluster up, step by step, and takes back the steps done when one fails. Confined to the
 * starting thread.
 */
final class ClusterStart {

    private static final String ZOOKEEPER = "zookeeper";
    private static final Duration REPLICATION_BOUND = Duration.ofSeconds(30);
    private static final int ANY_PORT = 0;

    private final ClusterOptions options;
    private final Path directory;
    private final Closers closers = new Closers();

    private ClusterStart(ClusterOptions options) {
        this.options = options;
        this.directory =
                options.directory()
                        .map(Path::toAbsolutePath)
                        .map(Path::normalize)
                        .orElseGet(() -> TemporaryDirectories.create(closers));
    }

    static LocalCluster run(ClusterOptions options) {
        var start = new ClusterStart(options);
        try {
            return start.run();
        } catch (SQLException e) {
            start.closers.close();
            throw new ClusterProblem("The nodes came up but could not be set up.", e);
        } catch (RuntimeException e) {
            start.closers.close();
            throw e;
        }
    }

    private LocalCluster run() throws SQLException {
        Platform.requireWritable(directory);
        Optional<ClusterFile> kept = ClusterFile.read(directory);
        if (kept.isEmpty()) {
            requireNothingElse();
        }
        closers.add(DirectoryLock.take(directory)::close);
        kept.ifPresent(file ->
                file.requireAgreement(
                        directory, options.shards(), options.replicas(), options.rootPassword()));
        MySqlBinaries binaries = MySqlBinaries.find(options.output());
        kept.ifPresent(file -> file.requireVersion(directory, binaries.version()));
        ClusterFile wanted = kept.orElseGet(() -> freshFile(binaries));
        if (kept.isEmpty()) {
            Platform.requireSpace(directory, wanted.nodeCount() * MySqlNode.MEGABYTES_NEW);
            wanted.write(directory); // The passwords have to outlive a crash from here on.
        }
        Map<String, Integer> ports = ports(wanted);
        ZooKeeperNode zooKeeper = startZooKeeper(ports.get(ZOOKEEPER));
        List<List<MySqlNode>> shards = startNodes(binaries, wanted, ports);
        replicate(wanted, shards);
        wanted.whenComplete(portsOf(zooKeeper, shards)).write(directory);
        var cluster = new LocalCluster(directory, shards, zooKeeper, closers::close);
        closeAtJvmEnd(cluster);
        return cluster;
    }

    private void requireNothingElse() {
        try (Stream<Path> entries = Files.list(directory)) {
            if (entries.anyMatch(each -> !each.endsWith("cluster.lock"))) {
                throw new ClusterProblem(
                        "%s holds something that is not a Shardway cluster: choose an empty or a new directory."
                                .formatted(directory));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ClusterFile freshFile(MySqlBinaries binaries) {
        return new ClusterFile(
                options.shards().orElse(ClusterOptions.DEFAULT_SHARDS),
                options.replicas().orElse(ClusterOptions.DEFAULT_REPLICAS),
                binaries.version(),
                options.rootPassword().orElseGet(ClusterStart::randomPassword),
                randomPassword(),
                false,
                Map.of());
    }

    private static String randomPassword() {
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    /** Those asked for, or those the cluster had as far as they are free, or any. */
    private Map<String, Integer> ports(ClusterFile file) {
        var names = new ArrayList<String>();
        names.add(ZOOKEEPER);
        for (int shard = 1; shard <= file.shards(); shard++) {
            for (int node = 0; node <= file.replicas(); node++) {
                names.add(nodeName(shard, node));
            }
        }
        var ports = new LinkedHashMap<String, Integer>();
        for (String name : names) {
            ports.put(name, port(name, ports.size(), file));
        }
        return ports;
    }

    private int port(String name, int index, ClusterFile file) {
        if (options.basePort().isPresent()) {
            return options.basePort().getAsInt() + index;
        }
        int former = file.ports().getOrDefault(name, ANY_PORT);
        if (former != ANY_PORT && !Ports.isFree(former)) {
            options.output().accept("Port %d of %s is taken; it moves".formatted(former, name));
            return ANY_PORT;
        }
        return former;
    }

    private static String nodeName(int shard, int node) {
        return "s" + shard + "-" + (char) ('a' + node);
    }

    private ZooKeeperNode startZooKeeper(int port) {
        ZooKeeperNode zooKeeper = ZooKeeperNode.start(directory.resolve(ZOOKEEPER), port);
        closers.add(zooKeeper::close);
        return zooKeeper;
    }

    private List<List<MySqlNode>> startNodes(
            MySqlBinaries binaries, ClusterFile file, Map<String, Integer> ports) {
        options.output()
                .accept("Starting %d MySQL nodes in %s".formatted(file.nodeCount(), directory));
        var started = new ConcurrentLinkedQueue<MySqlNode>();
        closers.add(() -> stopAll(started));
        var starts = new ArrayList<InParallel.Task<MySqlNode>>();
        for (int shard = 1; shard <= file.shards(); shard++) {
            for (int node = 0; node <= file.replicas(); node++) {
                NodeOptions nodeOptions = nodeOptions(shard, node, file, ports);
                starts.add(() -> {
                    MySqlNode running = MySqlNode.startWithoutReplicating(binaries, nodeOptions);
                    started.add(running);
                    return running;
                });
            }
        }
        List<MySqlNode> nodes = InParallel.run(starts);
        int size = 1 + file.replicas();
        return Stream.iterate(0, from -> from < nodes.size(), from -> from + size)
                .map(from -> nodes.subList(from, from + size))
                .toList();
    }

    private NodeOptions nodeOptions(
            int shard, int node, ClusterFile file, Map<String, Integer> ports) {
        String name = nodeName(shard, node);
        return NodeOptions.of(name, directory.resolve(name), file.rootPassword())
                .withPort(ports.get(name))
                .withServerId(100 * shard + node + 1)
                .withPerformanceSchema(options.performanceSchema())
                .withLocalInfile(options.localInfile())
                .withExtraArguments(options.extraArguments());
    }

    /** Data that will be thrown away need no orderly shutdown, which takes a second. */
    private void stopAll(Collection<MySqlNode> nodes) {
        boolean kept = options.directory().isPresent();
        InParallel.run(
                nodes.stream()
                        .map(node ->
                                InParallel.task(() -> {
                                    if (kept) {
                                        node.stop();
                                    } else {
                                        node.kill();
                                    }
                                }))
                        .toList());
    }

    private static Map<String, Integer> portsOf(
            ZooKeeperNode zooKeeper, List<List<MySqlNode>> shards) {
        var ports = new HashMap<String, Integer>();
        ports.put(ZOOKEEPER, zooKeeper.port());
        shards.forEach(shard -> shard.forEach(node -> ports.put(node.name(), node.port())));
        return ports;
    }

    /** A finished cluster may have seen a switchover: who follows whom is left as it is. */
    private static void replicate(ClusterFile file, List<List<MySqlNode>> shards)
            throws SQLException {
        var replication = new Replication(file.replicationPassword());
        for (List<MySqlNode> shard : shards) {
            if (!file.complete()) {
                replication.setUp(shard.getFirst(), shard.subList(1, shard.size()));
            }
            Replication.resume(shard);
            for (MySqlNode node : shard) {
                Replication.awaitRunning(node, REPLICATION_BOUND);
            }
        }
    }

    private void closeAtJvmEnd(LocalCluster cluster) {
        if (!options.stopAtJvmEnd()) {
            return;
        }
        var hook = new Thread(cluster::close, "local-cluster-close");
        Runtime.getRuntime().addShutdownHook(hook);
        closers.add(() -> Closers.withdraw(hook));
    }
}
