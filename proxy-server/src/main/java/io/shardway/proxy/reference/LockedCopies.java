package io.shardway.proxy.reference;

import io.shardway.router.plan.ReferenceTable;
import io.shardway.router.schema.ConnectionSource;
import io.shardway.router.topology.Node;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The default shard's copy and another one in a transaction each, with both rows locked that number
 * their writes: nobody writes the table meanwhile. Confined to one thread; blocks.
 */
final class LockedCopies implements AutoCloseable {

    private static final int LOCK_SECONDS = 5;

    /** Strict, or a value that does not fit would be changed; but whatever a copy holds fits. */
    private static final String OWN_SETTINGS =
            "SET SESSION time_zone = '+00:00',"
                    + " sql_mode = 'NO_AUTO_VALUE_ON_ZERO,STRICT_ALL_TABLES,ALLOW_INVALID_DATES',"
                    + " lock_wait_timeout = %1$d, innodb_lock_wait_timeout = %1$d"
                            .formatted(LOCK_SECONDS);

    private final Connection first;
    private final Connection copy;
    private CopyNumber firstNumber = CopyNumber.NONE;
    private CopyNumber copyNumber = CopyNumber.NONE;

    private LockedCopies(Connection first, Connection copy) {
        this.first = first;
        this.copy = copy;
    }

    /** Which of the two could not be locked. */
    static final class Unlocked extends SQLException {
        private static final long serialVersionUID = 1;

        private final boolean copyIsLocked;

        private Unlocked(boolean copyIsLocked, SQLException cause) {
            super(cause.getMessage(), cause.getSQLState(), cause.getErrorCode(), cause);
            this.copyIsLocked = copyIsLocked;
        }

        /** Somebody holds the copy, though the default shard's has no write under way. */
        boolean isOfCopy() {
            return copyIsLocked;
        }
    }

    static LockedCopies lock(ConnectionSource source, Node first, Node copy, ReferenceTable table)
            throws SQLException {
        Connection one = opened(source, first, false);
        Connection other;
        try {
            other = opened(source, copy, true);
        } catch (SQLException failed) {
            close(one);
            throw failed;
        }
        var locked = new LockedCopies(one, other);
        try {
            locked.firstNumber = CopyTable.lock(one, table);
        } catch (SQLException failed) {
            locked.close();
            throw new Unlocked(false, failed);
        }
        try {
            locked.copyNumber = CopyTable.lock(other, table);
        } catch (SQLException failed) {
            locked.close();
            throw new Unlocked(true, failed);
        }
        return locked;
    }

    /** Of connections that somebody else closes; the first shard's row is locked already. */
    static LockedCopies of(Connection first, Connection copy, ReferenceTable table)
            throws SQLException {
        var locked = new LockedCopies(first, copy);
        locked.firstNumber = CopyTable.lock(first, table);
        locked.copyNumber = CopyTable.lock(copy, table);
        return locked;
    }

    /** A connection, outside of autocommit, that reads rows alike on every node. */
    static Connection opened(ConnectionSource source, Node node) throws SQLException {
        Connection connection = source.open(node);
        try (Statement statement = connection.createStatement()) {
            statement.execute(OWN_SETTINGS);
            connection.setAutoCommit(false);
            return connection;
        } catch (SQLException failed) {
            close(connection);
            throw failed;
        }
    }

    private static Connection opened(ConnectionSource source, Node node, boolean copy)
            throws SQLException {
        try {
            return opened(source, node);
        } catch (SQLException failed) {
            throw new Unlocked(copy, failed);
        }
    }

    Connection first() {
        return first;
    }

    Connection copy() {
        return copy;
    }

    CopyNumber firstNumber() {
        return firstNumber;
    }

    CopyNumber copyNumber() {
        return copyNumber;
    }

    @Override
    public void close() {
        close(copy);
        close(first);
    }

    /** A connection that cannot be brought in order goes away. */
    private static void close(Connection connection) {
        try (connection) {
            try {
                if (!connection.getAutoCommit()) {
                    connection.rollback();
                }
            } catch (SQLException broken) {
                connection.abort(Runnable::run);
            }
        } catch (SQLException gone) {
            CopyRepair.LOG.debug("event=connection-closed reason={}", gone.getMessage());
        }
    }
}
