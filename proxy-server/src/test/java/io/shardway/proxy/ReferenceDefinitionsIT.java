package io.shardway.proxy;

import static io.shardway.proxy.TestProxy.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Reference tables are altered, renamed, emptied and dropped. */
@Timeout(180)
class ReferenceDefinitionsIT {

    private static TestProxy proxy;
    private static TestProxy second;
    private static ReferenceCopiesSide copies;

    @BeforeAll
    static void start() {
        proxy = TestProxy.start();
        second = proxy.another(Map.of());
        copies = new ReferenceCopiesSide(proxy);
    }

    @AfterAll
    static void stop() {
        second.close();
        proxy.close();
    }

    @BeforeEach
    void table() throws SQLException {
        try (Connection client = proxy.connect()) {
            run(client, "DROP TABLE IF EXISTS countries, lands");
            run(
                    client,
                    "CREATE TABLE countries (code INT PRIMARY KEY, people DECIMAL(9,2) NOT NULL)"
                            + " COMMENT 'shardway:reference'");
            run(client, "INSERT INTO countries (code, people) VALUES (1, 1), (2, 2), (3, 3)");
        }
    }

    private static void number(String change) throws SQLException {
        try (Connection node = proxy.onShard(2)) {
            run(
                    node,
                    "UPDATE shardway.reference_copies SET writes = %s WHERE keyspace_name = '%s'"
                            .formatted(change, proxy.keyspace()));
        }
    }

    @Test
    void whatEveryShardDrawsForAColumnBecomesTheSame() throws SQLException {
        try (Connection client = proxy.connect()) {
            run(
                    client,
                    "ALTER TABLE countries ADD COLUMN at DATETIME(6) DEFAULT CURRENT_TIMESTAMP(6)");
            List<String> rows = copies.assertEqual("countries");
            assertThat(rows.getFirst()).matches("1\\|1.00\\|20.*\\.[0-9]+");
            run(client, "ALTER TABLE countries ADD COLUMN n INT AUTO_INCREMENT UNIQUE");
            copies.assertEqual("countries");
            run(client, "UPDATE countries SET people = 9 WHERE code = 3");
            assertThat(copies.assertEqual("countries").getLast()).startsWith("3|9.00|");
        }
    }

    @Test
    void aTableWhoseCopiesAreNotKnownToBeEqualIsDroppedButNotChanged() throws SQLException {
        try (Connection client = proxy.connect()) {
            number("writes + 1");
            for (String sql :
                    List.of(
                            "ALTER TABLE countries ADD COLUMN x INT",
                            "CREATE INDEX i ON countries (people)",
                            "RENAME TABLE countries TO lands",
                            "TRUNCATE TABLE countries")) {
                assertThatThrownBy(() -> run(client, sql))
                        .hasMessageContaining("SW-4052")
                        .hasMessageContaining("nothing was changed");
            }
            assertThat(copies.rows(1, "SELECT * FROM countries")).hasSize(3);
            assertThat(copies.rows(2, "SELECT * FROM countries")).hasSize(3);
            run(client, "DROP TABLE countries");
            run(
                    client,
                    "CREATE TABLE countries (code INT PRIMARY KEY, x INT)"
                            + " COMMENT 'shardway:reference'");
            NodeSide.until(
                    "it can be written", () -> isWritten("INSERT INTO countries VALUES (7, 7)"));
        }
        assertThat(copies.assertEqual("countries")).containsExactly("7|7");
    }

    private static boolean isWritten(String sql) {
        try (Connection client = proxy.connect()) {
            run(client, sql);
            return true;
        } catch (SQLException fenced) {
            assertThat(fenced.getMessage()).contains("SW-4052");
            return false;
        }
    }

    @Test
    void aRenamedTableIsWrittenAndSoIsOneOfItsOldName() throws SQLException {
        try (Connection client = proxy.connect()) {
            run(client, "RENAME TABLE countries TO lands");
            run(client, "UPDATE lands SET people = people + 1");
            assertThat(copies.assertEqual("lands")).containsExactly("1|2.00", "2|3.00", "3|4.00");
            run(
                    client,
                    "CREATE TABLE countries (code INT PRIMARY KEY) COMMENT 'shardway:reference'");
            run(client, "INSERT INTO countries VALUES (5)");
            assertThat(copies.assertEqual("countries")).containsExactly("5");
            run(client, "TRUNCATE TABLE lands");
            run(client, "INSERT INTO lands VALUES (6, 6)");
            assertThat(copies.assertEqual("lands")).containsExactly("6|6.00");
        }
    }

    @Test
    void aTableWithoutAPrimaryKeyIsDefinedThoughNotWritten() throws SQLException {
        try (Connection client = proxy.connect()) {
            run(client, "CREATE TABLE lands (code INT) COMMENT 'shardway:reference'");
            run(client, "ALTER TABLE lands ADD COLUMN x INT");
            assertThatThrownBy(() -> run(client, "INSERT INTO lands VALUES (1, 1)"))
                    .hasMessageContaining("SW-2008");
            run(client, "ALTER TABLE lands ADD PRIMARY KEY (code)");
            run(client, "INSERT INTO lands VALUES (1, 1)");
        }
        assertThat(copies.assertEqual("lands")).containsExactly("1|1");
    }

    @Test
    void copiesThatAreWrittenThroughTwoProxiesWhileTheyAreAlteredStayEqual() throws Exception {
        var stop = new AtomicBoolean();
        var done = new ArrayList<Future<Integer>>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                Connection client = proxy.connect()) {
            for (TestProxy through : List.of(proxy, second, second)) {
                done.add(threads.submit(() -> write(through, stop)));
            }
            try {
                for (String type : List.of("INT", "DECIMAL(9,2)", "DOUBLE", "DECIMAL(9,1)")) {
                    run(client, "ALTER TABLE countries MODIFY people " + type + " NOT NULL");
                    run(
                            client,
                            "ALTER TABLE countries ADD COLUMN at TIMESTAMP(6) DEFAULT CURRENT_TIMESTAMP(6)");
                    run(client, "ALTER TABLE countries DROP COLUMN at");
                }
            } finally {
                stop.set(true);
            }
            for (Future<Integer> writer : done) {
                assertThat(writer.get()).isPositive();
            }
        }
        assertThat(copies.assertEqual("countries")).hasSize(3);
    }

    private static int write(TestProxy through, AtomicBoolean stop) throws SQLException {
        int done = 0;
        try (Connection client = through.connect()) {
            while (!stop.get()) {
                try {
                    run(client, "UPDATE countries SET people = (people * 1.7 + code) % 1000");
                    done++;
                } catch (SQLException held) {
                    // Held while columns are dropped.
                    assertThat(held.getMessage()).doesNotContain("SW-4051");
                }
            }
        }
        return done;
    }
}
