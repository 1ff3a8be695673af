package io.shardway.proxy.sequence;

import io.shardway.proxy.metrics.ProxyMetrics;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.KeyType;
import io.shardway.router.keyspace.SchemaEpoch;
import io.shardway.router.plan.DrawnColumn;
import io.shardway.router.plan.DrawnKey;
import io.shardway.router.schema.ColumnSchema;
import io.shardway.router.schema.ConnectionSource;
import io.shardway.router.schema.KeyTypes;
import io.shardway.router.schema.TableSchema;
import io.shardway.router.topology.Keyspace;
import io.shardway.router.topology.TableKind;
import io.shardway.router.topology.Topology;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sequences of AUTO_INCREMENT columns that the proxy draws for. Thread-safe; only {@link
 * #rows}, {@link #releaseAll} and {@link #close} block.
 *
 * <p>When a keyspace's schema epoch moves, the blocks of its tables are given up: a table may be
 * another one now.
 */
public final class Sequences implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Sequences.class);

    private final SequenceTable table;
    private final int blockSize;
    private final ProxyMetrics metrics;
    private final Map<SequenceName, Sequence> sequences = new ConcurrentHashMap<>();

    /**
     * @param connections of the owner account
     * @param topology what is served now
     * @param proxy number of this proxy, which no other one has
     * @param blockSize how many keys are fetched at once
     */
    public Sequences(
            ConnectionSource connections,
            Supplier<Topology> topology,
            int proxy,
            int blockSize,
            ProxyMetrics metrics) {
        this.table = new SequenceTable(connections, topology, proxy);
        this.blockSize = blockSize;
        this.metrics = metrics;
    }

    /** The sequence of a table as it is in this topology. */
    public Sequence of(DrawnColumn key, Topology topology) {
        return of(new SequenceName(key.keyspace(), key.table()), key.column(), key.max(), topology);
    }

    private Sequence of(SequenceName name, String column, long max, Topology topology) {
        Keyspace keyspace = topology.keyspace(name.keyspace()).orElseThrow();
        Sequence known = sequences.get(name);
        if (known != null && known.column().schemaEpoch().equals(keyspace.schemaEpoch())) {
            return known;
        }
        SchemaEpoch epoch = keyspace.schemaEpoch();
        var drawn = new SequenceColumn(name, column, max, keyspace.idStride(), epoch);
        return sequences.compute(
                name,
                (_, now) ->
                        now != null && !isAfter(epoch, now)
                                ? now
                                : new Sequence(drawn, table, blockSize, metrics::sequenceBlock));
    }

    /**
     * For ALTER TABLE ... AUTO_INCREMENT = n: keys that are drawn from now on, from blocks not
     * taken yet, are at least this. A smaller number than the sequence has reached changes nothing,
     * nor does it in a table that is not sharded, where only MySQL draws.
     */
    public CompletableFuture<Long> beginAt(
            String keyspace, TableSchema table, Topology topology, long least) {
        Optional<ColumnSchema> drawn =
                table.columns().stream().filter(ColumnSchema::autoIncrement).findFirst();
        Optional<KeyType.Integer> type = drawn.flatMap(KeyTypes::integer);
        if (type.isEmpty() || table.kind() != TableKind.SHARDED) {
            return CompletableFuture.completedFuture(least);
        }
        var name = new SequenceName(keyspace, table.name());
        long max = DrawnKey.max(type.get());
        Sequence sequence = of(name, drawn.orElseThrow().name(), max, topology);
        // No multiple of the stride, for which it would matter whether somebody may draw it.
        boolean drawable = (least - 1) % sequence.column().stride() == 0;
        return sequence.moveOn(drawable ? least : least - 1);
    }

    /** A newer topology is served. */
    public void follow(Topology topology) {
        sequences.forEach((name, sequence) -> {
            Optional<SchemaEpoch> epoch =
                    topology.keyspace(name.keyspace()).map(Keyspace::schemaEpoch);
            boolean over = epoch.isEmpty() || isAfter(epoch.get(), sequence);
            if (over && sequences.remove(name, sequence)) {
                Thread.ofVirtual().name("sequence " + name).start(() -> release(name));
            }
        });
    }

    private static boolean isAfter(SchemaEpoch epoch, Sequence sequence) {
        return epoch.number() > sequence.column().schemaEpoch().number();
    }

    private void release(SequenceName name) {
        try {
            table.release(name);
        } catch (SQLException | ShardwayException away) {
            LOG.debug("event=release-later sequence={} reason={}", name, away.getMessage());
        }
    }

    /**
     * Gives up all blocks: of a process before this one, under the same number, and at the end.
     * Blocks.
     */
    public void releaseAll() {
        try {
            table.releaseAll();
        } catch (SQLException | ShardwayException away) {
            LOG.debug("event=release-later reason={}", away.getMessage());
        }
    }

    /** All sequences of the cluster, for SHARDWAY SHOW SEQUENCES. */
    public List<SequenceFigures> rows() {
        try {
            return table.rows();
        } catch (SQLException away) {
            throw new ShardwayException(
                    ErrorCode.BACKEND_UNAVAILABLE, String.valueOf(away.getMessage()), away);
        }
    }

    /** Where all sequences of the cluster stand; no blocks. Blocks. */
    public List<SequenceFigures> standing() {
        try {
            return table.withoutBlocks();
        } catch (SQLException away) {
            throw new ShardwayException(
                    ErrorCode.BACKEND_UNAVAILABLE, String.valueOf(away.getMessage()), away);
        }
    }

    /** This proxy draws no more. */
    @Override
    public void close() {
        if (!sequences.isEmpty()) {
            releaseAll();
        }
    }
}
