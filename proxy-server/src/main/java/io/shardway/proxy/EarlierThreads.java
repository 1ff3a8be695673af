package io.shardway.proxy;

import io.shardway.router.Deadline;
import io.shardway.router.topology.Node;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Ends what a node still does for an earlier process of this proxy's number. A process that sleeps
 * keeps its connections when its name is taken over, although its account has a new password: awake
 * again it could write by an old bucket map, while the topology hears of its successor. Stateless;
 * methods block.
 */
final class EarlierThreads {

    private static final int UNKNOWN_THREAD = 1094;
    private static final int POLL_MILLIS = 20;

    private EarlierThreads() {}

    /**
     * Returns when no other thread of the account is left on the node. An account may see and kill
     * its own threads without any right (MySQL Reference Manual, "KILL Statement").
     *
     * @param asAccount a connection of the account's own, with its new password
     * @throws SQLException if they outlast the deadline
     */
    static void end(Node node, Connection asAccount, Deadline deadline) throws SQLException {
        List<Long> left = others(asAccount);
        while (!left.isEmpty()) {
            for (long thread : left) {
                kill(asAccount, thread);
            }
            if (deadline.hasPassed()) {
                throw new SQLException(
                        "threads %s of an earlier process on node %s do not end"
                                .formatted(left, node.name()));
            }
            pause();
            left = others(asAccount);
        }
    }

    private static List<Long> others(Connection asAccount) throws SQLException {
        var threads = new ArrayList<Long>();
        try (Statement statement = asAccount.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT id FROM information_schema.processlist"
                                        + " WHERE id <> CONNECTION_ID()"
                                        + " AND user = SUBSTRING_INDEX(CURRENT_USER(), '@', 1)")) {
            while (rows.next()) {
                threads.add(rows.getLong(1));
            }
        }
        return threads;
    }

    private static void kill(Connection asAccount, long thread) throws SQLException {
        try (Statement statement = asAccount.createStatement()) {
            statement.execute("KILL " + thread);
        } catch (SQLException failed) {
            if (failed.getErrorCode() != UNKNOWN_THREAD) {
                throw failed;
            }
        }
    }

    private static void pause() throws SQLException {
        try {
            Thread.sleep(POLL_MILLIS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new SQLException("interrupted", interrupted);
        }
    }
}
