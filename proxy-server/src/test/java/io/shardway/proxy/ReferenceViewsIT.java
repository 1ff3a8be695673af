package io.shardway.proxy;

import static io.shardway.proxy.TestProxy.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Views that read reference tables: what is true of the tables is true of the views. */
class ReferenceViewsIT {

    private static TestProxy proxy;
    private static ReferenceCopiesSide copies;
    private static String key;

    @BeforeAll
    static void start() throws SQLException {
        proxy = TestProxy.start();
        copies = new ReferenceCopiesSide(proxy);
        key = String.valueOf(proxy.keyOn(2, 0));
        try (Connection client = proxy.connect()) {
            for (String sql :
                    List.of(
                            "CREATE TABLE countries (code INT PRIMARY KEY, people INT)"
                                    + " COMMENT 'shardway:reference'",
                            "CREATE TABLE visits (user_id BIGINT NOT NULL PRIMARY KEY, code INT)",
                            "CREATE TABLE notes (code INT PRIMARY KEY, note INT)"
                                    + " COMMENT 'shardway:single'",
                            "INSERT INTO countries (code, people) VALUES (1, 1), (2, 2)",
                            "INSERT INTO visits (user_id, code) VALUES (" + key + ", 1)",
                            "INSERT INTO notes (code, note) VALUES (1, 1)",
                            "CREATE VIEW crowds AS SELECT code, people FROM countries",
                            "CREATE VIEW journeys AS SELECT v.user_id, v.code, c.people"
                                    + " FROM visits v JOIN countries c ON c.code = v.code",
                            "CREATE VIEW remarks AS SELECT c.code, c.people, n.note"
                                    + " FROM notes n JOIN countries c ON c.code = n.code",
                            "CREATE VIEW plain_notes AS SELECT code, note FROM notes")) {
                run(client, sql);
            }
        }
    }

    @AfterAll
    static void stop() {
        proxy.close();
    }

    private static List<String> rows(Connection client, String sql) throws SQLException {
        return ReferenceCopiesSide.rows(client, sql);
    }

    private static boolean isFenced(Connection client) {
        try {
            rows(client, "SELECT people FROM visits JOIN countries USING (code)" + byKey());
            return false;
        } catch (SQLException fenced) {
            assertThat(fenced.getMessage()).contains("SW-4052");
            return true;
        }
    }

    private static String byKey() {
        return " WHERE user_id = " + key;
    }

    @Test
    void viewsAreNotAnsweredFromAFencedCopy() throws Exception {
        try (Connection client = proxy.connect();
                Connection node = proxy.onShard(2)) {
            assertThat(rows(client, "SELECT people FROM journeys" + byKey())).containsExactly("1");
            run(node, "UPDATE countries SET people = 99");
            run(
                    node,
                    "UPDATE shardway.reference_copies SET writes = writes + 1, write_id = UUID_TO_BIN(UUID())"
                            + " WHERE keyspace_name = '"
                            + proxy.keyspace()
                            + "' AND table_name = 'countries'");
            NodeSide.until("the copy is fenced", () -> isFenced(client));
            for (String sql :
                    List.of(
                            "SELECT people FROM journeys" + byKey(),
                            "SELECT people FROM visits JOIN crowds USING (code)" + byKey(),
                            "SELECT 1 FROM visits"
                                    + byKey()
                                    + " AND code IN (SELECT code FROM crowds)")) {
                assertThatThrownBy(() -> rows(client, sql)).as(sql).hasMessageContaining("SW-4052");
            }
            assertThatThrownBy(() ->
                            run(
                                    client,
                                    "UPDATE visits JOIN crowds USING (code) SET visits.code = people"
                                            + byKey()))
                    .hasMessageContaining("SW-4052");
            run(client, "BEGIN");
            assertThat(rows(client, "SELECT code FROM visits" + byKey())).containsExactly("1");
            assertThat(rows(client, "SELECT people FROM crowds WHERE code = 1"))
                    .containsExactly("1");
            run(client, "COMMIT");
            try (Connection operator = proxy.connectAsAdmin()) {
                run(operator, "SHARDWAY REPAIR TABLE countries");
            }
            NodeSide.until("the copy is served", () -> !isFenced(client));
            assertThat(rows(client, "SELECT people FROM journeys" + byKey())).containsExactly("1");
        }
    }

    @Test
    void aLockOnOneCopyIsRefusedThroughAViewToo() throws SQLException {
        try (Connection client = proxy.connect()) {
            String sql = "SELECT people FROM journeys" + byKey();
            assertThatThrownBy(() -> rows(client, sql + " FOR UPDATE"))
                    .hasMessageContaining("SW-2052");
            assertThat(rows(client, sql + " FOR SHARE")).containsExactly("1");
        }
    }

    @Test
    void noCopyIsWrittenAloneThroughAView() throws SQLException {
        try (Connection client = proxy.connect()) {
            for (String sql :
                    List.of(
                            "UPDATE remarks SET people = 7",
                            "UPDATE crowds SET people = 7",
                            "INSERT INTO crowds (code, people) VALUES (7, 7)",
                            "DELETE FROM crowds WHERE code = 1",
                            "UPDATE remarks JOIN notes USING (code) SET people = 7",
                            "UPDATE journeys SET people = 7" + byKey())) {
                assertThatThrownBy(() -> run(client, sql)).as(sql).hasMessageContaining("SW-2006");
            }
            run(client, "UPDATE plain_notes SET note = 2");
            assertThat(rows(client, "SELECT note FROM notes")).containsExactly("2");
            assertThat(copies.assertEqual("countries")).containsExactly("1|1", "2|2");
        }
    }

    @Test
    void aViewHasNoCopiesToCompare() throws SQLException {
        try (Connection operator = proxy.connectAsAdmin()) {
            assertThatThrownBy(() -> rows(operator, "SHARDWAY REPAIR TABLE crowds"))
                    .hasMessageContaining("there is no reference table");
        }
        assertThat(
                        copies.rows(
                                1,
                                "SELECT table_name FROM shardway.reference_copies"
                                        + " WHERE keyspace_name = '"
                                        + proxy.keyspace()
                                        + "'"))
                .containsExactly("countries");
    }
}
