package io.shardway.proxy.execution;

import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.AssembledTable;
import io.shardway.router.plan.ParameterValues;
import io.shardway.router.plan.Plan;
import io.shardway.router.plan.SpreadTarget;
import io.shardway.router.plan.Unfolding;
import io.shardway.router.sql.Lexer;
import io.shardway.router.sql.SqlDialect;
import io.shardway.router.topology.Topology;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** Which shards can have rows that a read over several shards needs. Stateless; thread-safe. */
public final class ReadShards {

    private ReadShards() {}

    /** The owners of the keys that the table's rows must have, else all shards; in their order. */
    static List<ShardId> of(
            AssembledTable table,
            byte[] sql,
            SqlDialect dialect,
            ParameterValues values,
            Topology topology) {
        Optional<SpreadTarget.Listed> keys = table.keys();
        if (keys.isEmpty()) {
            return topology.shards().keySet().stream().sorted().toList();
        }
        var lexer = new Lexer();
        lexer.scan(sql, 0, sql.length, dialect);
        return List.copyOf(SpreadRoute.of(keys.get(), lexer, values, topology).keySet());
    }

    /** All that a read needs rows of, which is written so; in their order. */
    public static List<ShardId> of(
            Plan.Assemble read, Unfolding.Whole whole, SqlDialect dialect, Topology topology) {
        var shards = new TreeSet<ShardId>();
        for (AssembledTable table : read.tables()) {
            switch (table.schema().kind()) {
                case SHARDED ->
                        shards.addAll(of(table, whole.text(), dialect, whole.values(), topology));
                case SINGLE -> shards.add(topology.defaultShard());
                case REFERENCE -> {}
            }
        }
        return List.copyOf(shards);
    }
}
