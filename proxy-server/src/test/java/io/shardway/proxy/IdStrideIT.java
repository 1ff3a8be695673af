package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ids that MySQL draws itself, in tables sharded by another column. */
class IdStrideIT {

    private static TestProxy proxy;

    @BeforeAll
    static void start() throws SQLException {
        proxy = TestProxy.start();
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE orders (order_id BIGINT NOT NULL AUTO_INCREMENT,"
                            + " user_id BIGINT NOT NULL, note VARCHAR(20),"
                            + " PRIMARY KEY (order_id, user_id))");
        }
    }

    @AfterAll
    static void stop() {
        proxy.close();
    }

    @Test
    void saysTheStrideOfTheKeyspace() throws SQLException {
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT @@auto_increment_increment")) {
            row.next();
            assertThat(row.getInt(1)).isEqualTo(64);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void tellsTheKeysOfSeveralRowsAsTheyAreStored(int shard) throws SQLException {
        long user = proxy.keyOn(shard, 0);
        String several =
                "INSERT INTO orders (user_id, note) VALUES (%1$d, 'a'), (%1$d, 'b'), (%1$d, 'c')"
                        .formatted(user);
        String selected =
                "INSERT INTO orders (user_id, note) SELECT %1$d, note FROM orders WHERE user_id = %1$d"
                        .formatted(user);
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            for (String sql : List.of(several, selected)) {
                statement.executeUpdate(sql, Statement.RETURN_GENERATED_KEYS);
                List<Long> told = longs(statement.getGeneratedKeys());
                assertThat(told).hasSize(3).allMatch(key -> key % 64 == shard);
                assertThat(newest(shard, user)).isEqualTo(told);
            }
        }
    }

    private static List<Long> newest(int shard, long user) throws SQLException {
        try (Connection node = proxy.onShard(shard);
                Statement statement = node.createStatement()) {
            return longs(
                            statement.executeQuery(
                                    "SELECT order_id FROM orders WHERE user_id = "
                                            + user
                                            + " ORDER BY order_id DESC LIMIT 3"))
                    .reversed();
        }
    }

    private static List<Long> longs(ResultSet rows) throws SQLException {
        var longs = new ArrayList<Long>();
        try (rows) {
            while (rows.next()) {
                longs.add(rows.getLong(1));
            }
        }
        return longs;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SET auto_increment_increment = 1",
                "SET SESSION auto_increment_offset = 1",
                "SET @@auto_increment_increment = DEFAULT",
                "INSERT /*+ SET_VAR(auto_increment_increment = 1) */ INTO orders (user_id)"
                        + " VALUES (1)"
            })
    void refusesAnotherStride(String sql) throws SQLException {
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.execute(sql)).hasMessageContaining("SW-2006");
        }
    }
}
