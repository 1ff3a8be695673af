package io.shardway.router.topology.zookeeper;

import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.Epoch;
import io.shardway.router.topology.ConnectionListener;
import io.shardway.router.topology.Topology;
import io.shardway.router.topology.TopologyHealth;
import io.shardway.router.topology.TopologyListener;
import io.shardway.router.topology.TopologyStore;
import io.shardway.router.topology.Watch;
import io.shardway.router.topology.zookeeper.TopologyReader.Snapshot;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.framework.state.ConnectionStateListener;
import org.apache.zookeeper.KeeperException;

/**
 * The topology in ZooKeeper. Thread-safe; methods block.
 *
 * <p>A change is a compare-and-set on the version of the topology node and carries an id drawn for
 * this attempt. When the answer is lost, or a repeated attempt meets its own earlier success, the
 * list of recent changes in the node tells what became of it: an epoch is made exactly once, by the
 * writer whose id stands there.
 */
final class ZooKeeperTopologyStore implements TopologyStore {

    private static final int ATTEMPTS_MAX = 30;
    private static final Duration BACKOFF_MAX = Duration.ofMillis(50);

    private final Nodes nodes;
    private final Paths paths;
    private final Duration refreshInterval;
    private final Clock clock;
    private final Layout layout;
    private final TopologyReader reader;
    private final TopologyWriter writer;
    private volatile Instant lastContact = Instant.EPOCH;
    private volatile Optional<String> problem = Optional.empty();

    ZooKeeperTopologyStore(Nodes nodes, Paths paths, Duration refreshInterval, Clock clock) {
        this.nodes = nodes;
        this.paths = paths;
        this.refreshInterval = refreshInterval;
        this.clock = clock;
        this.layout = new Layout(nodes, paths);
        this.reader = new TopologyReader(nodes, paths, layout);
        this.writer = new TopologyWriter(nodes, paths);
    }

    @Override
    public boolean isInitialized() {
        return Nodes.call(() -> layout.check() && nodes.stat(paths.topology()).isPresent());
    }

    @Override
    public Topology read() {
        return Nodes.call(() -> {
            nodes.sync(paths.topology());
            return look().orElseThrow(this::missing).topology();
        });
    }

    @Override
    public Topology create(Topology first) {
        return Nodes.call(() -> {
            layout.ensure();
            return change(before -> firstOf(before, first));
        });
    }

    @Override
    public Topology update(UnaryOperator<Topology> change) {
        return Nodes.call(() ->
                change(before ->
                        change.apply(before.map(Snapshot::topology).orElseThrow(this::missing))));
    }

    @Override
    public Watch watch(TopologyListener listener) {
        var watch =
                new SnapshotWatch<>(
                        nodes,
                        paths.topology(),
                        () -> look().map(Snapshot::topology),
                        topology -> topology.epoch().number(),
                        listener::onTopology);
        return watch.start("topology-watch", refreshInterval);
    }

    @Override
    public Watch watchConnection(ConnectionListener listener) {
        ConnectionStateListener states =
                (_, state) -> {
                    if (state == ConnectionState.SUSPENDED) {
                        listener.onConnection(false);
                    } else if (state == ConnectionState.RECONNECTED) {
                        listener.onConnection(true);
                    }
                };
        var listeners = nodes.curator().getConnectionStateListenable();
        listeners.addListener(states);
        return () -> listeners.removeListener(states);
    }

    @Override
    public TopologyHealth health() {
        boolean connected = nodes.curator().getZookeeperClient().isConnected();
        Optional<String> present =
                connected
                        ? problem
                        : problem.or(() -> Optional.of(ErrorCode.TOPOLOGY_UNAVAILABLE.message("")));
        return new TopologyHealth(connected, lastContact, present);
    }

    private Optional<Snapshot> look() {
        return look(reader::read);
    }

