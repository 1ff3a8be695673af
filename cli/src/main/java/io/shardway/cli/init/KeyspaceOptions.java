package io.shardway.cli.init;

import io.shardway.cli.UserProblem;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.topology.Topology;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** The shards, and the keyspace that is spread over them. Filled by picocli; one thread. */
final class KeyspaceOptions {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_$]{1,64}");

    @Option(
            names = "--shard",
            required = true,
            paramLabel = "NAME=HOST:PORT[,REPLICA:PORT...]",
            description = "A primary and its replicas; repeatable")
    private List<String> shards = List.of();

    @Option(
            names = "--default-shard",
            paramLabel = "NAME",
            description = "Holds plain keyspaces and single tables (default: the first)")
    private Optional<String> defaultShard = Optional.empty();

    @Option(
            names = "--keyspace",
            paramLabel = "NAME",
            description = "The sharded keyspace (default: store)")
    private String keyspace = "store";

    @Option(
            names = "--shard-key",
            paramLabel = "COLUMN",
            description = "Decides where a row lives (default: user_id)")
    private String shardKey = "user_id";

    String keyspace() {
        return keyspace;
    }

    List<ShardSpec> shards() {
        return shards.stream().map(ShardSpec::parse).toList();
    }

    Topology firstTopology(List<ShardSpec> specs) {
        return FirstTopology.of(specs, shardId(), named(keyspace), named(shardKey));
    }

    private Optional<ShardId> shardId() {
        try {
            return defaultShard.map(ShardId::new);
        } catch (IllegalArgumentException e) {
            throw new UserProblem("--default-shard: " + e.getMessage() + ".", e);
        }
    }

    private static String named(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new UserProblem(
                    "'%s' is no name: 1 to 64 letters, digits, '_' or '$'.".formatted(name));
        }
        return name;
    }
}
