package io.shardway.cli.init;

import io.shardway.router.topology.Shard;
import io.shardway.router.topology.Topology;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** What init changes, in order; told by a dry run, done otherwise. One thread. */
record InitSteps(
        List<ShardSpec> shards,
        Topology first,
        OwnerLogin owner,
        Collection<AccountSpec> accounts,
        String keyspace) {

    InitSteps {
        shards = List.copyOf(shards);
        accounts = List.copyOf(accounts);
    }

    List<String> describe() {
        var steps = new ArrayList<String>();
        for (ShardSpec shard : shards) {
            steps.add(
                    "create the schema %s on %s, if it is not there"
                            .formatted(keyspace, shard.addresses().getFirst()));
        }
        for (AccountSpec account : accounts) {
            steps.add("store the account %s (%s)".formatted(account.name(), account.right()));
        }
        steps.add("store the topology:");
        for (ShardSpec spec : shards) {
            Shard shard = first.shard(spec.id());
            steps.add(
                    "  shard %s: %d nodes, %d of 1024 buckets%s"
                            .formatted(
                                    shard.id(),
                                    shard.nodes().size(),
                                    first.bucketMap().countOf(shard.id()),
                                    shard.id().equals(first.defaultShard())
                                            ? ", the default shard"
                                            : ""));
        }
        return steps;
    }

    void createSchemas() throws SQLException {
        for (ShardSpec shard : shards) {
            owner.createSchema(shard.addresses().getFirst(), keyspace);
        }
    }
}
