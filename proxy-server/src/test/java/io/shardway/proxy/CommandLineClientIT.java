package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The {@code mariadb} command line client, which knows neither DEPRECATE_EOF nor query attributes
 * of MySQL.
 */
@Timeout(180)
class CommandLineClientIT {

    private static TestProxy proxy;

    @BeforeAll
    static void start() throws SQLException {
        ChildClient.assumeInstalled("mariadb", "mariadb-client");
        proxy = TestProxy.start();
        try (Connection connection = proxy.connect()) {
            SideBySide.describe(
                    connection,
                    "CREATE TABLE users (user_id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(50))");
        }
    }

    @AfterAll
    static void stop() {
        if (proxy != null) {
            proxy.close();
        }
    }

    private static String run(String user, String input, String... options)
            throws IOException, InterruptedException {
        var command =
                new ArrayList<>(
                        List.of(
                                "mariadb",
                                "--no-defaults",
                                "--host=127.0.0.1",
                                "--port=" + proxy.proxy().port(),
                                "--user=" + user,
                                "--password=" + user));
        command.addAll(List.of(options));
        command.add(proxy.keyspace());
        return ChildClient.run(command, input);
    }

    @Test
    void loadsAFile(@TempDir Path directory) throws Exception {
        for (int shard = 1; shard <= 2; shard++) {
            proxy.cluster().primary(shard).execute("SET GLOBAL local_infile = ON");
        }
        Path file = directory.resolve("users.txt");
        Files.writeString(
                file,
                "%d\tin a file%n%d\tthere, too%n%d\tnot a name\tmore%n"
                        .formatted(proxy.keyOn(1, 90), proxy.keyOn(2, 90), proxy.keyOn(2, 91)));
        String script =
                """
                SHARDWAY SET transaction_mode = best_effort;
                LOAD DATA LOCAL INFILE '%s' INTO TABLE users;
                SHOW WARNINGS;
                SELECT name FROM users WHERE user_id = %d;
                DELETE FROM users WHERE user_id IN (%d, %d, %d);
                LOAD DATA LOCAL INFILE '/nowhere/at/all' INTO TABLE users;
                """
                        .formatted(
                                file,
                                proxy.keyOn(2, 90),
                                proxy.keyOn(1, 90),
                                proxy.keyOn(2, 90),
                                proxy.keyOn(2, 91));
        String told = run("app", script, "--local-infile=1", "-vvv");
        assertThat(told)
                .contains("Records: 3  Deleted: 0  Skipped: 0  Warnings: 1")
                .contains("Row 3 was truncated")
                .contains("there, too")
                .contains("3 rows affected");
    }

    @Test
    void runsStatementsFromAScript() throws Exception {
        long first = proxy.keyOn(1, 0);
        long second = proxy.keyOn(2, 0);
        String script =
                """
                INSERT INTO users VALUES (%1$d, 'one');
                INSERT INTO users VALUES (%2$d, 'two');
                SELECT name FROM users WHERE user_id = %1$d;
                SELECT name FROM users WHERE user_id = %2$d;
                BEGIN; UPDATE users SET name = 'gone' WHERE user_id = %1$d; ROLLBACK;
                DELIMITER //
                SELECT 'a;b', name FROM users WHERE user_id = %1$d//
                SELECT 'x'; SELECT 'y'//
                DELIMITER ;
                SHOW TABLES;
                SHOW COLUMNS FROM users;
                SHOW CREATE TABLE users\\G
                SHOW WARNINGS;
                SHOW DATABASES;
                USE information_schema
                SELECT DATABASE();
                USE %3$s
                SELECT DATABASE();
                """
                        .formatted(first, second, proxy.keyspace());
        String output = run("app", script, "--batch");
        assertThat(output)
                .contains("name\none\n", "name\ntwo\n", "a;b\tone\n", "x\nx\ny\ny\n")
                .contains("Tables_in_" + proxy.keyspace() + "\nusers\n")
                .contains("user_id\tbigint\tNO\tPRI\t")
                .contains("Create Table: CREATE TABLE `users`")
                .contains("DATABASE()\ninformation_schema\n")
                .contains("DATABASE()\n" + proxy.keyspace() + "\n")
                .doesNotContain("ERROR", "exit");
    }

