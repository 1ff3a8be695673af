package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.StringReader;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Server-side prepared statements of Connector/J over both shards. */
@Timeout(60)
@SuppressWarnings("try") // Closing early is what these tests are about.
class JdbcPreparedIT {

    private static final String PREPARED = "useServerPrepStmts=true";
    private static final String CACHED = PREPARED + "&cachePrepStmts=true&prepStmtCacheSize=3";

    private static Twin twin;

    @BeforeAll
    static void start() throws SQLException {
        twin =
                Twin.start(
                        "CREATE TABLE items (user_id BIGINT NOT NULL, id INT NOT NULL, name VARCHAR(100), n DECIMAL(20,5),"
                                + " b LONGBLOB, t LONGTEXT, PRIMARY KEY (user_id, id))");
    }

    @AfterAll
    static void stop() {
        twin.close();
    }

    @BeforeEach
    void fill() throws SQLException {
        for (Connection connection : List.of(twin.direct(""), twin.proxied(""))) {
            try (connection;
                    Statement statement = connection.createStatement()) {
                for (int shard = 1; shard <= 2; shard++) {
                    for (int n = 0; n < 3; n++) {
                        long key = twin.keyOn(shard, n);
                        statement.execute("DELETE FROM items WHERE user_id = " + key);
                        statement.execute(
                                "INSERT INTO items (user_id, id, name) VALUES (%1$d, 1, 'a%1$d'), (%1$d, 2, 'b')"
                                        .formatted(key));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {PREPARED, CACHED})
    void manyOpenStatementsAlternateBetweenShards(String parameters) throws SQLException {
        twin.same(
                parameters,
                (connection, transcript) -> {
                    var open = new ArrayList<PreparedStatement>();
                    for (int i = 0; i < 10; i++) {
                        open.add(
                                connection.prepareStatement(
                                        "SELECT id, name, "
                                                + i / 2
                                                + " AS x FROM items WHERE user_id = ? AND id >= ? ORDER BY id"));
                    }
                    for (int round = 0; round < 3; round++) {
                        for (PreparedStatement statement : open) {
                            for (int shard = 1; shard <= 2; shard++) {
                                statement.setLong(1, twin.keyOn(shard, round));
                                statement.setInt(2, round);
                                transcript.rows(statement.executeQuery());
                            }
                        }
                        open.remove(open.size() / 2).close();
                    }
                    for (PreparedStatement statement : open) {
                        statement.close();
                    }
                });
    }

    @Test
    void theSameTextPreparedTwiceIsTwoStatements() throws SQLException {
        twin.same(
                PREPARED,
                (connection, transcript) -> {
                    String sql = "SELECT name FROM items WHERE user_id = ? AND id = ?";
                    try (PreparedStatement first = connection.prepareStatement(sql);
                            PreparedStatement second = connection.prepareStatement(sql)) {
                        first.setLong(1, twin.keyOn(1, 0));
                        first.setInt(2, 1);
                        second.setString(1, "" + twin.keyOn(1, 1));
                        second.setBigDecimal(2, new BigDecimal("2"));
                        for (int i = 0; i < 3; i++) {
                            transcript.attempt(() -> {
                                transcript.rows(first.executeQuery());
                                return "first";
                            });
                            transcript.attempt(() -> {
                                transcript.rows(second.executeQuery());
                                return "second";
                            });
                        }
                        first.close();
                        transcript.rows(second.executeQuery());
                    }
                });
    }

    @Test
    void theTypesOfAnExecutionBeforeHoldOnTheOtherShardToo() throws SQLException {
        twin.same(
                PREPARED,
                (connection, transcript) -> {
                    try (PreparedStatement update =
                                    connection.prepareStatement(
                                            "UPDATE items SET n = ?, name = ? WHERE user_id = ? AND id = 1");
                            PreparedStatement select =
                                    connection.prepareStatement(
                                            "SELECT n, name FROM items WHERE user_id = ? AND id = 1")) {
                        for (int i = 0; i < 6; i++) {
                            long key = twin.keyOn(1 + i % 2, i % 3);
                            update.setInt(1, i);
                            update.setString(2, "n" + i);
                            update.setLong(3, key);
                            transcript.note(update.executeUpdate());
                            select.setLong(1, key);
                            transcript.rows(select.executeQuery());
                        }
                    }
                });
    }

    @Test
    void parametersChangeTheirTypesBetweenExecutions() throws SQLException {
        Object[] values = {
            1,
            "2.5",
            null,
            3.25,
            new BigDecimal("4.12345"),
            5L,
            (byte) 6,
            true,
            "not a number",
            null,
            "7"
        };
        twin.same(
                PREPARED,
                (connection, transcript) -> {
                    try (PreparedStatement update =
                                    connection.prepareStatement(
                                            "UPDATE items SET n = ? WHERE user_id = ? AND id = ?");
                            PreparedStatement select =
                                    connection.prepareStatement(
                                            "SELECT n FROM items WHERE user_id = ? AND id = 1")) {
                        int i = 0;
                        for (Object value : values) {
                            long key = twin.keyOn(1 + i++ % 2, 0);
                            update.setObject(1, value);
                            if (i % 3 == 0) {
                                update.setInt(2, (int) key);
                            } else {
                                update.setLong(2, key);
                            }
                            update.setObject(3, i % 2 == 0 ? (Object) 1 : "1");
                            transcript.attempt(update::executeUpdate);
                            select.setLong(1, key);
                            transcript.rows(select.executeQuery());
                        }
                    }
                });
    }

    @Test
    void theKeyAsAnyExactTypeFindsItsRow() throws SQLException {
        try (Connection connection = twin.proxied(PREPARED);
                PreparedStatement select =
                        connection.prepareStatement(
                                "SELECT name FROM items WHERE user_id = ? AND id = 1")) {
            for (int shard = 1; shard <= 2; shard++) {
                long key = twin.keyOn(shard, 0);
                for (Object spelled :
                        List.of(
                                key,
                                (int) key,
                                (short) key,
                                String.valueOf(key),
                                new BigDecimal(key))) {
                    select.setObject(1, spelled);
                    try (ResultSet rows = select.executeQuery()) {
                        assertThat(rows.next()).as("%s %s", spelled.getClass(), spelled).isTrue();
                        assertThat(rows.getString(1)).isEqualTo("a" + key);
                    }
                }
            }
        }
    }

    @Test
    void aNullKeyFindsNothing() throws SQLException {
        twin.same(
                PREPARED,
                (connection, transcript) -> {
                    try (PreparedStatement select =
                            connection.prepareStatement(
                                    "SELECT name FROM items WHERE user_id = ?")) {
                        select.setNull(1, Types.BIGINT);
                        transcript.rows(select.executeQuery());
                        select.setLong(1, twin.keyOn(2, 0));
                        transcript.rows(select.executeQuery());
                    }
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"", PREPARED, PREPARED + "&blobSendChunkSize=1000"})
    void streamsAreSentInPieces(String parameters) throws SQLException {
        byte[] bytes = new byte[300_000];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 7);
        }
        twin.same(
                parameters,
                (connection, transcript) -> {
                    try (PreparedStatement update =
                                    connection.prepareStatement(
                                            "UPDATE items SET b = ?, t = ?, name = ? WHERE user_id = ? AND id = 2");
                            PreparedStatement select =
                                    connection.prepareStatement(
                                            "SELECT b, t, name FROM items WHERE user_id = ? AND id = 2")) {
                        for (int i = 0; i < 4; i++) {
                            long key = twin.keyOn(1 + i % 2, 0);
                            if (i < 3) {
                                update.setBinaryStream(
                                        1,
                                        new ByteArrayInputStream(bytes, i, 30_000 * (i + 1)),
                                        30_000 * (i + 1));
                                update.setCharacterStream(
                                        2, new StringReader("ü€".repeat(5_000 * i)));
                            } else {
                                update.setBytes(1, new byte[] {1});
                                update.setString(2, "short");
                            }
                            update.setString(3, "streamed " + i);
                            update.setLong(4, key);
                            transcript.attempt(update::executeUpdate);
                            select.setLong(1, key);
                            transcript.rows(select.executeQuery());
                        }
                    }
                });
    }

    @Test
    void piecesAreForgottenAfterAnErrorAndByClearParameters() throws SQLException {
        twin.same(
                PREPARED,
                (connection, transcript) -> {
                    try (PreparedStatement insert =
                            connection.prepareStatement(
                                    "INSERT INTO items (user_id, id, b) VALUES (?, ?, ?)")) {
                        for (int shard = 1; shard <= 2; shard++) {
                            insert.setLong(1, twin.keyOn(shard, 0));
                            insert.setInt(2, 1);
                            insert.setBinaryStream(
                                    3, new ByteArrayInputStream(new byte[40_000]), 40_000);
                            transcript.attempt(insert::executeUpdate);
                            insert.clearParameters();
                            insert.setLong(1, twin.keyOn(shard, 0));
                            insert.setInt(2, 9);
                            insert.setBytes(3, new byte[] {7});
                            transcript.attempt(insert::executeUpdate);
                        }
                    }
                    for (int shard = 1; shard <= 2; shard++) {
                        transcript.run(
                                connection.createStatement(),
                                "SELECT b FROM items WHERE id = 9 AND user_id = "
                                        + twin.keyOn(shard, 0));
                    }
                });
    }

    @Test
    void statementsSurviveAnAlteredTable() throws SQLException {
        twin.define("CREATE TABLE altered (user_id BIGINT NOT NULL PRIMARY KEY, a INT)");
        twin.same(
                PREPARED,
                (connection, transcript) -> {
                    try (PreparedStatement select =
                                    connection.prepareStatement(
                                            "SELECT * FROM altered WHERE user_id = ?");
                            PreparedStatement other =
                                    connection.prepareStatement(
                                            "SELECT a FROM altered WHERE user_id = ?")) {
                        select.setLong(1, twin.keyOn(1, 0));
                        transcript.rows(select.executeQuery());
                        transcript.attempt(() ->
                                connection
                                        .createStatement()
                                        .executeUpdate("ANALYZE TABLE altered"));
                        select.setLong(1, twin.keyOn(1, 0));
                        transcript.rows(select.executeQuery());
                        other.setLong(1, twin.keyOn(2, 0));
                        transcript.rows(other.executeQuery());
                    }
                });
    }

    @Test
    void aMistakeInAPreparedStatementIsMySqls() throws SQLException {
        twin.same(
                PREPARED,
                (connection, transcript) -> {
                    for (String sql :
                            List.of(
                                    "SELECT nothing FROM items WHERE user_id = ?",
                                    "SELECT * FROM nowhere WHERE user_id = ?",
                                    "SELEC 1")) {
                        transcript.attempt(() -> connection.prepareStatement(sql).executeQuery());
                    }
                    transcript.rows(connection.prepareStatement("SELECT 1").executeQuery());
                });
    }

    @Test
    void sqlPrepareAndExecuteWorkOrAreRefusedClearly() throws SQLException {
        try (Connection connection = twin.proxied("");
                Statement statement = connection.createStatement()) {
            try {
                statement.execute("PREPARE s FROM 'SELECT 1'");
                try (ResultSet rows = statement.executeQuery("EXECUTE s")) {
                    assertThat(rows.next()).isTrue();
                }
            } catch (SQLException refused) {
                assertThat(refused.getMessage()).contains("SW-");
            }
        }
    }
}
