package io.shardway.proxy;

import io.shardway.proxy.definition.KeyspaceNodeLock;
import io.shardway.proxy.settings.DefinitionSettings;
import io.shardway.router.Deadline;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.sql.QuotedName;
import io.shardway.router.topology.Node;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * What making and dropping a keyspace does on one node, as the owner account. Every action may be
 * repeated. Thread-safe; blocks.
 *
 * <p>A node is changed under MySQL's named lock of the keyspace only, and by the proxy whose turn
 * it still is when it has that lock. Who has the turn next takes the lock on every node that it
 * changes and kills whoever has it: a proxy that wakes up late changes nothing any more.
 */
final class KeyspaceNodes {

    private static final int MILLIS_MAX = 60_000;
    private static final int DROP_MILLIS_MAX = 600_000;

    /** No such grant, table grant, routine grant, account, or nothing to revoke. */
    private static final Set<Integer> NOTHING_TO_REVOKE =
            Set.of(1141, 1147, 1269, 1403, 1410, 3162);

    /** What programs that a keyspace stores may do in it. */
    private static final String DEFINER_RIGHTS =
            "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES, SHOW VIEW, "
                    + "CREATE VIEW, EXECUTE, LOCK TABLES, CREATE TEMPORARY TABLES, TRIGGER, EVENT";

    private static final String OBJECTS =
            """
            SELECT (SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = ?)
                 + (SELECT COUNT(*) FROM information_schema.routines WHERE routine_schema = ?)
                 + (SELECT COUNT(*) FROM information_schema.events WHERE event_schema = ?)
            """;

    private static final Executor NOW = Runnable::run;

    private final OwnerConnections owner;
    private final DefinitionSettings settings;
    private final Consumer<String> moments;

    /**
     * @param settings how long whoever was killed has to end, and how long transactions hold up a
     *     DROP
     * @param moments hears how far a change of a node is, before it goes on; for tests that stop
     *     there
     */
    KeyspaceNodes(OwnerConnections owner, DefinitionSettings settings, Consumer<String> moments) {
        this.owner = owner;
        this.settings = settings;
        this.moments = moments;
    }

    /** What is done on a node. */
    private interface Change<T> {
        T by(Statement statement) throws SQLException;
    }

    boolean exists(Node node, String keyspace) throws SQLException {
        try (Connection connection = owner.open(node);
                PreparedStatement statement =
                        connection.prepareStatement(
                                "SELECT 1 FROM information_schema.schemata WHERE schema_name = ?")) {
            statement.setString(1, keyspace);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next();
            }
        }
    }

    /** Whether the schema holds nothing, or is not there. */
    boolean isEmpty(Node node, String keyspace) throws SQLException {
        try (Connection connection = owner.open(node);
                PreparedStatement statement = connection.prepareStatement(OBJECTS)) {
            for (int parameter = 1; parameter <= 3; parameter++) {
                statement.setString(parameter, keyspace);
            }
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() && rows.getLong(1) == 0;
            }
        }
    }

    void createSchema(KeyspaceTurn turn, Node node, String options) throws SQLException {
        String sql =
                "CREATE DATABASE IF NOT EXISTS " + QuotedName.of(turn.keyspace()) + " " + options;
        change(turn, node, statement -> statement.execute(sql));
    }

    void alterSchema(KeyspaceTurn turn, Node node, String options) throws SQLException {
        String sql = "ALTER DATABASE " + QuotedName.of(turn.keyspace()) + " " + options;
        change(turn, node, statement -> statement.execute(sql));
    }

    /** Returns how many tables went with it. */
    long dropSchema(KeyspaceTurn turn, Node node) throws SQLException {
        return change(
                turn,
                node,
                statement -> {
                    statement.getConnection().setNetworkTimeout(NOW, DROP_MILLIS_MAX);
                    statement.execute(
                            "SET SESSION lock_wait_timeout = "
                                    + Math.max(1, settings.dropTimeout().toSeconds()));
                    return statement.executeLargeUpdate(
                            "DROP DATABASE IF EXISTS " + QuotedName.of(turn.keyspace()));
                });
    }

    /** The definer of everything the keyspace stores; nobody can log in with it. */
    void makeDefiner(KeyspaceTurn turn, Node node) throws SQLException {
        String account = AccountNames.quoted(AccountNames.definer(turn.keyspace()));
        String user =
                "CREATE USER IF NOT EXISTS "
                        + account
                        + " IDENTIFIED WITH caching_sha2_password BY RANDOM PASSWORD ACCOUNT LOCK";
        String grant =
                "GRANT %s ON %s TO %s"
                        .formatted(
                                DEFINER_RIGHTS,
                                AccountNames.schemaPattern(turn.keyspace()),
                                account);
        change(
                turn,
                node,
                statement -> {
                    statement.execute(user);
                    return statement.execute(grant);
                });
    }

    void dropAccount(KeyspaceTurn turn, Node node, String account) throws SQLException {
        String sql = "DROP USER IF EXISTS " + AccountNames.quoted(account);
        change(turn, node, statement -> statement.execute(sql));
    }

    /** MySQL keeps the rights in a schema that is dropped, for the next one of its name. */
    void revoke(KeyspaceTurn turn, Node node, String account) throws SQLException {
        String sql =
                "REVOKE ALL PRIVILEGES ON %s FROM %s"
                        .formatted(
                                AccountNames.schemaPattern(turn.keyspace()),
                                AccountNames.quoted(account));
        try {
            change(turn, node, statement -> statement.execute(sql));
        } catch (SQLException refused) {
            if (!NOTHING_TO_REVOKE.contains(refused.getErrorCode())) {
                throw refused;
            }
        }
    }

    private <T> T change(KeyspaceTurn turn, Node node, Change<T> change) throws SQLException {
        turn.requireHeld();
        moments.accept("keyspace:turn:" + node.name());
        try (Connection connection = owner.openAlone(node);
                Statement statement = connection.createStatement()) {
            connection.setNetworkTimeout(NOW, MILLIS_MAX);
            KeyspaceNodeLock.take(
                    connection, turn.keyspace(), Deadline.after(settings.takeoverTimeout()));
            turn.requireHeld();
            moments.accept("keyspace:locked:" + node.name());
            return change.by(statement);
        } catch (SQLException failed) {
            requireNotKilled(turn, failed);
            throw failed;
        }
    }

    /** Who has the turn now may have killed the connection: then that is what to tell. */
    private static void requireNotKilled(KeyspaceTurn turn, SQLException failed) {
        try {
            turn.requireHeld();
        } catch (ShardwayException lost) {
            if (lost.code() == ErrorCode.DEFINITION_TAKEN_OVER) {
                throw lost;
            }
            failed.addSuppressed(lost);
        }
    }
}
