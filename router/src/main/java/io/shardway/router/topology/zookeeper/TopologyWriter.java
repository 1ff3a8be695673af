package io.shardway.router.topology.zookeeper;

import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.Epoch;
import io.shardway.router.keyspace.SchemaEpoch;
import io.shardway.router.topology.Keyspace;
import io.shardway.router.topology.Topology;
import io.shardway.router.topology.zookeeper.TopologyReader.Snapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.curator.framework.api.transaction.CuratorOp;

/** Writes one next topology in one transaction. Thread-safe. */
final class TopologyWriter {

    private final Nodes nodes;
    private final Paths paths;

    TopologyWriter(Nodes nodes, Paths paths) {
        this.nodes = nodes;
        this.paths = paths;
    }

    /** The topology with the numbers it gets when stored after {@code before}. */
    static Topology numbered(Optional<Topology> before, Topology wanted) {
        Epoch epoch = before.map(Topology::epoch).orElse(Epoch.NONE).next();
        var keyspaces = new TreeMap<String, Keyspace>();
        for (Keyspace keyspace : wanted.keyspaces().values()) {
            boolean same =
                    before.flatMap(topology -> topology.keyspace(keyspace.name()))
                            .filter(keyspace::equals)
                            .isPresent();
            keyspaces.put(
                    keyspace.name(),
                    same ? keyspace : keyspace.at(new SchemaEpoch(epoch.number())));
        }
        return new Topology(
                epoch, wanted.shards(), wanted.defaultShard(), wanted.bucketMap(), keyspaces);
    }

    /** Throws ZooKeeper's exceptions; with a lost connection it may or may not have happened. */
    void write(Optional<Snapshot> before, Topology next, String changeId) throws Exception {
        var old = before.map(snapshot -> snapshot.topology().keyspaces()).orElse(Map.of());
        var document =
                TopologyDocument.of(
                        next,
                        before.map(snapshot -> snapshot.document().recentChanges())
                                .orElse(List.of()),
                        changeId,
                        changeIds(before, next, changeId));
        var batch = new Batch();
        byte[] data = Json.write(document);
        batch.add(
                data,
                before.isPresent()
                        ? nodes.set(paths.topology(), before.get().version(), data)
                        : nodes.create(paths.topology(), data));
        for (Keyspace keyspace : next.keyspaces().values()) {
            if (!keyspace.equals(old.get(keyspace.name()))) {
                byte[] content = Json.write(KeyspaceDocument.of(keyspace, changeId));
                String path = paths.keyspace(keyspace.name());
                boolean known = old.containsKey(keyspace.name());
                batch.add(content, known ? nodes.set(path, content) : nodes.create(path, content));
            }
        }
        for (String name : old.keySet()) {
            if (!next.keyspaces().containsKey(name)) {
                batch.add(new byte[0], nodes.delete(paths.keyspace(name)));
            }
        }
        nodes.commit(batch.operations());
    }

    /** Unchanged keyspaces keep the id of the change that wrote them. */
    private static Map<String, String> changeIds(
            Optional<Snapshot> before, Topology next, String changeId) {
        var ids = new HashMap<String, String>();
        for (Keyspace keyspace : next.keyspaces().values()) {
            ids.put(
                    keyspace.name(),
                    before.filter(old ->
                                    keyspace.equals(
                                            old.topology().keyspaces().get(keyspace.name())))
                            .flatMap(old -> old.document().keyspace(keyspace.name()))
                            .map(TopologyDocument.KeyspaceEntry::changeId)
                            .orElse(changeId));
        }
        return ids;
    }

    /** Operations that must fit into one transaction. */
    private static final class Batch {

        private final List<CuratorOp> operations = new ArrayList<>();
        private int bytes;

        void add(byte[] data, CuratorOp operation) {
            operations.add(operation);
            bytes += data.length + operation.getTypeAndPath().getForPath().length();
            requireFits(bytes);
        }

        List<CuratorOp> operations() {
            return operations;
        }
    }

    static void requireFits(int bytes) {
        if (bytes > Nodes.TRANSACTION_BYTES_MAX) {
            throw new ShardwayException(
                    ErrorCode.TOPOLOGY_TOO_LARGE,
                    "more than %d KiB".formatted(Nodes.TRANSACTION_BYTES_MAX / 1024));
        }
    }
}
