package io.shardway.proxy.backend;

import io.netty.channel.EventLoop;
import io.shardway.router.ShardwayException;
import io.shardway.router.topology.Node;

/**
 * Opens connections to nodes. Called on the event loop the connection will live on; answers there.
 */
public interface NodeConnector {

    /** What became of it; exactly one call. */
    interface Result {
        void connected(BackendConnection connection);

        void failed(ShardwayException reason);
    }

    void connect(
            Node node,
            BackendFlavour flavour,
            EventLoop loop,
            BackendConnection.ConnectionWatcher watcher,
            Result result);
}
