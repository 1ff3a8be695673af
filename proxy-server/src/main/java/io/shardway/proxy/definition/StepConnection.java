package io.shardway.proxy.definition;

import io.shardway.proxy.execution.Cancellation;
import io.shardway.proxy.session.Diagnostics;
import io.shardway.router.Deadline;
import io.shardway.router.sql.QuotedName;
import io.shardway.router.topology.DefinitionStatement;
import io.shardway.router.topology.Node;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection to a node on which a definition may run: it has MySQL's named lock of the keyspace.
 * Whoever has the lock knows that no earlier attempt does anything there any more, and an attempt
 * that wakes up late finds its connection killed. Confined to one thread; blocks.
 */
final class StepConnection implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StepConnection.class);
    private static final int NO_SUCH_TABLE = 1146;
    private static final int MESSAGES_MAX = 64;

    /** About the connection itself: the text comes in the connection's own character set. */
    private static final Set<String> OF_CONNECTION =
            Set.of("character_set_client", "character_set_results", "autocommit");

    private final Connection connection;

    private StepConnection(Connection connection) {
        this.connection = connection;
    }

    /** Opens it and gets the lock; whoever has that is killed. */
    static StepConnection open(
            DefinitionSite site, Node node, DefinitionStatement statement, Deadline deadline)
            throws SQLException {
        Connection connection = site.alone(node);
        try {
            KeyspaceNodeLock.take(connection, statement.keyspace(), deadline);
            try (Statement set = connection.createStatement()) {
                set.setEscapeProcessing(false);
                if (!statement.schema().isEmpty()) {
                    set.execute("USE " + QuotedName.of(statement.schema()));
                }
                String settings = settings(statement.settings());
                if (!settings.isEmpty()) {
                    set.execute(settings);
                }
            }
            return new StepConnection(connection);
        } catch (SQLException | RuntimeException failed) {
            connection.close();
            throw failed;
        }
    }

    private static String settings(Map<String, String> settings) {
        var assignments = new StringJoiner(", ", "SET ", "").setEmptyValue("");
        new TreeMap<>(settings)
                .forEach((name, literal) -> {
                    if (!OF_CONNECTION.contains(name)) {
                        assignments.add("@@SESSION." + name + " = " + literal);
                    }
                });
        return assignments.toString();
    }

    /** Runs it; how many rows MySQL says it was about. */
    long execute(String sql, Cancellation cancellation) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            cancellation.stopBy(() -> cancel(statement));
            statement.execute(sql);
            return Math.max(0, statement.getLargeUpdateCount());
        } finally {
            cancellation.stopBy(() -> {});
        }
    }

    private static void cancel(Statement statement) {
        try {
            statement.cancel();
        } catch (SQLException failed) {
            LOG.warn("event=definition-not-cancelled reason={}", failed.getMessage());
        }
    }

    /** Returns when no transaction uses the tables; MySQL's error 1205 when that takes too long. */
    void awaitUnused(String keyspace, List<String> tables, Cancellation cancellation)
            throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            cancellation.stopBy(() -> cancel(statement));
            for (String table : tables) {
                try {
                    statement.execute(
                            "LOCK TABLES %s WRITE".formatted(QuotedName.of(keyspace, table)));
                } catch (SQLException refused) {
                    if (refused.getErrorCode() != NO_SUCH_TABLE) {
                        throw refused;
                    }
                }
            }
            statement.execute("UNLOCK TABLES");
        } finally {
            cancellation.stopBy(() -> {});
        }
    }

    /** Of the statement before. */
    Diagnostics warnings() throws SQLException {
        var conditions = new ArrayList<Diagnostics.Condition>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SHOW WARNINGS LIMIT " + MESSAGES_MAX)) {
            while (rows.next()) {
                conditions.add(
                        new Diagnostics.Condition(
                                rows.getString(1), rows.getInt(2), rows.getString(3)));
            }
        }
        return new Diagnostics(conditions);
    }

    String fingerprint(String keyspace, List<String> tables) throws SQLException {
        return Fingerprints.read(connection, keyspace, tables);
    }

    /** Closing gives the lock back. */
    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException gone) {
            // Then so is the lock.
        }
    }
}
