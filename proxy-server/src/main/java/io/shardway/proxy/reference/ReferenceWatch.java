package io.shardway.proxy.reference;

import io.shardway.proxy.execution.ReferenceCopies;
import io.shardway.proxy.execution.ReferenceQueue;
import io.shardway.proxy.settings.ReferenceSettings;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.ReferenceTable;
import io.shardway.router.schema.ConnectionSource;
import io.shardway.router.topology.Keyspace;
import io.shardway.router.topology.Node;
import io.shardway.router.topology.TableKind;
import io.shardway.router.topology.Topology;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Compares the numbers of all copies again and again, fences those that lack a write or cannot be
 * asked, and repairs them. Thread-safe.
 *
 * <p>Each shard is looked at by a task of its own, so that one that hangs does not keep the others
 * back. A difference seen in passing may be a write under way; it counts when it is there under the
 * locks of both copies.
 */
public final class ReferenceWatch implements ReferenceCopies, AutoCloseable {

    private static final int UNKNOWN_TABLE = 1146;
    private static final int UNKNOWN_DATABASE = 1049;

    private final ConnectionSource source;
    private final Supplier<Topology> topology;
    private final ReferenceSettings settings;
    private final ReferenceQueue queue;
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("reference-watch").factory());
    private final Map<ShardId, Fence> fences = new ConcurrentHashMap<>();
    private final Map<ShardId, CompletableFuture<Void>> looks = new ConcurrentHashMap<>();
    private final Map<ShardId, Map<ReferenceTable, String>> obstacles = new ConcurrentHashMap<>();
    private final Set<Copy> settling = ConcurrentHashMap.newKeySet();
    private final Set<Problem> told = ConcurrentHashMap.newKeySet();

    /** What must not be read on a shard. */
    private record Fence(boolean everything, Set<ReferenceTable> tables) {
        private static final Fence ALL = new Fence(true, Set.of());

        private Fence with(ReferenceTable table) {
            var more = new HashSet<>(tables);
            more.add(table);
            return new Fence(everything, Set.copyOf(more));
        }
    }

    private record Copy(ShardId shard, ReferenceTable table) {}

    private record Problem(ShardId shard, ReferenceTable table, String text) {}

    public ReferenceWatch(
            ConnectionSource source, Supplier<Topology> topology, ReferenceSettings settings) {
        this.source = source;
        this.topology = topology;
        this.settings = settings;
        this.queue = new ReferenceQueue(settings.waitersMax(), settings.writeTimeout());
    }

    /** Looks at all shards, and goes on doing so; a shard that is away is fenced. */
    public void start() {
        List<CompletableFuture<Void>> first = look();
        var shards = Set.copyOf(looks.keySet());
        try {
            CompletableFuture.allOf(first.toArray(CompletableFuture[]::new))
                    .get(settings.writeTimeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (java.util.concurrent.ExecutionException
                | java.util.concurrent.TimeoutException away) {
            CopyRepair.LOG.debug("event=reference-look-late reason={}", away.toString());
            for (ShardId shard : shards) {
                if (!looks.get(shard).isDone() && !isDefault(shard)) {
                    fenceAll(shard);
                }
            }
        }
        long millis = settings.checkInterval().toMillis();
        timer.scheduleWithFixedDelay(this::look, millis, millis, TimeUnit.MILLISECONDS);
    }

    private boolean isDefault(ShardId shard) {
        return shard.equals(topology.get().defaultShard());
    }

    @Override
    public boolean isFenced(ShardId shard, Set<ReferenceTable> tables) {
        if (tables.isEmpty() || fences.isEmpty()) {
            return false;
        }
        Fence fence = fences.get(shard);
        if (fence == null) {
            return false;
        }
        return fence.everything() || tables.stream().anyMatch(fence.tables()::contains);
    }

    @Override
    public Optional<String> obstacle(ReferenceTable table) {
        return obstacles.values().stream()
                .flatMap(found -> Optional.ofNullable(found.get(table)).stream())
                .findFirst();
    }

    @Override
    public ReferenceQueue queue() {
        return queue;
    }

    /** How many shards have a copy that is not read. */
    public int fenced() {
        return fences.size();
    }

    @Override
    public void lacking(
            ReferenceTable table, Set<ShardId> shards, Consumer<Set<ShardId>> receiver) {
        shards.forEach(shard -> fence(shard, table));
        Thread.ofVirtual()
                .name("reference-repair")
                .start(() -> {
                    long end = System.nanoTime() + settings.writeTimeout().toNanos();
                    Set<ShardId> left = new HashSet<>(shards);
                    while (!left.isEmpty() && System.nanoTime() < end) {
                        left.removeIf(shard ->
                                !isFenced(shard, Set.of(table))
                                        || settle(topology.get(), shard, table));
                        if (!left.isEmpty()) {
                            pause();
                        }
                    }
                    receiver.accept(Set.copyOf(left));
                });
    }

    private void pause() {
        try {
            Thread.sleep(Math.min(200, settings.checkInterval().toMillis()));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private List<CompletableFuture<Void>> look() {
        Topology now = topology.get();
        var tasks = new ArrayList<CompletableFuture<Void>>();
        Set<ReferenceTable> tables = tables(now);
        fences.keySet().retainAll(now.shards().keySet());
        obstacles.keySet().retainAll(now.shards().keySet());
        if (tables.isEmpty()) {
            fences.clear();
            return tasks;
        }
        for (ShardId shard : now.shards().keySet()) {
            CompletableFuture<Void> before = looks.get(shard);
            if (before == null || before.isDone()) {
                var task = new CompletableFuture<Void>();
                looks.put(shard, task);
                tasks.add(task);
                Thread.ofVirtual()
                        .name("reference-look")
                        .start(() -> {
                            try {
                                look(now, shard, tables);
                            } finally {
                                task.complete(null);
                            }
                        });
            }
        }
        return tasks;
    }

    private static Set<ReferenceTable> tables(Topology topology) {
        var tables = new HashSet<ReferenceTable>();
        for (Keyspace keyspace : topology.keyspaces().values()) {
            keyspace.tables()
                    .values()
                    .forEach(entry -> {
                        if (entry.kind() == TableKind.REFERENCE) {
                            tables.add(new ReferenceTable(keyspace.name(), entry.name()));
                        }
                    });
        }
        return tables;
    }

    private void look(Topology now, ShardId shard, Set<ReferenceTable> tables) {
        boolean decides = shard.equals(now.defaultShard());
        try (Connection connection = source.open(now.shard(shard).primary())) {
            obstacles.put(shard, triggers(connection, tables));
            if (decides) {
                return;
            }
            Map<ReferenceTable, CopyNumber> here = numbers(connection);
            Optional<Map<ReferenceTable, CopyNumber>> expected = expected(now);
            if (expected.isPresent()) {
                compare(now, shard, tables, here, expected.get());
            }
        } catch (SQLException away) {
            if (!decides) {
                fenceAll(shard);
                tell(shard, Optional.empty(), "it cannot be asked: " + away.getMessage());
            }
        }
    }

    /**
     * Empty while the default shard is away: then nothing is decided, and what was known of the
     * other copies stays so.
     */
    private Optional<Map<ReferenceTable, CopyNumber>> expected(Topology now) {
        try (Connection first = source.open(now.shard(now.defaultShard()).primary())) {
            return Optional.of(numbers(first));
        } catch (SQLException away) {
            tell(
                    now.defaultShard(),
                    Optional.empty(),
                    "the default shard cannot be asked: " + away.getMessage());
            return Optional.empty();
        }
    }

    private static Map<ReferenceTable, CopyNumber> numbers(Connection connection)
            throws SQLException {
        try {
            return CopyTable.numbers(connection);
        } catch (SQLException failed) {
            if (failed.getErrorCode() != UNKNOWN_TABLE
                    && failed.getErrorCode() != UNKNOWN_DATABASE) {
                throw failed;
            }
            return new HashMap<>(); // No copy was ever written here.
        }
    }

    private void compare(
            Topology now,
            ShardId shard,
            Set<ReferenceTable> tables,
            Map<ReferenceTable, CopyNumber> here,
            Map<ReferenceTable, CopyNumber> expected) {
        Fence fence = fences.get(shard);
        var suspects = new HashSet<ReferenceTable>();
        for (ReferenceTable table : tables) {
            CopyNumber number = here.getOrDefault(table, CopyNumber.NONE);
            boolean fenced = fence != null && fence.tables().contains(table);
            if (fenced || !number.equals(expected.getOrDefault(table, CopyNumber.NONE))) {
                suspects.add(table);
            }
        }
        if (fence != null && fence.everything()) {
            // It was away: what may be wrong is fenced by name before the rest is read again.
            suspects.forEach(table -> fence(shard, table));
            fences.computeIfPresent(shard, (_, old) -> narrowed(old));
            told.removeIf(problem -> problem.shard().equals(shard));
        }
        suspects.forEach(table -> settle(now, shard, table));
    }

    private static @org.jspecify.annotations.Nullable Fence narrowed(Fence fence) {
        return fence.tables().isEmpty() ? null : new Fence(false, fence.tables());
    }

    private void fenceAll(ShardId shard) {
        fences.merge(shard, Fence.ALL, (old, _) -> new Fence(true, old.tables()));
    }

    private void fence(ShardId shard, ReferenceTable table) {
        fences.merge(shard, new Fence(false, Set.of(table)), (old, _) -> old.with(table));
    }

    private void unfence(ShardId shard, ReferenceTable table) {
        told.removeIf(problem -> problem.shard().equals(shard) && problem.table().equals(table));
        fences.computeIfPresent(
                shard,
                (_, old) -> {
                    var rest = new HashSet<>(old.tables());
                    rest.remove(table);
                    return rest.isEmpty() && !old.everything()
                            ? null
                            : new Fence(old.everything(), Set.copyOf(rest));
                });
    }

    /** Whether the copy is current in the end; false, too, while somebody else is at it. */
    private boolean settle(Topology now, ShardId shard, ReferenceTable table) {
        var copy = new Copy(shard, table);
        if (!settling.add(copy)) {
            return false;
        }
        try {
            return settleAlone(now, shard, table);
        } finally {
            settling.remove(copy);
        }
    }

    private boolean settleAlone(Topology now, ShardId shard, ReferenceTable table) {
        Node first = now.shard(now.defaultShard()).primary();
        try (LockedCopies copies =
                LockedCopies.lock(source, first, now.shard(shard).primary(), table)) {
            if (copies.copyNumber().equals(copies.firstNumber())) {
                unfence(shard, table);
                return true;
            }
            fence(shard, table);
            if (!copies.copyNumber().isBehind(copies.firstNumber())) {
                tell(
                        shard,
                        Optional.of(table),
                        "it has write %d, which the default shard (write %d) has not: it is left alone"
                                .formatted(
                                        copies.copyNumber().writes(),
                                        copies.firstNumber().writes()));
                return false;
            }
            long rows = CopyRepair.run(table, copies);
            CopyRepair.LOG.info(
                    "event=reference-copy-repaired shard={} table={} write={} rows={}",
                    shard,
                    table,
                    copies.firstNumber().writes(),
                    rows);
            unfence(shard, table);
            return true;
        } catch (LockedCopies.Unlocked unlocked) {
            if (unlocked.isOfCopy()) {
                fence(shard, table);
                tell(shard, Optional.of(table), "not locked: " + unlocked.getMessage());
            }
            return false;
        } catch (SQLException failed) {
            fence(shard, table);
            tell(shard, Optional.of(table), "not repaired: " + failed.getMessage());
            return false;
        }
    }

    /** A person may have to act; each thing is said once. */
    private void tell(ShardId shard, Optional<ReferenceTable> table, String text) {
        var problem = new Problem(shard, table.orElse(new ReferenceTable("", "")), text);
        if (told.add(problem)) {
            CopyRepair.LOG.warn(
                    "event=reference-copy-fenced shard={} table={} reason={}",
                    shard,
                    table.map(ReferenceTable::toString).orElse("all"),
                    text);
        }
    }

    /** Triggers are not Shardway's to make, but somebody may have made one on a node. */
    private static Map<ReferenceTable, String> triggers(
            Connection connection, Set<ReferenceTable> tables) throws SQLException {
        var found = new HashMap<ReferenceTable, String>();
        try (Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT EVENT_OBJECT_SCHEMA, EVENT_OBJECT_TABLE, TRIGGER_NAME"
                                        + " FROM information_schema.TRIGGERS"
                                        + " WHERE EVENT_OBJECT_SCHEMA <> 'sys'")) {
            while (rows.next()) {
                var table = new ReferenceTable(rows.getString(1), rows.getString(2));
                if (tables.contains(table)) {
                    found.put(
                            table,
                            "the table has a trigger, %s: what it does may differ between shards"
                                    .formatted(rows.getString(3)));
                }
            }
        }
        return Map.copyOf(found);
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
