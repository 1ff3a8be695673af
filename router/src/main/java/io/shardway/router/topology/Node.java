package io.shardway.router.topology;

/**
 * One MySQL server of a shard. Immutable.
 *
 * @param name unique over the whole topology, such as {@code s1-a}
 * @param port from 1 to 65535
 */
public record Node(String name, NodeRole role, String host, int port) {

    public Node {
        if (name.isBlank() || host.isBlank()) {
            throw new IllegalArgumentException("a node has a name and a host");
        }
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("a port is 1 to 65535, not " + port);
        }
    }
}
