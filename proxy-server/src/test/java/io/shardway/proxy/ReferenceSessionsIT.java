package io.shardway.proxy;

import static io.shardway.proxy.TestProxy.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Writes of reference tables by sessions that are not as most are. */
class ReferenceSessionsIT {

    private static TestProxy proxy;
    private static ReferenceCopiesSide copies;

    @BeforeAll
    static void start() {
        proxy = TestProxy.start();
        copies = new ReferenceCopiesSide(proxy);
    }

    @AfterAll
    static void stop() {
        proxy.close();
    }

    @BeforeEach
    void table() throws SQLException {
        try (Connection client = proxy.connect()) {
            run(client, "DROP TABLE IF EXISTS countries");
            run(client, "DROP TABLE IF EXISTS visits");
            run(client, "CREATE TABLE visits (user_id BIGINT NOT NULL PRIMARY KEY, code INT)");
            run(
                    client,
                    "CREATE TABLE countries (id INT AUTO_INCREMENT PRIMARY KEY,"
                            + " name VARCHAR(50) DEFAULT (CONCAT('n', 1)), people TINYINT)"
                            + " COMMENT 'shardway:reference'");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sql_select_limit = 0",
                "NAMES binary",
                "NAMES latin1",
                "NAMES utf8mb4 COLLATE utf8mb4_bin",
                "character_set_results = NULL",
                "sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT,IGNORE_SPACE'",
                "sql_mode = ''",
                "sql_safe_updates = 1",
                "sql_auto_is_null = 1",
                "time_zone = '-11:30'",
                "timestamp = 1000000000.5",
                "SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED",
                "SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE",
                "TRANSACTION ISOLATION LEVEL READ COMMITTED",
                "optimizer_switch = 'index_merge=off'"
            })
    void whateverTheSessionHasSetTheCopiesAreWritten(String set) throws SQLException {
        try (Connection client = proxy.connect()) {
            run(client, "SET " + set);
            run(client, "INSERT INTO countries (id, name) VALUES (7, 'one'), (8, DEFAULT)");
            run(client, "INSERT IGNORE INTO countries (id, name) VALUES (7, 'again'), (9, 'nine')");
            run(client, "UPDATE countries SET people = 5 WHERE id = 7");
            assertThatThrownBy(() -> run(client, "INSERT INTO countries (name) VALUES ('drawn')"))
                    .hasMessageContaining("SW-2008");
            assertThatThrownBy(() ->
                            run(client, "INSERT INTO countries (id, name) VALUES (1 - 1, 'drawn')"))
                    .hasMessageContaining("SW-2008");
        }
        assertThat(copies.assertEqual("countries"))
                .containsExactly("7|one|5", "8|n1|null", "9|nine|null");
    }

    @Test
    void aReadOnlySessionGetsMySqlsError() throws SQLException {
        // Or the driver refuses by itself.
        try (Connection client = proxy.connect("readOnlyPropagatesToServer=false")) {
            for (String set :
                    new String[] {"TRANSACTION READ ONLY", "SESSION TRANSACTION READ ONLY"}) {
                run(client, "SET " + set);
                assertThatThrownBy(() -> run(client, "INSERT INTO countries (id) VALUES (1)"))
                        .satisfies(
                                e -> assertThat(((SQLException) e).getErrorCode()).isEqualTo(1792));
            }
            run(client, "SET SESSION TRANSACTION READ WRITE");
            run(client, "INSERT INTO countries (id) VALUES (1)");
        }
        assertThat(copies.assertEqual("countries")).hasSize(1);
    }

    @Test
    void aPreparedWriteWorksAfterTheSessionWentToAPlainKeyspace() throws SQLException {
        String plain = proxy.keyspace() + "_p";
        try (Connection client = proxy.connect("useServerPrepStmts=true");
                PreparedStatement keyed =
                        client.prepareStatement("SELECT COUNT(*) FROM visits WHERE user_id = ?");
                PreparedStatement insert =
                        client.prepareStatement("INSERT INTO countries (id, name) VALUES (?, ?)")) {
            run(client, "CREATE DATABASE " + plain);
            for (int i = 1; i <= 3; i++) {
                insert.setInt(1, i);
                insert.setString(2, "n" + i);
                insert.executeUpdate();
                for (int shard = 1; shard <= 2; shard++) {
                    keyed.setLong(1, proxy.keyOn(shard, 0));
                    keyed.executeQuery().close();
                }
                run(client, "USE " + (i == 1 ? plain : proxy.keyspace()));
            }
            run(client, "USE " + plain);
            assertThatThrownBy(() ->
                            run(
                                    client,
                                    "INSERT INTO %s.countries (id) VALUES (9)"
                                            .formatted(proxy.keyspace())))
                    .isInstanceOf(SQLException.class);
            run(client, "DROP DATABASE " + plain);
        }
        assertThat(copies.assertEqual("countries"))
                .containsExactly("1|n1|null", "2|n2|null", "3|n3|null");
    }

    @Test
    void noIdIsDrawnWhateverTheParameterIs() throws SQLException {
        try (Connection client = proxy.connect("useServerPrepStmts=true");
                PreparedStatement insert =
                        client.prepareStatement(
                                "INSERT INTO countries (id, name) VALUES (?, 'x')")) {
            for (Object id : new Object[] {null, 0, "0", 0.2, false}) {
                insert.setObject(1, id);
                assertThatThrownBy(insert::executeUpdate).hasMessageContaining("SW-2008");
            }
            insert.setObject(1, 5);
            insert.executeUpdate();
        }
        assertThat(copies.assertEqual("countries")).containsExactly("5|x|null");
    }
}
