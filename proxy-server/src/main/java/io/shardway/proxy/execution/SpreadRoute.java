package io.shardway.proxy.execution;

import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.KeyType;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.KeyResolver;
import io.shardway.router.plan.ParameterValues;
import io.shardway.router.plan.Pin;
import io.shardway.router.plan.RowKey;
import io.shardway.router.plan.SpreadTarget;
import io.shardway.router.plan.ValueRef;
import io.shardway.router.sql.LiteralKind;
import io.shardway.router.sql.Literals;
import io.shardway.router.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Finds the shards of a write of rows of several keys. Stateless; thread-safe. */
public final class SpreadRoute {

    private SpreadRoute() {}

    /**
     * The shards in their order, each with the numbers of its rows; without numbers where all get
     * the same text.
     *
     * @throws ShardwayException KEY_NOT_EXACT for a row, SEVERAL_DRAWN_KEYS
     */
    public static SortedMap<ShardId, List<Integer>> of(
            SpreadTarget target, Literals literals, ParameterValues parameters, Topology topology) {
        return switch (target) {
            case SpreadTarget.Everywhere _ -> everywhere(topology);
            case SpreadTarget.Listed listed -> listed(listed, literals, parameters, topology);
            case SpreadTarget.Rows rows -> rows(rows, literals, parameters, topology);
        };
    }

    private static SortedMap<ShardId, List<Integer>> everywhere(Topology topology) {
        var shards = new TreeMap<ShardId, List<Integer>>();
        topology.shards().keySet().forEach(shard -> shards.put(shard, List.of()));
        return shards;
    }

    private static SortedMap<ShardId, List<Integer>> listed(
            SpreadTarget.Listed listed,
            Literals literals,
            ParameterValues parameters,
            Topology topology) {
        boolean numbers = listed.type() instanceof KeyType.Integer;
        for (ValueRef key : listed.keys()) {
            if (isNumber(key, literals, parameters) != numbers) {
                return everywhere(topology); // MySQL compares them as DOUBLE, which rounds.
            }
        }
        var shards = new TreeMap<ShardId, List<Integer>>();
        for (ValueRef key : listed.keys()) {
            var pin = new Pin(listed.type(), Pin.Use.COMPARED, List.of(key));
            int bucket;
            try {
                bucket = KeyResolver.bucketOf(pin, literals, parameters);
            } catch (ShardwayException _) {
                return everywhere(topology); // MySQL may find rows of other keys by it.
            }
            if (bucket != KeyResolver.ANY) {
                shards.put(topology.bucketMap().ownerOf(bucket), List.of());
            }
        }
        if (shards.isEmpty()) {
            shards.put(topology.defaultShard(), List.of());
        }
        return shards;
    }

    private static boolean isNumber(ValueRef key, Literals literals, ParameterValues parameters) {
        return switch (key) {
            case ValueRef.Literal(int index, _) -> literals.kind(index) == LiteralKind.INTEGER;
            case ValueRef.Parameter(int index) ->
                    parameters != ParameterValues.NONE
                            && switch (parameters.kind(index)) {
                                case SIGNED, UNSIGNED -> true;
                                case NULL, FLOATING, DECIMAL, TEXT, BYTES, OTHER -> false;
                            };
        };
    }

    private static SortedMap<ShardId, List<Integer>> rows(
            SpreadTarget.Rows target,
            Literals literals,
            ParameterValues parameters,
            Topology topology) {
        var shards = new TreeMap<ShardId, List<Integer>>();
        for (int row = 0; row < target.rows().size(); row++) {
            Optional<ValueRef> key = target.rows().get(row).key();
            if (target.drawsKeys() && draws(target, key, literals, parameters)) {
                return everywhere(topology); // Whoever owns the keys that are drawn.
            }
            var pin = new Pin(target.type(), Pin.Use.STORED, List.of(key.orElseThrow()));
            int bucket = KeyResolver.bucketOf(pin, literals, parameters);
            if (bucket == KeyResolver.ANY) {
                // A parameter marker in the text protocol: every MySQL answers with 1064.
                return new TreeMap<>(Map.of(topology.defaultShard(), List.of()));
            }
            ShardId shard = topology.bucketMap().ownerOf(bucket);
            shards.computeIfAbsent(shard, _ -> new ArrayList<>()).add(row);
        }
        if (shards.size() > 1) {
            requireIds(target, literals, parameters);
        }
        return shards;
    }

    private static boolean draws(
            SpreadTarget.Rows target,
            Optional<ValueRef> key,
            Literals literals,
            ParameterValues parameters) {
        var type = target.drawn().orElseThrow().column().type();
        return KeyResolver.rowKey(type, key, literals, parameters, true) instanceof RowKey.Drawn;
    }

    /** Shards would draw ids that no client could work out from the first one. */
    private static void requireIds(
            SpreadTarget.Rows target, Literals literals, ParameterValues parameters) {
        boolean clear =
                !target.drawsIds()
                        && (target.drawn().isEmpty()
                                || target.drawsKeys()
                                || target.rows().stream()
                                        .allMatch(row ->
                                                KeyResolver.rowId(
                                                                row.id(),
                                                                literals,
                                                                parameters,
                                                                true)
                                                        .isPresent()));
        if (!clear) {
            throw new ShardwayException(
                    ErrorCode.SEVERAL_DRAWN_KEYS,
                    "whether its AUTO_INCREMENT column is given only MySQL can tell; write a"
                            + " number or NULL");
        }
    }
}
