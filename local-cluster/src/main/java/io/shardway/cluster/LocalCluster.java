package io.shardway.cluster;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Shards of real MySQL servers and a ZooKeeper on loopback. Thread-safe.
 *
 * <p>Shards and their replicas are counted from 1. Node names are {@code s1-a} for the first
 * shard's primary, {@code s1-b} for its first replica, and so on; these are the roles the cluster
 * was made with, and a later switchover does not change what {@link #primary} gives.
 */
public final class LocalCluster implements AutoCloseable {

    private final Path directory;
    private final List<List<MySqlNode>> shards;
    private final ZooKeeperNode zooKeeper;
    private final Runnable release;
    private boolean closed;

    LocalCluster(
            Path directory,
            List<List<MySqlNode>> shards,
            ZooKeeperNode zooKeeper,
            Runnable release) {
        this.directory = directory;
        this.shards = shards.stream().map(List::copyOf).toList();
        this.zooKeeper = zooKeeper;
        this.release = release;
    }

    /** Two shards with one replica each, in a directory that goes when the cluster does. */
    public static Builder builder() {
        return new Builder();
    }

    public int shardCount() {
        return shards.size();
    }

    public int replicaCount() {
        return shards.getFirst().size() - 1;
    }

    /** The node that was made as the shard's primary. */
    public MySqlNode primary(int shard) {
        return nodes(shard).getFirst();
    }

    /** The node that was made as the shard's n-th replica. */
    public MySqlNode replica(int shard, int n) {
        if (n < 1 || n > replicaCount()) {
            throw new IllegalArgumentException(
                    "there are replicas 1 to %d".formatted(replicaCount()));
        }
        return nodes(shard).get(n);
    }

    /** The shard's nodes, its primary first. */
    public List<MySqlNode> nodes(int shard) {
        if (shard < 1 || shard > shards.size()) {
            throw new IllegalArgumentException("there are shards 1 to %d".formatted(shards.size()));
        }
        return shards.get(shard - 1);
    }

    /** All nodes of all shards. */
    public List<MySqlNode> nodes() {
        return shards.stream().flatMap(List::stream).toList();
    }

    public List<MySqlNode> primaries() {
        return shards.stream().map(List::getFirst).toList();
    }

    public ZooKeeperNode zooKeeper() {
        return zooKeeper;
    }

    public Path directory() {
        return directory;
    }

    /** Root's password on all nodes. */
    public String rootPassword() {
        return primary(1).rootPassword();
    }

    /** Returns when each replica has what its primary has now. */
    public void awaitReplication(Duration bound) throws SQLException {
        for (List<MySqlNode> shard : shards) {
            String written = shard.getFirst().gtidExecuted();
            for (MySqlNode replica : shard.subList(1, shard.size())) {
                replica.awaitGtids(written, bound);
            }
        }
    }

    /** Stops everything; a directory that was not given is deleted, a given one is kept. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        release.run();
    }

    /** Collects what a cluster should be like. Confined to one thread. */
    public static final class Builder {

        private OptionalInt shards = OptionalInt.empty();
        private OptionalInt replicas = OptionalInt.empty();
        private Optional<Path> directory = Optional.empty();
        private OptionalInt basePort = OptionalInt.empty();
        private Optional<String> rootPassword = Optional.empty();
        private boolean performanceSchema;
        private boolean localInfile;
        private List<String> extraArguments = List.of();
        private boolean stopAtJvmEnd = true;
        private Consumer<String> output = line -> {};

        private Builder() {}

        /** From 1 to 63; 2 if not called, or as many as a kept directory holds. */
        public Builder shards(int count) {
            shards = OptionalInt.of(count);
            return this;
        }

        /** For each shard, from 0; 1 if not called, or as many as a kept directory holds. */
        public Builder replicas(int countForEachShard) {
            replicas = OptionalInt.of(countForEachShard);
            return this;
        }

        /** Keeps the cluster there; a cluster that is there already is started with its data. */
        public Builder directory(Path kept) {
            directory = Optional.of(kept);
            return this;
        }

        /** ZooKeeper listens there and the nodes on the ports behind it; else on free ports. */
        public Builder basePort(int port) {
            basePort = OptionalInt.of(port);
            return this;
        }

        /** Of {@code root@localhost} on all nodes; if not called, a random one. */
        public Builder rootPassword(String password) {
            rootPassword = Optional.of(password);
            return this;
        }

        /** Off if not called. */
        public Builder performanceSchema(boolean on) {
            performanceSchema = on;
            return this;
        }

        /** Whether {@code LOAD DATA LOCAL} is allowed; not if not called. */
        public Builder localInfile(boolean allowed) {
            localInfile = allowed;
            return this;
        }

        /** For every mysqld, behind all other arguments, so that they win. */
        public Builder extraArguments(String... arguments) {
            extraArguments = Stream.of(arguments).toList();
            return this;
        }

        /**
         * Whether a shutdown hook closes the cluster; yes if not called. Who has a hook of his own
         * that needs the nodes a while longer turns it off. Killed or not, the nodes always end
         * within seconds of this JVM.
         */
        public Builder stopAtJvmEnd(boolean stop) {
            stopAtJvmEnd = stop;
            return this;
        }

        /** Hears, line by line, what takes long or changes the machine. */
        public Builder output(Consumer<String> listener) {
            output = listener;
            return this;
        }

        /**
         * Returns when all nodes answer and replicate.
         *
         * @throws ClusterProblem if they cannot, with everything stopped again
         */
        public LocalCluster start() {
            return ClusterStart.run(
                    new ClusterOptions(
                            shards,
                            replicas,
                            directory,
                            basePort,
                            rootPassword,
                            performanceSchema,
                            localInfile,
                            extraArguments,
                            stopAtJvmEnd,
                            output));
        }
    }
}
