package io.shardway.proxy.definition;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.shardway.router.Deadline;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.util.HexFormat;

/**
 * MySQL's named lock of a keyspace on a node, under which everything happens there that defines
 * something in the keyspace, or the keyspace itself. A connection has it until it is closed.
 * Stateless; blocks.
 */
public final class KeyspaceNodeLock {

    private static final int NO_SUCH_THREAD = 1094;

    private KeyspaceNodeLock() {}

    /**
     * Takes it; whoever has it is killed.
     *
     * @throws SQLException also if whoever has it has not ended by the deadline
     */
    public static void take(Connection connection, String keyspace, Deadline deadline)
            throws SQLException {
        String name = nameOf(keyspace);
        try (Statement statement = connection.createStatement()) {
            while (true) {
                try (ResultSet row = statement.executeQuery("SELECT GET_LOCK('" + name + "', 1)")) {
                    row.next();
                    if (row.getInt(1) == 1) {
                        return;
                    }
                }
                if (deadline.hasPassed()) {
                    throw new SQLTimeoutException(
                            "an earlier attempt still runs there and cannot be stopped");
                }
                kill(statement, name);
            }
        }
    }

    private static void kill(Statement statement, String name) throws SQLException {
        long holder;
        try (ResultSet row = statement.executeQuery("SELECT IS_USED_LOCK('" + name + "')")) {
            row.next();
            holder = row.getLong(1);
            if (row.wasNull()) {
                return;
            }
        }
        try {
            statement.execute("KILL " + holder);
        } catch (SQLException gone) {
            if (gone.getErrorCode() != NO_SUCH_THREAD) {
                throw gone;
            }
        }
    }

    /** A lock's name has 64 letters at most, a keyspace's may have as many. */
    private static String nameOf(String keyspace) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(keyspace.getBytes(UTF_8));
            return "shardway.ddl." + HexFormat.of().formatHex(hash).substring(0, 32);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
