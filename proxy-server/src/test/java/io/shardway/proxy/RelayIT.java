package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RelayIT {

    private static TestProxy proxy;

    @BeforeAll
    static void start() throws SQLException {
        proxy = TestProxy.start();
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE users (user_id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(50))");
        }
    }

    @AfterAll
    static void stop() {
        proxy.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "useServerPrepStmts=true"})
    void writesRowsToTheShardThatOwnsTheirKeyAndReadsThemBack(String parameters)
            throws SQLException {
        long first = proxy.keyOn(1, parameters.length());
        long second = proxy.keyOn(2, parameters.length());
        try (Connection connection = proxy.connect(parameters)) {
            for (long key : new long[] {first, second}) {
                try (PreparedStatement insert =
                        connection.prepareStatement(
                                "INSERT INTO users (user_id, name) VALUES (?, ?)")) {
                    insert.setLong(1, key);
                    insert.setString(2, "name " + key);
                    assertThat(insert.executeUpdate()).isEqualTo(1);
                }
                try (PreparedStatement select =
                        connection.prepareStatement("SELECT name FROM users WHERE user_id = ?")) {
                    select.setLong(1, key);
                    try (ResultSet rows = select.executeQuery()) {
                        assertThat(rows.next()).isTrue();
                        assertThat(rows.getString(1)).isEqualTo("name " + key);
                        assertThat(rows.next()).isFalse();
                    }
                }
            }
        }
        assertThat(count(1, first)).isEqualTo(1);
        assertThat(count(1, second)).isZero();
        assertThat(count(2, second)).isEqualTo(1);
        assertThat(count(2, first)).isZero();
    }

    @Test
    void refusesAReadThatIsNotPinnedAndGoesOn() throws SQLException {
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.executeQuery("SELECT @a := 1 FROM users"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("SW-2001");
            try (ResultSet rows = statement.executeQuery("SELECT 1")) {
                assertThat(rows.next()).isTrue();
            }
        }
    }

    @Test
    void commitsAndRollsBackOnOneShard() throws SQLException {
        long key = proxy.keyOn(2, 40);
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.executeUpdate("INSERT INTO users VALUES (" + key + ", 'a')");
            assertThat(count(2, key)).isZero();
            connection.rollback();
            assertThat(count(2, key)).isZero();
            statement.executeUpdate("INSERT INTO users VALUES (" + key + ", 'b')");
            connection.commit();
            assertThat(count(2, key)).isEqualTo(1);
        }
    }

    @Test
    void rejectsASecondWrittenShardAndKeepsTheTransactionOpen() throws SQLException {
        long first = proxy.keyOn(1, 50);
        long second = proxy.keyOn(2, 50);
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.executeUpdate("INSERT INTO users VALUES (" + first + ", 'a')");
            assertThatThrownBy(() ->
                            statement.executeUpdate(
                                    "INSERT INTO users VALUES (" + second + ", 'b')"))
                    .hasMessageContaining("SW-4006");
            try (ResultSet rows =
                    statement.executeQuery("SELECT * FROM users WHERE user_id = " + second)) {
                assertThat(rows.next()).isFalse();
            }
            connection.commit();
        }
        assertThat(count(1, first)).isEqualTo(1);
        assertThat(count(2, second)).isZero();
    }

    private static int count(int shard, long key) throws SQLException {
        try (Connection connection = proxy.onShard(shard);
                Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT COUNT(*) FROM users WHERE user_id = " + key)) {
            rows.next();
            return rows.getInt(1);
        }
    }
}