    /** Reads, and remembers for {@link #health()} how that went. */
    private Optional<Snapshot> look(Nodes.Work<Optional<Snapshot>> reading) {
        try {
            Instant begin = clock.instant();
            Optional<Snapshot> snapshot = reading.run();
            lastContact = begin;
            problem = Optional.empty();
            return snapshot;
        } catch (Exception e) {
            ShardwayException failure = Nodes.translate(e);
            problem = Optional.of(failure.getMessage());
            throw failure;
        }
    }

    private Topology firstOf(Optional<Snapshot> before, Topology first) {
        if (before.isPresent()) {
            throw new ShardwayException(ErrorCode.TOPOLOGY_EXISTS, paths.topology());
        }
        return first;
    }

    private Topology change(Function<Optional<Snapshot>, Topology> change) throws Exception {
        var attempts = new HashMap<String, Topology>();
        for (int i = 0; i < ATTEMPTS_MAX; i++) {
            Optional<Snapshot> before = look();
            Optional<Topology> stored = attempt(before, change.apply(before), attempts);
            if (stored.isPresent()) {
                return stored.get();
            }
            Thread.sleep(ThreadLocalRandom.current().nextLong(BACKOFF_MAX.toMillis()));
        }
        throw new ShardwayException(
                ErrorCode.TOPOLOGY_CONFLICT, "%d times".formatted(ATTEMPTS_MAX));
    }

    /**
     * One compare-and-set. Empty when it did not happen.
     *
     * @param attempts by id, those of this change whose end is not known; this one is added
     */
    private Optional<Topology> attempt(
            Optional<Snapshot> before, Topology wanted, Map<String, Topology> attempts)
            throws Exception {
        Topology next = TopologyWriter.numbered(before.map(Snapshot::topology), wanted);
        String id = UUID.randomUUID().toString();
        attempts.put(id, next);
        try {
            writer.write(before, next, id);
            return Optional.of(next);
        } catch (KeeperException.BadVersionException
                | KeeperException.NodeExistsException
                | KeeperException.NoNodeException _) {
            return settle(attempts);
        } catch (KeeperException | InterruptedException e) {
            if (!Nodes.isLostAnswer(e)) {
                throw e;
            }
            return settleLostAnswer(attempts, e);
        }
    }

    /** Finds out by reading whether one of the attempts made its epoch. */
    private Optional<Topology> settle(Map<String, Topology> attempts) throws Exception {
        nodes.sync(paths.topology());
        Optional<Snapshot> now = look();
        if (now.isEmpty()) {
            return Optional.empty();
        }
        for (var attempt : Map.copyOf(attempts).entrySet()) {
            Epoch epoch = attempt.getValue().epoch();
            if (epoch.isAfter(now.get().topology().epoch())) {
                continue;
            }
            if (makerOf(epoch, now.get()).equals(attempt.getKey())) {
                return Optional.of(attempt.getValue());
            }
            attempts.remove(attempt.getKey()); // Somebody else made this epoch, for good.
        }
        return Optional.empty();
    }

    private static String makerOf(Epoch epoch, Snapshot now) {
        return now.document()
                .changeOf(epoch.number())
                .map(TopologyDocument.Change::id)
                .orElseThrow(() ->
                        new ShardwayException(
                                ErrorCode.TOPOLOGY_CHANGE_UNKNOWN,
                                "epoch %s is too long ago".formatted(epoch)));
    }

    private Optional<Topology> settleLostAnswer(Map<String, Topology> attempts, Exception lost) {
        try {
            if (lost instanceof InterruptedException) {
                throw lost;
            }
            return settle(attempts);
        } catch (Exception e) {
            ShardwayException failure = Nodes.translate(e);
            throw new ShardwayException(
                    ErrorCode.TOPOLOGY_CHANGE_UNKNOWN, failure.detail(), failure);
        }
    }

    private ShardwayException missing() {
        return new ShardwayException(ErrorCode.TOPOLOGY_MISSING, paths.root());
    }
}
