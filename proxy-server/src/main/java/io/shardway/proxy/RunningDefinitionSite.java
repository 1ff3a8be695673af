package io.shardway.proxy;

import io.shardway.proxy.definition.DefinitionSite;
import io.shardway.proxy.definition.HeldCopies;
import io.shardway.proxy.execution.Serving;
import io.shardway.proxy.reference.ReferenceWatch;
import io.shardway.proxy.sequence.Sequences;
import io.shardway.router.Deadline;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.schema.TableSchema;
import io.shardway.router.topology.DefinitionChange;
import io.shardway.router.topology.Node;
import io.shardway.router.topology.Topology;
import io.shardway.router.topology.TopologyStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** What definitions need of the running proxy. Thread-safe; its parts are. */
record RunningDefinitionSite(
        String proxyName,
        TopologyStore store,
        TopologyFollower follower,
        OwnerConnections owner,
        Sequences sequences,
        ReferenceWatch references,
        Consumer<String> moments)
        implements DefinitionSite {

    @Override
    public Serving refreshed() {
        follower.follow(store.read());
        return follower.serving();
    }

    @Override
    public Connection ask(Node node) throws SQLException {
        return owner.open(node);
    }

    @Override
    public Connection alone(Node node) throws SQLException {
        return owner.openAlone(node);
    }

    @Override
    public void beginKeys(String keyspace, String table, long first, Deadline deadline) {
        Serving serving = refreshed();
        Optional<TableSchema> there =
                serving.catalog().sharded(keyspace).flatMap(schema -> schema.table(table));
        if (there.isEmpty()) {
            throw new ShardwayException(
                    ErrorCode.SCHEMA_MISMATCH, "table " + table + " cannot be used yet");
        }
        try {
            sequences
                    .beginAt(keyspace, there.get(), serving.topology(), first)
                    .get(deadline.remaining().toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new ShardwayException(ErrorCode.SHUTTING_DOWN, "", interrupted);
        } catch (ExecutionException | TimeoutException away) {
            throw new ShardwayException(
                    ErrorCode.BACKEND_UNAVAILABLE,
                    "keys of " + table + " do not begin at " + first + " yet",
                    away);
        }
    }

    @Override
    public HeldCopies hold(Topology topology, String keyspace, DefinitionChange change) {
        return references.hold(owner::openAlone, topology, keyspace, change);
    }

    @Override
    public void reached(String moment) {
        moments.accept(moment);
    }
}
