package io.shardway.proxy.sequence;

import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.schema.ConnectionSource;
import io.shardway.router.sql.QuotedName;
import io.shardway.router.topology.Node;
import io.shardway.router.topology.Shard;
import io.shardway.router.topology.Topology;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The tables on the default shard that say which keys were given out. Thread-safe; blocks.
 *
 * <p>Every change is one transaction that locks the sequence's row first. A block counts as taken
 * as soon as its transaction may have been committed: when the answer is lost, nobody uses it.
 */
final class SequenceTable {

    static final String SCHEMA = "shardway";

    private static final int NO_SUCH_TABLE = 1146;
    private static final int NO_SUCH_DATABASE = 1049;
    private static final int LOCK_WAIT_SECONDS = 3;
    private static final int QUERY_TIMEOUT_SECONDS = 10;

    private static final List<String> DEFINITIONS =
            List.of(
                    "CREATE DATABASE IF NOT EXISTS shardway",
                    """
                    CREATE TABLE IF NOT EXISTS shardway.sequences (
                      keyspace_name VARCHAR(64) NOT NULL,
                      table_name VARCHAR(64) NOT NULL,
                      next_id BIGINT UNSIGNED NOT NULL,
                      schema_epoch BIGINT UNSIGNED NOT NULL,
                      advanced TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3)
                        ON UPDATE CURRENT_TIMESTAMP(3),
                      PRIMARY KEY (keyspace_name, table_name)
                    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin
                    """,
                    """
                    CREATE TABLE IF NOT EXISTS shardway.sequence_blocks (
                      keyspace_name VARCHAR(64) NOT NULL,
                      table_name VARCHAR(64) NOT NULL,
                      proxy INT NOT NULL,
                      first_id BIGINT UNSIGNED NOT NULL,
                      end_id BIGINT UNSIGNED NOT NULL,
                      PRIMARY KEY (keyspace_name, table_name, proxy, first_id)
                    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin
                    """);

    private final ConnectionSource connections;
    private final Supplier<Topology> topology;
    private final int proxy;
    private final Set<Node> defined = ConcurrentHashMap.newKeySet();

    /** What a proxy was given, and what it has learned on the way. */
    record Taken(Block block, SequenceView view) {}

    private interface Work<T> {
        T run(Connection connection) throws SQLException;
    }

    SequenceTable(ConnectionSource connections, Supplier<Topology> topology, int proxy) {
        this.connections = connections;
        this.topology = topology;
        this.proxy = proxy;
    }

    /**
     * One more than the greatest key that any row has, if nobody has looked since the schema epoch
     * began, else 0. Whoever gives keys later says so in the table first, so it need not be locked.
     */
    long floor(SequenceColumn column) throws SQLException {
        long looked = inTransaction(connection -> epochOf(connection, column.name()));
        return looked >= column.schemaEpoch().number() ? 0 : aboveStored(column);
    }

    /**
     * Takes a block.
     *
     * @param least this proxy no longer draws keys below it
     * @param floor the block begins here or above
     */
    Taken take(SequenceColumn column, int keys, long least, long floor) throws SQLException {
        return inTransaction(connection -> {
            long first = column.keyFrom(Math.max(floor, locked(connection, column)));
            if (first > column.max()) {
                throw new ShardwayException(
                        ErrorCode.SEQUENCE_EXHAUSTED, column.name() + "." + column.column());
            }
            long fitting = (column.max() - first) / column.stride();
            long end = first + Math.min(keys - 1L, fitting) * column.stride() + 1;
            store(connection, column, end);
            forget(connection, column.name(), least);
            note(connection, column.name(), first, end);
            return new Taken(
                    new Block(first, end, column.stride()),
                    new SequenceView(end, others(connection, column.name())));
        });
    }

    /**
     * Sees to it that blocks taken from now on are above these keys, and tells which of the blocks
     * that have one of them may still be drawn from there.
     */
    SequenceView moveOn(SequenceColumn column, List<Long> keys, long margin, long floor)
            throws SQLException {
        long greatest = keys.stream().mapToLong(Long::longValue).max().orElse(0);
        SequenceView view = moveOn(column, greatest, margin, floor);
        var others = new ArrayList<HeldBlock>();
        for (HeldBlock block : view.others()) {
            boolean asked =
                    keys.stream()
                            .anyMatch(key ->
                                    key % column.stride() == 0
                                            && block.first() <= key
                                            && key < block.end());
            others.add(asked ? undrawn(column, block) : block);
        }
        return new SequenceView(view.next(), others);
    }

    /**
     * A proxy draws upwards: what is below the greatest key that is stored it never draws again.
     */
    private HeldBlock undrawn(SequenceColumn column, HeldBlock block) throws SQLException {
        String key = QuotedName.of(column.column());
        String sql =
                "SELECT %s FROM %s.%s WHERE %s BETWEEN %d AND %d AND %s %% %d = 0 ORDER BY %s DESC LIMIT 1"
                        .formatted(
                                key,
                                QuotedName.of(column.name().keyspace()),
                                QuotedName.of(column.name().table()),
                                key,
                                block.first(),
                                block.end() - 1,
                                key,
                                column.stride(),
                                key);
        long first = block.first();
        for (BigDecimal found : onEachShard(sql)) {
            first = Math.max(first, found.longValue() + column.stride());
        }
        return new HeldBlock(block.proxy(), first, block.end());
    }

