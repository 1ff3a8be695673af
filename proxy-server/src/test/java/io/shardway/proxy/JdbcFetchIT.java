package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows fetched through cursors and streams, and packets beyond 16 MiB. */
@Timeout(180)
@SuppressWarnings("try") // Closing early is what these tests are about.
class JdbcFetchIT {

    private static final String CURSOR = "useServerPrepStmts=true&useCursorFetch=true";
    private static final int ROWS = 1_000;
    private static final int LARGE = 17 << 20;

    private static Twin twin;

    @BeforeAll
    static void start() throws SQLException {
        twin =
                Twin.start(
                        "CREATE TABLE numbers (user_id BIGINT NOT NULL, id INT NOT NULL, name VARCHAR(200),"
                                + " PRIMARY KEY (user_id, id))",
                        "CREATE TABLE large (user_id BIGINT NOT NULL PRIMARY KEY, b LONGBLOB)");
        for (Connection connection : List.of(twin.direct(""), twin.proxied(""))) {
            try (connection;
                    Statement statement = connection.createStatement()) {
                statement.execute("SET SESSION cte_max_recursion_depth = 100000");
                for (int shard = 1; shard <= 2; shard++) {
                    var insert = new StringBuilder("INSERT INTO numbers VALUES ");
                    for (int i = 0; i < ROWS; i++) {
                        insert.append(i == 0 ? "" : ", ")
                                .append(
                                        "(%d, %d, REPEAT('n', %d))"
                                                .formatted(twin.keyOn(shard, 0), i, i % 200));
                    }
                    statement.execute(insert.toString());
                }
            }
        }
    }