    @Test
    void showsItsStatus() throws Exception {
        assertThat(run("app", "\\s\n"))
                .contains(
                        "Connection id:",
                        "Current database:\t" + proxy.keyspace(),
                        "Current user:\t\tapp@")
                .contains("Shardway", "Uptime:", "Threads: ")
                .doesNotContain("ERROR", "exit");
    }

    @Test
    void reportsErrorsAndGoesOnIfTold() throws Exception {
        String output =
                run(
                        "app",
                        "SELEC 1;\nSELECT 'after';\nSELECT @a := 1 FROM users;\nSELECT 'end';\n",
                        "--force",
                        "--batch");
        assertThat(output).contains("ERROR 1064", "after", "SW-", "end");
    }

    @Test
    void logsInWithAndWithoutTlsAndWithBothPlugins() throws Exception {
        for (int i = 0; i < 2; i++) {
            for (String user : List.of("app", "native", "reader")) {
                assertThat(run(user, "SELECT CURRENT_USER();", "--batch", "--ssl"))
                        .as(user)
                        .contains(user + "@%")
                        .doesNotContain("ERROR");
            }
        }
        assertThat(run("app", "\\s\n", "--ssl")).contains("Cipher in use is");
        assertThat(run("app", "\\s\n", "--skip-ssl")).contains("Not in use");
        assertThat(run("native", "SELECT CURRENT_USER();", "--batch", "--skip-ssl"))
                .contains("native@%");
    }

    @Test
    void thePublicKeyPathWorksOnAFreshProxy() throws Exception {
        try (TestProxy fresh = proxy.another(Map.of())) {
            for (String tls : List.of("--skip-ssl", "--ssl", "--skip-ssl")) {
                String output =
                        ChildClient.run(
                                List.of(
                                        "mariadb",
                                        "--no-defaults",
                                        "--host=127.0.0.1",
                                        "--port=" + fresh.proxy().port(),
                                        "--user=app",
                                        "--password=app",
                                        tls,
                                        "--batch",
                                        "--execute=SELECT CURRENT_USER()"),
                                "");
                assertThat(output).as(tls).contains("app@%");
            }
            assertThat(
                            ChildClient.run(
                                    List.of(
                                            "mariadb",
                                            "--no-defaults",
                                            "--host=127.0.0.1",
                                            "--port=" + fresh.proxy().port(),
                                            "--user=app",
                                            "--password=wrong",
                                            "--execute=SELECT 1"),
                                    ""))
                    .contains("ERROR 1045");
        }
    }

    @Test
    void administratorsSpeakShardway() throws Exception {
        for (String what : List.of("SHARDS", "BUCKETS", "TABLES", "PROXIES", "POOLS", "SESSIONS")) {
            assertThat(run("admin", "SHARDWAY SHOW " + what + ";", "--table"))
                    .as(what)
                    .contains("+--")
                    .doesNotContain("ERROR");
        }
        for (String what : List.of("SHARDS", "PROXIES", "POOLS", "SESSIONS")) {
            assertThat(run("app", "SHARDWAY SHOW " + what + ";", "--table"))
                    .as(what)
                    .contains("ERROR", "SW-");
        }
        assertThat(run("admin", "SHARDWAY SHOW SHARDS;", "--batch")).contains("s1", "s2");
        assertThat(
                        run(
                                "admin",
                                "SHARDWAY EXPLAIN SELECT * FROM users WHERE user_id = 5;",
                                "--batch"))
                .contains("relay")
                .doesNotContain("ERROR");
        assertThat(run("admin", "SHARDWAY NONSENSE;", "--batch")).contains("ERROR", "SW-");
    }
}