    private SequenceView moveOn(SequenceColumn column, long key, long margin, long floor)
            throws SQLException {
        return inTransaction(connection -> {
            long next = Math.max(floor, locked(connection, column));
            if (next <= key) {
                // Of the keys that are left, a step never costs more than a small part.
                long room = Math.max(0, column.max() - key);
                next = key == Long.MAX_VALUE ? key : key + 1 + Math.min(margin, room / 64);
            }
            store(connection, column, next);
            return new SequenceView(next, others(connection, column.name()));
        });
    }

    /** This proxy draws no more from its blocks, of one table. */
    void release(SequenceName name) throws SQLException {
        ifDefined(connection -> {
            forget(connection, name, Long.MAX_VALUE);
            return true;
        });
    }

    /** This proxy draws from no block of any table. */
    void releaseAll() throws SQLException {
        ifDefined(connection -> {
            Set<String> keyspaces = topology.get().keyspaces().keySet();
            for (String keyspace : keyspaces) {
                try (var delete =
                        connection.prepareStatement(
                                "DELETE FROM shardway.sequence_blocks"
                                        + " WHERE keyspace_name = ? AND proxy = ?")) {
                    delete.setString(1, keyspace);
                    delete.setInt(2, proxy);
                    delete.executeUpdate();
                }
            }
            return true;
        });
    }

    /** All sequences of the topology's keyspaces. */
    List<SequenceFigures> rows() throws SQLException {
        Optional<List<SequenceFigures>> rows = ifDefined(this::rows);
        return rows.orElse(List.of());
    }

    /** The same without the blocks, by one query. */
    List<SequenceFigures> withoutBlocks() throws SQLException {
        return ifDefined(this::withoutBlocks).orElse(List.of());
    }

    private List<SequenceFigures> rows(Connection connection) throws SQLException {
        var complete = new ArrayList<SequenceFigures>();
        for (SequenceFigures row : withoutBlocks(connection)) {
            complete.add(
                    new SequenceFigures(
                            row.name(),
                            row.next(),
                            blocks(connection, row.name(), -1),
                            row.advanced()));
        }
        return complete;
    }

    private List<SequenceFigures> withoutBlocks(Connection connection) throws SQLException {
        var rows = new ArrayList<SequenceFigures>();
        try (Statement statement = connection.createStatement();
                ResultSet found =
                        statement.executeQuery(
                                "SELECT keyspace_name, table_name, next_id, advanced"
                                        + " FROM shardway.sequences ORDER BY 1, 2")) {
            while (found.next()) {
                var name = new SequenceName(found.getString(1), found.getString(2));
                rows.add(
                        new SequenceFigures(name, found.getLong(3), List.of(), found.getString(4)));
            }
        }
        rows.removeIf(row -> topology.get().keyspace(row.name().keyspace()).isEmpty());
        return rows;
    }

    private <T> T inTransaction(Work<T> work) throws SQLException {
        Node node = node();
        if (!defined.contains(node)) {
            define(node);
        }
        try {
            return run(node, work);
        } catch (SQLException failed) {
            if (isMissing(failed)) {
                defined.remove(node);
            }
            throw failed;
        }
    }

    /** Empty if there are no sequences yet. */
    private <T> Optional<T> ifDefined(Work<T> work) throws SQLException {
        try {
            return Optional.of(run(node(), work));
        } catch (SQLException failed) {
            if (isMissing(failed)) {
                return Optional.empty();
            }
            throw failed;
        }
    }

    private static boolean isMissing(SQLException failed) {
        return failed.getErrorCode() == NO_SUCH_TABLE || failed.getErrorCode() == NO_SUCH_DATABASE;
    }

    private Node node() {
        Topology now = topology.get();
        return now.shard(now.defaultShard()).primary();
    }

