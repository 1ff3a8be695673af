package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A plain keyspace is dumped and restored by the usual program, through the proxy and directly. */
@Timeout(180)
class DumpIT {

    private static Twin twin;

    @BeforeAll
    static void start() throws SQLException {
        twin =
                Twin.startPlain(
                        "CREATE TABLE a (id INT PRIMARY KEY AUTO_INCREMENT, n INT, t TEXT, b BLOB)",
                        "INSERT INTO a (n, t, b) VALUES (1, 'it''s; \\n', x'00FF27'), (2, NULL, '')",
                        "CREATE TABLE log (what VARCHAR(50))",
                        "CREATE VIEW v AS SELECT n FROM a WHERE n > 1",
                        "CREATE TRIGGER tr AFTER INSERT ON a FOR EACH ROW BEGIN"
                                + " IF NEW.n > 5 THEN INSERT INTO log VALUES ('big; one'); END IF; END",
                        "CREATE PROCEDURE p (IN x INT) BEGIN INSERT INTO a (n) VALUES (x);"
                                + " SELECT MAX(n) FROM a; END",
                        "CREATE FUNCTION f (x INT) RETURNS INT DETERMINISTIC RETURN x + 1",
                        "CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS '2099-01-01' DO BEGIN"
                                + " DELETE FROM log; DELETE FROM a; END");
    }

    @AfterAll
    static void stop() {
        if (twin != null) {
            twin.close();
        }
    }

    private static List<String> direct(String... command) {
        var all = new ArrayList<>(List.of(command));
        all.addAll(
                List.of(
                        "--host=127.0.0.1",
                        "--port=" + twin.node().port(),
                        "--user=root",
                        "--password=" + twin.node().rootPassword()));
        return all;
    }

    private static List<String> proxied(String... command) {
        var all = new ArrayList<>(List.of(command));
        all.addAll(
                List.of(
                        "--host=127.0.0.1",
                        "--port=" + twin.proxy().proxy().port(),
                        "--user=app",
                        "--password=app"));
        return all;
    }

    private static String dump(List<String> command, String schema) throws Exception {
        var all = new ArrayList<>(command);
        all.addAll(
                List.of(
                        "--single-transaction",
                        "--no-tablespaces",
                        "--routines",
                        "--triggers",
                        "--events",
                        "--skip-dump-date",
                        "--skip-comments",
                        schema));
        return ChildClient.run(all, "");
    }

    private static String dumpThroughProxy(String schema) throws Exception {
        return dump(proxied("mariadb-dump", "--no-defaults"), schema)
                .replace("`" + AccountNames.definer(schema) + "`@`%`", "DEFINER")
                .replace(schema, "SCHEMA");
    }

    @Test
    void dumpsAndRestoresTablesRoutinesTriggersViewsAndEvents() throws Exception {
        ChildClient.assumeInstalled("mariadb-dump", "mariadb-client");
        String direct = dump(direct("mariadb-dump", "--no-defaults"), twin.directSchema());
        String through = dumpThroughProxy(twin.keyspace());
        assertThat(through)
                .isEqualTo(
                        direct.replace("`root`@`localhost`", "DEFINER")
                                .replace(twin.directSchema(), "SCHEMA"))
                .contains("PROCEDURE `p`", "TRIGGER `tr`", "EVENT `e`", "VIEW `v`", "FUNCTION `f`");

        String restored = twin.keyspace() + "_back";
        try (Connection connection = twin.proxied("");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + restored);
        }
        // What MySQL wrote, with root as definer, into the proxy.
        var restore = proxied("mariadb", "--no-defaults");
        restore.add(restored);
        assertThat(ChildClient.run(restore, direct)).doesNotContain("ERROR", "exit");
        assertThat(dumpThroughProxy(restored)).isEqualTo(through);
        try (Connection connection = twin.proxy().connectTo(restored, "")) {
            assertThat(SideBySide.describe(connection, "CALL p(9)")).contains("|9, ");
            assertThat(SideBySide.describe(connection, "SELECT what, f(1) FROM log"))
                    .contains("|big; one, 2, ");
            assertThat(SideBySide.describe(connection, "SELECT * FROM v")).contains("|2, |9, ");
        }
    }
}
