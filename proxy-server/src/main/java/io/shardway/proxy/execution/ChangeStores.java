package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.shardway.proxy.backend.PreparedKey;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntFunction;

/**
 * What each shard must do so that its rows become what an UPDATE or DELETE made of them: first all
 * that are no more, or get other keys, are deleted, so that none is a duplicate of one that is
 * about to go. Confined to its event loop.
 */
final class ChangeStores {

    /** One statement's, as those that fill temporary tables. */
    private static final int ROWS_MAX = 256;

    private static final int BATCH_BYTES = 512 << 10;
    private static final int PARAMETERS_MAX = 0xFFFF;

    private final AssembledStatement statement;
    private final SortedMap<ShardId, List<Batch>> deletes = new TreeMap<>();
    private final SortedMap<ShardId, List<Batch>> others = new TreeMap<>();

    /** MySQL counts a row that an INSERT changes twice. */
    private static final int COUNTED_TWICE = 2;

    /**
     * @param affected how many rows MySQL must say it wrote
     */
    private record Batch(StoreCommand command, int affected, ChangeDefinition table) {}

    ChangeStores(AssembledStatement statement) {
        this.statement = statement;
    }

    void delete(ChangeTexts texts, ChangedRows rows, Topology topology) {
        rows.byShard(topology)
                .forEach((shard, own) -> add(deletes, shard, batches(texts::delete, own, rows, 1)));
    }

    void insert(ChangeTexts texts, ChangedRows rows, Topology topology) {
        rows.byShard(topology)
                .forEach((shard, own) -> add(others, shard, batches(texts::insert, own, rows, 1)));
    }

    void update(ChangeTexts texts, ChangedRows rows, Topology topology) {
        rows.byShard(topology)
                .forEach((shard, own) ->
                        add(others, shard, batches(texts::update, own, rows, COUNTED_TWICE)));
    }

    private static void add(Map<ShardId, List<Batch>> batches, ShardId shard, List<Batch> further) {
        batches.computeIfAbsent(shard, _ -> new ArrayList<>()).addAll(further);
    }

    private List<Batch> batches(
            IntFunction<String> text, List<byte[]> own, ChangedRows rows, int counted) {
        int columns = Math.max(1, rows.columns().size());
        int most = Math.clamp(PARAMETERS_MAX / columns, 1, ROWS_MAX);
        var batches = new ArrayList<Batch>();
        for (int from = 0; from < own.size(); ) {
            int count = batch(own, from, most);
            List<byte[]> some = own.subList(from, from + count);
            var key =
                    new PreparedKey(
                            text.apply(count).getBytes(UTF_8),
                            statement.schema(),
                            statement.settings());
            batches.add(
                    new Batch(
                            new StoreCommand(key, rows.columns(), some),
                            count * counted,
                            rows.table()));
            from += count;
        }
        return batches;
    }

    /** A power of two where more rows follow, so that few statements are prepared. */
    private static int batch(List<byte[]> rows, int from, int most) {
        long bytes = 0;
        int count = 0;
        while (count < Math.min(rows.size() - from, most) && (count == 0 || bytes < BATCH_BYTES)) {
            bytes += rows.get(from + count).length;
            count++;
        }
        return Integer.highestOneBit(count);
    }

    /** In the order of the shards. */
    List<SpreadPart> parts() {
        var shards = new TreeMap<ShardId, List<Batch>>();
        deletes.forEach((shard, own) -> shards.put(shard, new ArrayList<>(own)));
        others.forEach(
                (shard, own) -> shards.computeIfAbsent(shard, _ -> new ArrayList<>()).addAll(own));
        var parts = new ArrayList<SpreadPart>();
        shards.forEach((shard, own) -> {
            for (Batch batch : own) {
                parts.add(
                        new SpreadPart(shard, List.of(), batch.command(), batch != own.getFirst())
                                .storing(batch.affected(), batch.table()::isOfEnumZero));
            }
        });
        return parts;
    }
}