    @AfterAll
    static void stop() {
        twin.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 999, 1000, 1001})
    void cursorsGiveAllRowsWhateverTheFetchSize(int fetchSize) throws SQLException {
        twin.same(
                CURSOR,
                (connection, transcript) -> {
                    try (PreparedStatement select =
                            connection.prepareStatement(
                                    "SELECT id, name FROM numbers WHERE user_id = ? AND id >= ? ORDER BY id")) {
                        select.setFetchSize(fetchSize);
                        for (int shard = 1; shard <= 2; shard++) {
                            for (int from : new int[] {fetchSize == 1 ? 950 : 0, ROWS}) {
                                select.setLong(1, twin.keyOn(shard, 0));
                                select.setInt(2, from);
                                transcript.rows(select.executeQuery());
                            }
                        }
                    }
                });
    }

    @Test
    void cursorsOfTheSameTextKeepTheirRowsApart() throws SQLException {
        twin.same(
                CURSOR + "&defaultFetchSize=10",
                (connection, transcript) -> {
                    String sql =
                            "SELECT id FROM numbers WHERE user_id = ? AND id >= ? ORDER BY id LIMIT 40";
                    try (PreparedStatement first = connection.prepareStatement(sql);
                            PreparedStatement second = connection.prepareStatement(sql)) {
                        first.setLong(1, twin.keyOn(1, 0));
                        first.setInt(2, 100);
                        second.setLong(1, twin.keyOn(1, 0));
                        second.setInt(2, 500);
                        try (ResultSet one = first.executeQuery();
                                ResultSet two = second.executeQuery()) {
                            while (one.next() && two.next()) {
                                transcript.note(one.getInt(1) + " " + two.getInt(1));
                            }
                        }
                    }
                });
    }

    @Test
    void severalCursorsAreReadInTurn() throws SQLException {
        twin.same(
                CURSOR + "&defaultFetchSize=10",
                (connection, transcript) -> {
                    String sql =
                            "SELECT id FROM numbers WHERE user_id = ? AND id < 100 ORDER BY id";
                    try (PreparedStatement first = connection.prepareStatement(sql);
                            PreparedStatement second = connection.prepareStatement(sql);
                            PreparedStatement third = connection.prepareStatement(sql);
                            PreparedStatement update =
                                    connection.prepareStatement(
                                            "UPDATE numbers SET name = name WHERE user_id = ? AND id = ?")) {
                        first.setLong(1, twin.keyOn(1, 0));
                        second.setLong(1, twin.keyOn(1, 0));
                        third.setLong(1, twin.keyOn(2, 0));
                        try (ResultSet one = first.executeQuery();
                                ResultSet two = second.executeQuery();
                                ResultSet three = third.executeQuery()) {
                            for (int i = 0; i < 55; i++) {
                                one.next();
                                two.next();
                                three.next();
                                transcript.note(
                                        one.getInt(1)
                                                + " "
                                                + two.getInt(1)
                                                + " "
                                                + three.getInt(1));
                                if (i % 9 == 0) {
                                    update.setLong(1, twin.keyOn(1 + i % 2, 0));
                                    update.setInt(2, i);
                                    transcript.note(update.executeUpdate());
                                }
                            }
                            two.close();
                            while (one.next()) {
                                transcript.note(one.getInt(1));
                            }
                            transcript.rows(second.executeQuery());
                            while (three.next()) {
                                transcript.note(three.getInt(1));
                            }
                        }
                    }
                });
    }

    @Test
    void aCursorHalfReadDoesNotStayWhenItsStatementIsClosed() throws SQLException {
        try (Connection connection = twin.proxied(CURSOR + "&defaultFetchSize=5")) {
            for (int i = 0; i < 30; i++) {
                try (PreparedStatement select =
                        connection.prepareStatement("SELECT id FROM numbers WHERE user_id = ?")) {
                    select.setLong(1, twin.keyOn(1 + i % 2, 0));
                    ResultSet rows = select.executeQuery();
                    assertThat(rows.next()).isTrue();
                }
            }
        }
        try (Connection connection = twin.proxied("");
                Statement statement = connection.createStatement()) {
            assertThat(statement.execute("SELECT 1")).isTrue();
        }
    }

    @Test
    void cursorsLiveInATransactionUntilItEnds() throws SQLException {
        twin.same(
                CURSOR + "&defaultFetchSize=10",
                (connection, transcript) -> {
                    connection.setAutoCommit(false);
                    try (PreparedStatement select =
                            connection.prepareStatement(
                                    "SELECT id FROM numbers WHERE user_id = ? ORDER BY id LIMIT 30")) {
                        for (int shard = 1; shard <= 2; shard++) {
                            select.setLong(1, twin.keyOn(shard, 0));
                            ResultSet rows = select.executeQuery();
                            for (int i = 0; i < 15; i++) {
                                rows.next();
                                transcript.note(rows.getInt(1));
                            }
                            connection.commit();
                            transcript.attempt(() -> {
                                int left = 0;
                                while (rows.next()) {
                                    left++;
                                }
                                return left;
                            });
                        }
                    }
                    connection.commit();
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "useServerPrepStmts=true"})
    void rowsAreStreamed(String parameters) throws SQLException {
        twin.same(
                parameters,
                (connection, transcript) -> {
                    for (int shard = 1; shard <= 2; shard++) {
                        try (PreparedStatement select =
                                connection.prepareStatement(
                                        "SELECT id, name FROM numbers WHERE user_id = ? ORDER BY id",
                                        ResultSet.TYPE_FORWARD_ONLY,
                                        ResultSet.CONCUR_READ_ONLY)) {
                            select.setFetchSize(Integer.MIN_VALUE);
                            select.setLong(1, twin.keyOn(shard, 0));
                            ResultSet rows = select.executeQuery();
                            for (int i = 0; i < 10; i++) {
                                rows.next();
                                transcript.note(rows.getInt(1));
                            }
                            transcript.attempt(
                                    () -> connection.createStatement().execute("SELECT 1"));
                            rows.close();
                            transcript.rows(select.executeQuery());
                        }
                    }
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "useServerPrepStmts=true"})
    void packetsBeyond16MiBPassBothWays(String parameters) throws SQLException {
        byte[] bytes = new byte[LARGE];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i % 251 + (i >> 16));
        }
        try (Connection connection = twin.proxied("maxAllowedPacket=64000000&" + parameters)) {
            for (int size : new int[] {0xFFFFFF - 100, 0xFFFFFF, LARGE}) {
                int shard = 1 + size % 2;
                long key = twin.keyOn(shard, 0);
                byte[] part = java.util.Arrays.copyOf(bytes, size);
                try (PreparedStatement replace =
                                connection.prepareStatement(
                                        "REPLACE INTO large (user_id, b) VALUES (?, ?)");
                        PreparedStatement select =
                                connection.prepareStatement(
                                        "SELECT user_id, b, 'end' FROM large WHERE user_id = ?")) {
                    replace.setLong(1, key);
                    replace.setBytes(2, part);
                    assertThat(replace.executeUpdate()).isPositive();
                    select.setLong(1, key);
                    try (ResultSet rows = select.executeQuery()) {
                        assertThat(rows.next()).isTrue();
                        assertThat(java.util.Arrays.equals(rows.getBytes(2), part)).isTrue();
                        assertThat(rows.getString(3)).isEqualTo("end");
                        assertThat(rows.next()).isFalse();
                    }
                }
            }
        }
    }

    @Test
    void rowsWhosePacketsEndExactlyAtTheLimitPass() throws SQLException {
        try (Connection connection = twin.proxied("maxAllowedPacket=64000000");
                Statement statement = connection.createStatement()) {
            for (int size = 0xFFFFFF - 6; size <= 0xFFFFFF - 1; size++) {
                try (ResultSet rows = statement.executeQuery("SELECT REPEAT('x', " + size + ")")) {
                    assertThat(rows.next()).isTrue();
                    assertThat(rows.getBytes(1)).hasSize(size);
                    assertThat(rows.next()).isFalse();
                }
            }
        }
    }

    @Test
    void aPacketBeyondTheLimitIsRefused() throws SQLException {
        try (Connection connection = twin.proxied("maxAllowedPacket=200000000");
                PreparedStatement replace =
                        connection.prepareStatement(
                                "REPLACE INTO large (user_id, b) VALUES (?, ?)")) {
            replace.setLong(1, twin.keyOn(1, 0));
            replace.setBytes(2, new byte[70 << 20]);
            assertThatThrownBy(replace::executeUpdate).isInstanceOf(SQLException.class);
        }
    }
}
