package io.shardway.proxy;

import io.shardway.proxy.execution.Serving;
import io.shardway.proxy.execution.ShardedSizes;
import io.shardway.proxy.execution.ShardedSizes.Size;
import io.shardway.proxy.execution.TableSizes;
import io.shardway.proxy.sequence.SequenceFigures;
import io.shardway.proxy.sequence.Sequences;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.schema.ColumnSchema;
import io.shardway.router.schema.ConnectionSource;
import io.shardway.router.schema.KeyspaceSchema;
import io.shardway.router.schema.TableSchema;
import io.shardway.router.topology.Shard;
import io.shardway.router.topology.TableKind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/**
 * Reads how large the sharded tables are from all shards, at most once in a while, whoever asks.
 * Thread-safe; it reads on threads of its own, one reading at a time for each of the two ways.
 */
final class ShardSizes implements TableSizes {

    private static final int QUERY_TIMEOUT_SECONDS = 30;

    private static final String SIZES =
            """
            SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_ROWS, DATA_LENGTH, INDEX_LENGTH, DATA_FREE,
                   AUTO_INCREMENT, UNIX_TIMESTAMP(UPDATE_TIME)
            FROM information_schema.TABLES WHERE TABLE_TYPE = 'BASE TABLE' AND TABLE_SCHEMA IN (%s)
            """;

    private final ConnectionSource connections;
    private final Supplier<Serving> serving;
    private final Sequences sequences;
    private final long maxAgeNanos;
    private final LongConsumer read;

    private Optional<Reading> remembered = Optional.empty();
    private Optional<Reading> live = Optional.empty();

    /** One reading, made or being made. */
    private record Reading(Serving of, long begunNanos, CompletableFuture<ShardedSizes> sizes) {}

    /**
     * @param connections of the owner account
     * @param read hears how many nanoseconds each reading took
     */
    ShardSizes(
            ConnectionSource connections,
            Supplier<Serving> serving,
            Sequences sequences,
            Duration maxAge,
            LongConsumer read) {
        this.connections = connections;
        this.serving = serving;
        this.sequences = sequences;
        this.maxAgeNanos = maxAge.toNanos();
        this.read = read;
    }

    /** One that failed is made again by whoever asks next. */
    @Override
    public synchronized CompletionStage<ShardedSizes> all(boolean live) {
        Serving now = serving.get();
        Optional<Reading> last = live ? this.live : remembered;
        if (last.isPresent() && isFresh(last.get(), now)) {
            return last.get().sizes().copy();
        }
        var next = new Reading(now, System.nanoTime(), new CompletableFuture<>());
        if (live) {
            this.live = Optional.of(next);
        } else {
            remembered = Optional.of(next);
        }
        Thread.ofVirtual().name("sizes").start(() -> read(next, live));
        return next.sizes().copy();
    }

    private boolean isFresh(Reading reading, Serving now) {
        return reading.of().catalog() == now.catalog()
                && !reading.sizes().isCompletedExceptionally()
                && (!reading.sizes().isDone()
                        || System.nanoTime() - reading.begunNanos() < maxAgeNanos);
    }

    private void read(Reading reading, boolean live) {
        try {
            reading.sizes().complete(read(reading.of(), live));
        } catch (RuntimeException failed) {
            reading.sizes().completeExceptionally(failed);
        }
        read.accept(System.nanoTime() - reading.begunNanos());
    }

    private ShardedSizes read(Serving now, boolean live) {
        Map<String, KeyspaceSchema> keyspaces = now.catalog().sharded();
        if (keyspaces.isEmpty()) {
            return ShardedSizes.NONE;
        }
        var sum = new HashMap<String, Map<String, Size>>();
        for (Map<String, Map<String, Size>> part : parts(now, live)) {
            part.forEach((keyspace, tables) -> {
                var there = sum.computeIfAbsent(keyspace, _ -> new HashMap<>());
                tables.forEach((table, size) -> there.merge(table, size, Size::plus));
            });
        }
        for (SequenceFigures sequence : sequences.standing()) {
            sum.getOrDefault(sequence.name().keyspace(), Map.of())
                    .computeIfPresent(
                            sequence.name().table(),
                            (table, size) ->
                                    drawsKeys(now, sequence.name().keyspace(), table)
                                            ? size.nextIdIs(sequence.next())
                                            : size.nextIdAtLeast(sequence.next()));
        }
        return new ShardedSizes(sum);
    }

    private List<Map<String, Map<String, Size>>> parts(Serving now, boolean live) {
        var attempts = new HashMap<Shard, Future<Map<String, Map<String, Size>>>>();
        try (var threads = Starting.inParallel()) {
            for (Shard shard : now.topology().shards().values()) {
                attempts.put(shard, threads.submit(() -> sizesOn(shard, now, live)));
            }
        }
        var parts = new ArrayList<Map<String, Map<String, Size>>>();
        attempts.forEach((shard, attempt) -> {
            if (attempt.state() == Future.State.FAILED) {
                throw new ShardwayException(
                        ErrorCode.BACKEND_UNAVAILABLE,
                        "the sizes of tables on shard %s: %s"
                                .formatted(shard.id(), attempt.exceptionNow().getMessage()),
                        attempt.exceptionNow());
            }
            parts.add(attempt.resultNow());
        });
        return parts;
    }

    private Map<String, Map<String, Size>> sizesOn(Shard shard, Serving now, boolean live)
            throws SQLException {
        List<String> keyspaces = List.copyOf(now.catalog().sharded().keySet());
        String sql = SIZES.formatted(String.join(", ", Collections.nCopies(keyspaces.size(), "?")));
        var sizes = new HashMap<String, Map<String, Size>>();
        try (Connection connection = connections.open(shard.primary());
                Statement settings = connection.createStatement();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            settings.execute(
                    "SET SESSION information_schema_stats_expiry = " + (live ? "0" : "DEFAULT"));
            statement.setQueryTimeout(QUERY_TIMEOUT_SECONDS);
            for (int index = 0; index < keyspaces.size(); index++) {
                statement.setString(index + 1, keyspaces.get(index));
            }
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    String keyspace = rows.getString(1);
                    String table = rows.getString(2);
                    if (isSharded(now, keyspace, table)) {
                        sizes.computeIfAbsent(keyspace, _ -> new HashMap<>())
                                .put(table, size(rows));
                    }
                }
            }
        }
        return sizes;
    }

    /** Else the shards draw, too. */
    private static boolean drawsKeys(Serving now, String keyspace, String table) {
        return now.catalog()
                .sharded(keyspace)
                .flatMap(schema -> schema.table(table))
                .flatMap(schema -> schema.key().flatMap(key -> schema.column(key.column())))
                .filter(ColumnSchema::autoIncrement)
                .isPresent();
    }

    /** Reference tables are whole on every shard, single ones on one: there nothing is to add. */
    private static boolean isSharded(Serving now, String keyspace, String table) {
        return now.catalog()
                .sharded(keyspace)
                .flatMap(schema -> schema.table(table))
                .map(TableSchema::kind)
                .filter(kind -> kind == TableKind.SHARDED)
                .isPresent();
    }

    private static Size size(ResultSet row) throws SQLException {
        return new Size(
                row.getLong(3),
                row.getLong(4),
                row.getLong(5),
                row.getLong(6),
                number(row, 7),
                number(row, 8));
    }

    private static OptionalLong number(ResultSet row, int column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(value);
    }
}
