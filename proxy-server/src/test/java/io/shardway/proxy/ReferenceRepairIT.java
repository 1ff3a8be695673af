package io.shardway.proxy;

import static io.shardway.proxy.TestProxy.run;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Copies that lack a write, and that are not easy to repair. */
class ReferenceRepairIT {

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
            run(
                    client,
                    "CREATE TABLE countries (code INT PRIMARY KEY, people INT, since DATE)"
                            + " COMMENT 'shardway:reference'");
            run(client, "INSERT INTO countries (code, people) VALUES (1, 1)");
        }
    }

    @Test
    void rowsThatMySqlWouldRefuseTodayAreRepairedAsTheyAre() throws Exception {
        try (Connection client = proxy.connect();
                Connection node = proxy.onShard(2)) {
            run(client, "SET sql_mode = 'ALLOW_INVALID_DATES'");
            run(
                    client,
                    "INSERT INTO countries VALUES (0 + 2, 2, '2020-02-31'), (3, 3, '0000-00-00')");
            run(node, "DELETE FROM countries WHERE code > 1");
            run(
                    node,
                    "UPDATE shardway.reference_copies SET writes = 0, write_id = ''"
                            + " WHERE keyspace_name = '"
                            + proxy.keyspace()
                            + "'");
            NodeSide.until(
                    "the copy is repaired",
                    () -> copies.number(1, "countries").equals(copies.number(2, "countries")));
            assertThat(copies.rows(2, "SELECT CAST(since AS CHAR) FROM countries ORDER BY code"))
                    .containsExactly("null", "2020-02-31", "0000-00-00");
        }
    }

    @Test
    void aCopyWithFarMoreRowsThanTheDefaultShardIsRepaired() throws Exception {
        try (Connection node = proxy.onShard(2)) {
            run(node, "SET SESSION cte_max_recursion_depth = 100000");
            run(
                    node,
                    "INSERT INTO countries WITH RECURSIVE n (i) AS (SELECT 10 UNION ALL"
                            + " SELECT i + 1 FROM n WHERE i < 12000) SELECT i, i, NULL FROM n");
            run(
                    node,
                    "UPDATE shardway.reference_copies SET writes = 0, write_id = ''"
                            + " WHERE keyspace_name = '"
                            + proxy.keyspace()
                            + "'");
        }
        NodeSide.until(
                "the copy is repaired",
                () -> copies.number(1, "countries").equals(copies.number(2, "countries")));
        assertThat(copies.assertEqual("countries")).hasSize(1);
    }
}
