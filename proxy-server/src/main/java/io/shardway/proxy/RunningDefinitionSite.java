package io.shardway.proxy;

import io.shardway.proxy.definition.DefinitionSite;
import io.shardway.proxy.execution.Serving;
import io.shardway.router.topology.Node;
import io.shardway.router.topology.TopologyStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Consumer;

/** What definitions need of the running proxy. Thread-safe; its parts are. */
record RunningDefinitionSite(
        String proxyName,
        TopologyStore store,
        TopologyFollower follower,
        OwnerConnections owner,
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
    public void reached(String moment) {
        moments.accept(moment);
    }
}
