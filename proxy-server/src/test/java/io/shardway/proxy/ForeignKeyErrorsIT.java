package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What clients are told of a foreign key that fails. */
@Timeout(180)
class ForeignKeyErrorsIT {

    private static final List<String> TABLES =
            List.of(
                    "CREATE TABLE parents (user_id BIGINT NOT NULL PRIMARY KEY, n INT)",
                    "CREATE TABLE children (user_id BIGINT NOT NULL PRIMARY KEY, CONSTRAINT"
                            + " of_parent FOREIGN KEY (user_id) REFERENCES parents (user_id))",
                    "INSERT INTO parents VALUES (1, 1), (2, 2), (3, 3)",
                    "INSERT INTO children VALUES (1), (2)");

    private static final List<String> FAILING =
            List.of(
                    "DELETE FROM parents WHERE user_id = 1",
                    "DELETE FROM parents WHERE n > 0",
                    "UPDATE parents SET user_id = 9 WHERE user_id = 2",
                    "INSERT INTO children VALUES (7)",
                    "INSERT INTO children VALUES (3), (8)",
                    "DROP TABLE parents",
                    "TRUNCATE TABLE parents");

    @Test
    void whichKeyFailsIsToldAsOneMySqlTellsIt() throws SQLException {
        try (TestProxy proxy = TestProxy.start(Map.of("session.transaction-mode", "best-effort"))) {
            SideBySide.prepare(proxy, TABLES.toArray(String[]::new));
            String plain = proxy.keyspace() + "_plain";
            try (Connection client = proxy.connect();
                    Connection direct = SideBySide.direct(proxy, "")) {
                TestProxy.run(client, "CREATE DATABASE " + plain);
                for (String sql : FAILING) {
                    String told = describe(direct, sql, SideBySide.directSchema(proxy));
                    assertThat(told).startsWith("error ");
                    assertThat(describe(client, sql, proxy.keyspace())).isEqualTo(told);
                }
                TestProxy.run(client, "USE " + plain);
                for (String sql : TABLES) {
                    TestProxy.run(client, sql);
                }
                // There MySQL names no keys: the account must not have the right to make views.
                assertThat(describe(client, FAILING.getFirst(), plain))
                        .startsWith("error 1217 23000 ");
                TestProxy.run(client, "DROP DATABASE " + plain);
            }
        }
    }

    @Test
    void whatTheServingAccountMayMakeNoClientMakes() throws SQLException {
        List<String> made =
                List.of(
                        "CREATE VIEW v AS SELECT 1 AS n",
                        "/*!50003 CREATE VIEW w AS SELECT 1 AS n */",
                        "PREPARE s FROM 'CREATE VIEW x AS SELECT 1 AS n'",
                        "EXECUTE s",
                        "PREPARE s FROM '/*!50003 CREATE VIEW y AS SELECT 1 AS n */'",
                        "EXECUTE s",
                        "CREATE TRIGGER a BEFORE INSERT ON parents FOR EACH ROW SET @a = 1",
                        "/*!50003 CREATE TRIGGER b BEFORE INSERT ON parents FOR EACH ROW SET @a = 1 */",
                        "SELECT 1; /*!50003 CREATE VIEW z AS SELECT 1 AS n */");
        try (TestProxy proxy = TestProxy.start();
                Connection client = proxy.connect("allowMultiQueries=true")) {
            TestProxy.run(client, TABLES.getFirst());
            made.forEach(sql -> describeQuietly(client, sql));
            for (int shard = 1; shard <= 2; shard++) {
                try (Connection node = proxy.onShard(shard)) {
                    assertThat(
                                    SideBySide.describe(
                                            node,
                                            "SELECT CONCAT(definer) FROM information_schema.views"
                                                    + " WHERE table_schema = DATABASE() AND definer"
                                                    + " LIKE 'shardway%' UNION ALL SELECT"
                                                    + " CONCAT(definer) FROM"
                                                    + " information_schema.triggers WHERE"
                                                    + " trigger_schema = DATABASE()"))
                            .doesNotContain("|");
                }
            }
        }
    }

    private static void describeQuietly(Connection client, String sql) {
        try {
            assertThat(SideBySide.describe(client, sql)).isNotEmpty();
        } catch (SQLException failed) {
            throw new AssertionError(sql, failed);
        }
    }

    private static String describe(Connection connection, String sql, String schema)
            throws SQLException {
        return SideBySide.describe(connection, sql).replace("`" + schema + "`", "`schema`");
    }

    @Test
    void anOwnerWithoutTheRightsToNamesServesAllTheSame() throws SQLException {
        try (TestProxy proxy = TestProxy.start()) {
            for (int shard = 1; shard <= 2; shard++) {
                try (Connection root = proxy.cluster().primary(shard).connect()) {
                    makeOwner(root, proxy);
                }
            }
            try (Connection client = proxy.connect()) {
                for (String sql : TABLES) {
                    TestProxy.run(client, sql);
                }
            }
            try (TestProxy other = proxy.another(Map.of("backend.owner-user", "limited"));
                    Connection client = other.connect()) {
                assertThat(SideBySide.describe(client, "DELETE FROM parents WHERE user_id = 1"))
                        .startsWith("error 1217 23000");
            }
            for (int shard = 1; shard <= 2; shard++) {
                try (Connection root = proxy.cluster().primary(shard).connect()) {
                    TestProxy.run(root, "DROP USER limited");
                }
            }
        }
    }

    /** What the README says, without CREATE VIEW. */
    private static void makeOwner(Connection root, TestProxy proxy) throws SQLException {
        TestProxy.run(
                root,
                "CREATE USER limited IDENTIFIED BY '%s'".formatted(proxy.cluster().rootPassword()));
        TestProxy.run(root, "GRANT CREATE USER, PROCESS, CONNECTION_ADMIN ON *.* TO limited");
        TestProxy.run(
                root,
                "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES, SHOW"
                        + " VIEW, EXECUTE, LOCK TABLES, CREATE TEMPORARY TABLES, TRIGGER ON `%s`.* TO"
                                .formatted(proxy.keyspace().replace("_", "\\_"))
                        + " limited WITH GRANT OPTION");
        TestProxy.run(
                root,
                "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE ON `shardway`.* TO limited WITH GRANT"
                        + " OPTION");
    }
}
