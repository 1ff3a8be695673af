package io.shardway.router.topology;

import io.shardway.router.keyspace.ShardId;
import java.util.List;

/**
 * A primary and its replicas, holding the same rows. Immutable.
 *
 * @param idOffset the offset of AUTO_INCREMENT values on this shard, 1 to 63
 */
public record Shard(ShardId id, int idOffset, List<Node> nodes) {

    /** Below every stride; 0 belongs to ids that proxies draw. */
    public static final int ID_OFFSET_MAX = 63;

    public Shard {
        nodes = List.copyOf(nodes);
        if (idOffset < 1 || idOffset > ID_OFFSET_MAX) {
            throw new IllegalArgumentException("an id offset is 1 to 63, not " + idOffset);
        }
        if (nodes.stream().filter(node -> node.role() == NodeRole.PRIMARY).count() != 1) {
            throw new IllegalArgumentException("shard " + id + " needs exactly one primary");
        }
    }

    public Node primary() {
        return nodes.stream()
                .filter(node -> node.role() == NodeRole.PRIMARY)
                .findFirst()
                .orElseThrow();
    }
}
