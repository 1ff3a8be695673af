package io.shardway.router.topology.zookeeper;

import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.topology.Keyspace;
import io.shardway.router.topology.Topology;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Reads the topology node and the keyspace nodes as they were written together. Thread-safe.
 *
 * <p>The topology node says for every keyspace which change wrote its node, and that node says the
 * same of itself. If they differ, the topology changed between the two readings and all is read
 * again. Keyspaces that are known already from the same change are not read at all.
 */
final class TopologyReader {

    private static final int ATTEMPTS_MAX = 100;

    private final Nodes nodes;
    private final Paths paths;
    private final Layout layout;

    /** Of the last reading. */
    private volatile Map<TopologyDocument.KeyspaceEntry, Keyspace> known = Map.of();

    TopologyReader(Nodes nodes, Paths paths, Layout layout) {
        this.nodes = nodes;
        this.paths = paths;
        this.layout = layout;
    }

    /**
     * @param version of the topology node, for compare-and-set
     */
    record Snapshot(TopologyDocument document, Topology topology, int version) {}

    /** Empty when no topology was created yet. */
    Optional<Snapshot> read() throws Exception {
        for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
            if (!layout.check()) {
                return Optional.empty();
            }
            Optional<Nodes.Stored> head = nodes.read(paths.topology());
            if (head.isEmpty()) {
                return Optional.empty();
            }
            Optional<Snapshot> snapshot = readBelow(head.get());
            if (snapshot.isPresent()) {
                return snapshot;
            }
        }
        throw new ShardwayException(
                ErrorCode.TOPOLOGY_CONFLICT,
                "it changed during each of %d readings".formatted(ATTEMPTS_MAX));
    }

    /** Empty when the topology changed meanwhile. */
    private Optional<Snapshot> readBelow(Nodes.Stored head) throws Exception {
        var document = Json.read(head.data(), TopologyDocument.class, paths.topology());
        var keyspaces = new HashMap<TopologyDocument.KeyspaceEntry, Keyspace>();
        var before = known;
        for (var entry : document.keyspaces()) {
            Optional<Keyspace> keyspace =
                    Optional.ofNullable(before.get(entry)).or(() -> readKeyspace(entry));
            if (keyspace.isPresent()) {
                keyspaces.put(entry, keyspace.get());
            } else if (isUnchanged(head)) {
                throw new ShardwayException(
                        ErrorCode.TOPOLOGY_FORMAT,
                        paths.keyspace(entry.name()) + " is missing or of another change");
            } else {
                return Optional.empty();
            }
        }
        var byName = new HashMap<String, Keyspace>();
        keyspaces.values().forEach(keyspace -> byName.put(keyspace.name(), keyspace));
        Topology topology = checked(paths.topology(), () -> document.toTopology(byName));
        known = Map.copyOf(keyspaces);
        return Optional.of(new Snapshot(document, topology, head.stat().getVersion()));
    }

    /** Empty when its node is missing, or is not the one that is meant. */
    private Optional<Keyspace> readKeyspace(TopologyDocument.KeyspaceEntry entry) {
        String path = paths.keyspace(entry.name());
        return Nodes.call(() -> nodes.read(path))
                .map(node -> Json.read(node.data(), KeyspaceDocument.class, path))
                .filter(document -> document.changeId().equals(entry.changeId()))
                .map(document -> checked(path, () -> document.toKeyspace(entry)));
    }

    /** The transaction id tells apart even a node that was deleted and made again. */
    private boolean isUnchanged(Nodes.Stored head) throws Exception {
        return nodes.stat(paths.topology())
                .filter(stat -> stat.getMzxid() == head.stat().getMzxid())
                .isPresent();
    }

    private static <T> T checked(String path, Supplier<T> decoding) {
        try {
            return decoding.get();
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw Json.malformed(path, e);
        }
    }
}