    private <T> T run(Node node, Work<T> work) throws SQLException {
        try (Connection connection = connections.open(node)) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET SESSION innodb_lock_wait_timeout = " + LOCK_WAIT_SECONDS);
            }
            connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
            connection.setAutoCommit(false);
            try {
                T result = work.run(connection);
                connection.commit();
                return result;
            } catch (SQLException | RuntimeException failed) {
                connection.rollback();
                throw failed;
            }
        }
    }

    private void define(Node node) throws SQLException {
        try (Connection connection = connections.open(node);
                Statement statement = connection.createStatement()) {
            for (String sql : DEFINITIONS) {
                statement.execute(sql);
            }
            defined.add(node);
        }
    }

    /** Locks the sequence's row, made if there is none, and returns the least key not given out. */
    private long locked(Connection connection, SequenceColumn column) throws SQLException {
        if (epochOf(connection, column.name()) < 0) {
            try (var insert =
                    connection.prepareStatement(
                            "INSERT IGNORE INTO shardway.sequences"
                                    + " (keyspace_name, table_name, next_id, schema_epoch)"
                                    + " VALUES (?, ?, 0, 0)")) {
                name(insert, 1, column.name());
                insert.executeUpdate();
            }
        }
        try (var select =
                connection.prepareStatement(
                        "SELECT next_id FROM shardway.sequences"
                                + " WHERE keyspace_name = ? AND table_name = ? FOR UPDATE")) {
            name(select, 1, column.name());
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    throw new SQLException("the row of sequence " + column.name() + " is gone");
                }
                return row.getLong(1);
            }
        }
    }

    /** The schema epoch in which the rows were looked at; -1 if the sequence has no row. */
    private static long epochOf(Connection connection, SequenceName name) throws SQLException {
        try (var select =
                connection.prepareStatement(
                        "SELECT schema_epoch FROM shardway.sequences"
                                + " WHERE keyspace_name = ? AND table_name = ?")) {
            name(select, 1, name);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? row.getLong(1) : -1;
            }
        }
    }

    /** One more than the greatest key that a row has on any shard. */
    private long aboveStored(SequenceColumn column) throws SQLException {
        String sql =
                "SELECT MAX(%s) FROM %s.%s"
                        .formatted(
                                QuotedName.of(column.column()),
                                QuotedName.of(column.name().keyspace()),
                                QuotedName.of(column.name().table()));
        BigDecimal greatest = onEachShard(sql).stream().reduce(BigDecimal.ZERO, BigDecimal::max);
        var largest = BigDecimal.valueOf(Long.MAX_VALUE);
        return greatest.compareTo(largest) >= 0 ? Long.MAX_VALUE : greatest.longValue() + 1;
    }

    /** The numbers that the shards answer with. */
    private List<BigDecimal> onEachShard(String sql) throws SQLException {
        var numbers = new ArrayList<BigDecimal>();
        for (Shard shard : topology.get().shards().values()) {
            try (Connection connection = connections.open(shard.primary());
                    Statement statement = connection.createStatement()) {
                statement.setQueryTimeout(QUERY_TIMEOUT_SECONDS);
                try (ResultSet row = statement.executeQuery(sql)) {
                    BigDecimal found = row.next() ? row.getBigDecimal(1) : null;
                    if (found != null) {
                        numbers.add(found);
                    }
                }
            }
        }
        return numbers;
    }

    private void store(Connection connection, SequenceColumn column, long next)
            throws SQLException {
        try (var update =
                connection.prepareStatement(
                        "UPDATE shardway.sequences"
                                + " SET next_id = ?, schema_epoch = GREATEST(schema_epoch, ?)"
                                + " WHERE keyspace_name = ? AND table_name = ?")) {
            update.setLong(1, next);
            update.setLong(2, column.schemaEpoch().number());
            name(update, 3, column.name());
            update.executeUpdate();
        }
    }

    private void forget(Connection connection, SequenceName name, long least) throws SQLException {
        try (var delete =
                connection.prepareStatement(
                        "DELETE FROM shardway.sequence_blocks WHERE keyspace_name = ?"
                                + " AND table_name = ? AND proxy = ? AND end_id <= ?")) {
            name(delete, 1, name);
            delete.setInt(3, proxy);
            delete.setLong(4, least);
            delete.executeUpdate();
        }
    }

    private void note(Connection connection, SequenceName name, long first, long end)
            throws SQLException {
        try (var insert =
                connection.prepareStatement(
                        "INSERT INTO shardway.sequence_blocks"
                                + " (keyspace_name, table_name, proxy, first_id, end_id)"
                                + " VALUES (?, ?, ?, ?, ?)")) {
            name(insert, 1, name);
            insert.setInt(3, proxy);
            insert.setLong(4, first);
            insert.setLong(5, end);
            insert.executeUpdate();
        }
    }

    private List<HeldBlock> others(Connection connection, SequenceName name) throws SQLException {
        return blocks(connection, name, proxy);
    }

    private static List<HeldBlock> blocks(Connection connection, SequenceName name, int butOf)
            throws SQLException {
        try (var select =
                connection.prepareStatement(
                        "SELECT proxy, first_id, end_id FROM shardway.sequence_blocks"
                                + " WHERE keyspace_name = ? AND table_name = ? AND proxy <> ?"
                                + " ORDER BY first_id")) {
            name(select, 1, name);
            select.setInt(3, butOf);
            var blocks = new ArrayList<HeldBlock>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    blocks.add(new HeldBlock(row.getInt(1), row.getLong(2), row.getLong(3)));
                }
            }
            return blocks;
        }
    }

    private static void name(PreparedStatement statement, int from, SequenceName name)
            throws SQLException {
        statement.setString(from, name.keyspace());
        statement.setString(from + 1, name.table());
    }
}
