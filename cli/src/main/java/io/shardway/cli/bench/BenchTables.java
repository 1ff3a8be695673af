package io.shardway.cli.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Random;

/**
 * The tables the load works on: users, ten orders for each, and an empty one for inserts.
 * Immutable.
 */
record BenchTables(String keyspace, int users) {

    private static final int ORDERS_PER_USER = 10;
    private static final int ROWS_PER_BATCH = 1_000;

    static final List<String> DEFINITIONS =
            List.of(
                    """
                    CREATE TABLE IF NOT EXISTS bench_users (
                      user_id BIGINT NOT NULL PRIMARY KEY,
                      k INT NOT NULL,
                      c CHAR(120) NOT NULL,
                      KEY (k))\
                    """,
                    """
                    CREATE TABLE IF NOT EXISTS bench_orders (
                      user_id BIGINT NOT NULL,
                      order_id INT NOT NULL,
                      k INT NOT NULL,
                      c CHAR(120) NOT NULL,
                      PRIMARY KEY (user_id, order_id))\
                    """,
                    """
                    CREATE TABLE IF NOT EXISTS bench_inserts (
                      user_id BIGINT NOT NULL PRIMARY KEY,
                      k INT NOT NULL,
                      c CHAR(120) NOT NULL,
                      KEY (k))\
                    """);

    void define(Connection connection) throws SQLException {
        try (var statement = connection.createStatement()) {
            for (String definition : DEFINITIONS) {
                statement.execute(definition);
            }
        }
    }

    /** Straight into the one MySQL server, with the same rows every time. */
    void fill(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (var statement = connection.createStatement()) {
            statement.execute("DELETE FROM bench_users");
            statement.execute("DELETE FROM bench_orders");
        }
        try (var user =
                        connection.prepareStatement(
                                "INSERT INTO bench_users (user_id, k, c) VALUES (?, ?, ?)");
                var order =
                        connection.prepareStatement(
                                "INSERT INTO bench_orders (user_id, order_id, k, c)"
                                        + " VALUES (?, ?, ?, ?)")) {
            fill(connection, user, order);
        }
        connection.setAutoCommit(true);
    }

    private void fill(Connection connection, PreparedStatement user, PreparedStatement order)
            throws SQLException {
        var random = new Random(42);
        for (int userId = 1; userId <= users; userId++) {
            user.setInt(1, userId);
            user.setInt(2, random.nextInt(users));
            user.setString(3, text(random));
            user.addBatch();
            for (int orderId = 1; orderId <= ORDERS_PER_USER; orderId++) {
                order.setInt(1, userId);
                order.setInt(2, orderId);
                order.setInt(3, random.nextInt(users));
                order.setString(4, text(random));
                order.addBatch();
            }
            if (userId % ROWS_PER_BATCH == 0 || userId == users) {
                user.executeBatch();
                order.executeBatch();
                connection.commit();
            }
        }
    }

    /** So that rounds of inserts all begin alike. */
    static void emptyInserts(Connection connection) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute("TRUNCATE TABLE bench_inserts");
        }
    }

    private static String text(Random random) {
        var text = new StringBuilder(119);
        for (int group = 0; group < 10; group++) {
            text.append(10_000_000_000L + random.nextLong(80_000_000_000L)).append('-');
        }
        return text.substring(0, 119);
    }
}
