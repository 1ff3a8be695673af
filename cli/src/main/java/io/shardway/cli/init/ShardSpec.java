package io.shardway.cli.init;

import io.shardway.cli.HostPort;
import io.shardway.cli.UserProblem;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.topology.Node;
import io.shardway.router.topology.NodeRole;
import io.shardway.router.topology.Shard;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A shard as the user names it: {@code s1=primary:3306,replica:3306}. Immutable.
 *
 * @param addresses the primary's first
 */
public record ShardSpec(ShardId id, List<HostPort> addresses) {

    private static final int NODES_MAX = 26;

    public ShardSpec {
        addresses = List.copyOf(addresses);
        if (addresses.isEmpty() || addresses.size() > NODES_MAX) {
            throw new UserProblem("Shard %s needs 1 to 26 nodes.".formatted(id));
        }
    }

    public static ShardSpec parse(String text) {
        int equals = text.indexOf('=');
        if (equals < 1 || equals == text.length() - 1) {
            throw new UserProblem(
                    "A shard is NAME=HOST:PORT[,REPLICA:PORT...], not '%s'.".formatted(text));
        }
        var addresses =
                Arrays.stream(text.substring(equals + 1).split(",", -1))
                        .map(HostPort::parse)
                        .toList();
        try {
            return new ShardSpec(new ShardId(text.substring(0, equals)), addresses);
        } catch (IllegalArgumentException e) {
            throw new UserProblem("In '%s': %s.".formatted(text, e.getMessage()), e);
        }
    }

    /** The primary is {@code s1-a}, its replicas {@code s1-b} and so on. */
    Shard toShard(int idOffset) {
        var nodes = new ArrayList<Node>();
        for (int i = 0; i < addresses.size(); i++) {
            var role = i == 0 ? NodeRole.PRIMARY : NodeRole.REPLICA;
            HostPort address = addresses.get(i);
            nodes.add(new Node(nodeName(i), role, address.host(), address.port()));
        }
        return new Shard(id, idOffset, nodes);
    }

    String nodeName(int index) {
        return id + "-" + (char) ('a' + index);
    }
}
