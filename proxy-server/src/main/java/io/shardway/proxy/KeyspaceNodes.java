package io.shardway.proxy;

import io.shardway.router.topology.Node;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * What making and dropping a keyspace does on one node, as the owner account. Every action may be
 * repeated. Thread-safe; blocks.
 */
final class KeyspaceNodes {

    /** MySQL waits so long for sessions that use the schema, then says 1205. */
    private static final int LOCK_WAIT_SECONDS = 20;

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

    KeyspaceNodes(OwnerConnections owner) {
        this.owner = owner;
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

    void createSchema(Node node, String keyspace, String options) throws SQLException {
        execute(node, "CREATE DATABASE IF NOT EXISTS " + quoted(keyspace) + " " + options);
    }

    void alterSchema(Node node, String keyspace, String options) throws SQLException {
        execute(node, "ALTER DATABASE " + quoted(keyspace) + " " + options);
    }

    /** Returns how many tables went with it. */
    long dropSchema(Node node, String keyspace) throws SQLException {
        try (Connection connection = owner.open(node);
                Statement statement = connection.createStatement()) {
            connection.setNetworkTimeout(NOW, DROP_MILLIS_MAX);
            statement.execute("SET SESSION lock_wait_timeout = " + LOCK_WAIT_SECONDS);
            try {
                return statement.executeUpdate("DROP DATABASE IF EXISTS " + quoted(keyspace));
            } finally {
                statement.execute("SET SESSION lock_wait_timeout = DEFAULT");
            }
        }
    }

    /** The definer of everything the keyspace stores; nobody can log in with it. */
    void makeDefiner(Node node, String keyspace) throws SQLException {
        String account = AccountNames.quoted(AccountNames.definer(keyspace));
        execute(
                node,
                "CREATE USER IF NOT EXISTS "
                        + account
                        + " IDENTIFIED WITH caching_sha2_password BY RANDOM PASSWORD ACCOUNT LOCK");
        execute(
                node,
                "GRANT %s ON %s TO %s"
                        .formatted(DEFINER_RIGHTS, AccountNames.schemaPattern(keyspace), account));
    }

    void dropAccount(Node node, String account) throws SQLException {
        execute(node, "DROP USER IF EXISTS " + AccountNames.quoted(account));
    }

    /** MySQL keeps the rights in a schema that is dropped, for the next one of its name. */
    void revoke(Node node, String keyspace, String account) throws SQLException {
        try {
            execute(
                    node,
                    "REVOKE ALL PRIVILEGES ON %s FROM %s"
                            .formatted(
                                    AccountNames.schemaPattern(keyspace),
                                    AccountNames.quoted(account)));
        } catch (SQLException refused) {
            if (!NOTHING_TO_REVOKE.contains(refused.getErrorCode())) {
                throw refused;
            }
        }
    }

    private void execute(Node node, String sql) throws SQLException {
        try (Connection connection = owner.open(node);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String quoted(String keyspace) {
        return "`" + keyspace.replace("`", "``") + "`";
    }
}
