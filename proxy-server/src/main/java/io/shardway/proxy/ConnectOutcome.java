package io.shardway.proxy;

import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.NodeConnector;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.topology.Node;

/**
 * How an attempt to connect ended; tells it once, whatever comes first. Confined to its event loop.
 */
final class ConnectOutcome {

    private final Node node;
    private final NodeConnector.Result result;
    private boolean told;

    ConnectOutcome(Node node, NodeConnector.Result result) {
        this.node = node;
        this.result = result;
    }

    boolean isTold() {
        return told;
    }

    void failed(ErrorCode code, String detail) {
        if (!told) {
            told = true;
            result.failed(new ShardwayException(code, "node " + node.name() + ": " + detail));
        }
    }

    void connected(BackendConnection connection) {
        if (!told) {
            told = true;
            result.connected(connection);
        }
    }
}
