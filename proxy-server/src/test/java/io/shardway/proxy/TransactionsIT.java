package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Transactions, statement by statement as MySQL itself has them. */
@Timeout(120)
class TransactionsIT {

    private static TestProxy proxy;

    @BeforeAll
    static void start() throws SQLException {
        proxy = TestProxy.start(Map.of("frontend.event-loops", "1"));
        SideBySide.prepare(
                proxy, "CREATE TABLE users (user_id BIGINT NOT NULL PRIMARY KEY, n BIGINT)");
    }

    @AfterAll
    static void stop() {
        proxy.close();
    }

    /** Runs statements, {@code $1} and {@code $2} being keys of shard 1. */
    private static void same(int keys, String... statements) throws SQLException {
        try (SideBySide both = SideBySide.open(proxy);
                SideBySide watcher = SideBySide.open(proxy)) {
            String first = Long.toString(proxy.keyOn(1, keys));
            String second = Long.toString(proxy.keyOn(1, keys + 1));
            for (String sql : statements) {
                both.same(sql.replace("$1", first).replace("$2", second));
                watcher.same("SELECT n FROM users WHERE user_id = " + first);
                watcher.same("SELECT n FROM users WHERE user_id = " + second);
            }
        }
    }

    @Test
    void aConsistentSnapshotIsRefusedWithAdviceAndChangesNothing() throws SQLException {
        try (Connection connection = proxy.connect()) {
            SideBySide.describe(connection, "BEGIN");
            SideBySide.describe(connection, "SAVEPOINT here");
            for (String sql :
                    new String[] {
                        "START TRANSACTION WITH CONSISTENT SNAPSHOT",
                        "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
                        "START TRANSACTION /*!40100 WITH CONSISTENT SNAPSHOT */",
                    }) {
                assertThat(SideBySide.describe(connection, sql))
                        .startsWith("error 1235 42000 SW-2006")
                        .contains("START TRANSACTION, and each shard's snapshot")
                        .contains("mysqldump")
                        .contains("docs/statements.md");
            }
            assertThat(SideBySide.describe(connection, "ROLLBACK TO here")).isEqualTo("count 0");
            assertThat(SideBySide.describe(connection, "ROLLBACK")).isEqualTo("count 0");
        }
    }

    @Test
    void chainsAndReleases() throws SQLException {
        same(
                0,
                "BEGIN",
                "INSERT INTO users VALUES ($1, 1)",
                "COMMIT AND CHAIN",
                "UPDATE users SET n = 2 WHERE user_id = $1",
                "ROLLBACK AND CHAIN",
                "UPDATE users SET n = 3 WHERE user_id = $1",
                "COMMIT AND NO CHAIN NO RELEASE",
                "UPDATE users SET n = 4 WHERE user_id = $1",
                "ROLLBACK WORK",
                "SELECT n FROM users WHERE user_id = $1",
                "START TRANSACTION READ ONLY",
                "COMMIT AND CHAIN",
                "UPDATE users SET n = 5 WHERE user_id = $1",
                "ROLLBACK",
                "COMMIT AND CHAIN",
                "UPDATE users SET n = 6 WHERE user_id = $1",
                "ROLLBACK",
                "BEGIN",
                "UPDATE users SET n = 7 WHERE user_id = $1",
                "BEGIN",
                "ROLLBACK");
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("COMMIT RELEASE");
            assertThatThrownBy(() -> statement.execute("SELECT 1"))
                    .isInstanceOf(SQLException.class);
        }
    }

    @Test
    void keepsSavepoints() throws SQLException {
        same(
                2,
                "SAVEPOINT outside",
                "ROLLBACK TO outside",
                "BEGIN",
                "SAVEPOINT early",
                "INSERT INTO users VALUES ($1, 1)",
                "SAVEPOINT a",
                "INSERT INTO users VALUES ($2, 1)",
                "SAVEPOINT b",
                "ROLLBACK TO SAVEPOINT A",
                "ROLLBACK TO b",
                "SHOW WARNINGS",
                "SELECT n FROM users WHERE user_id = $2",
                "RELEASE SAVEPOINT a",
                "ROLLBACK WORK TO a",
                "RELEASE SAVEPOINT nothing",
                "SELECT n FROM users WHERE user_id = $1",
                "ROLLBACK TO early",
                "SELECT n FROM users WHERE user_id = $1",
                "COMMIT",
                "ROLLBACK TO early");
    }

    @Test
    void setTransactionIsForTheNextOnly() throws SQLException {
        same(
                4,
                "INSERT INTO users VALUES ($1, 1)",
                "SET TRANSACTION READ ONLY",
                "BEGIN",
                "UPDATE users SET n = 2 WHERE user_id = $1",
                "SELECT n FROM users WHERE user_id = $1",
                "COMMIT",
                "UPDATE users SET n = 3 WHERE user_id = $1",
                "SET TRANSACTION READ ONLY",
                "UPDATE users SET n = 4 WHERE user_id = $1",
                "UPDATE users SET n = 5 WHERE user_id = $1",
                "BEGIN",
                "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
                "SELECT 1",
                "SET TRANSACTION READ ONLY",
                "ROLLBACK",
                "SET TRANSACTION READ ONLY",
                "SELEC",
                "UPDATE users SET n = 6 WHERE user_id = $1",
                "UPDATE users SET n = 7 WHERE user_id = $1",
                "START TRANSACTION READ ONLY",
                "DELETE FROM users WHERE user_id = $1",
                "ROLLBACK");
    }

    @Test
    void autocommitOffOpensATransactionWithTheFirstTable() throws SQLException {
        same(
                6,
                "SET autocommit = 0",
                "SELECT 1",
                "INSERT INTO users VALUES ($1, 1)",
                "ROLLBACK",
                "INSERT INTO users VALUES ($1, 2)",
                "COMMIT",
                "UPDATE users SET n = 3 WHERE user_id = $1",
                "SET autocommit = 1",
                "ROLLBACK",
                "SET autocommit = 0",
                "UPDATE users SET n = 4 WHERE user_id = $1",
                "SAVEPOINT s",
                "UPDATE users SET n = 5 WHERE user_id = $1",
                "ROLLBACK TO s",
                "BEGIN",
                "UPDATE users SET n = 6 WHERE user_id = $1",
                "SET autocommit = 1, @a = 1",
                "SELECT n FROM users WHERE user_id = $1",
                "BEGIN",
                "UPDATE users SET n = 7 WHERE user_id = $1",
                "SET autocommit = 1",
                "ROLLBACK");
    }

    @Test
    void definitionsCommit() throws SQLException {
        same(
                8,
                "BEGIN",
                "INSERT INTO users VALUES ($1, 1)",
                "CREATE TABLE made (user_id BIGINT NOT NULL PRIMARY KEY)",
                "ROLLBACK",
                "SELECT n FROM users WHERE user_id = $1",
                "DROP TABLE made");
    }

    @Test
    void aSecondWrittenShardIsRefusedAndReadsMayJoin() throws SQLException {
        long first = proxy.keyOn(1, 20);
        long second = proxy.keyOn(2, 20);
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("BEGIN");
            statement.execute("SAVEPOINT early");
            statement.execute("INSERT INTO users VALUES (" + first + ", 1)");
            statement.execute("SAVEPOINT a");
            statement.execute("UPDATE users SET n = 2 WHERE user_id = " + first);
            statement.execute("SELECT n FROM users WHERE user_id = " + second + " FOR UPDATE");
            assertThatThrownBy(
                            () -> statement.execute("INSERT INTO users VALUES (" + second + ", 1)"))
                    .hasMessageContaining("SW-4006");
            statement.execute("ROLLBACK TO a");
            statement.execute("SELECT n FROM users WHERE user_id = " + second);
            statement.execute("RELEASE SAVEPOINT early");
            statement.execute("COMMIT");
            assertThat(
                            SideBySide.describe(
                                    connection, "SELECT n FROM users WHERE user_id = " + first))
                    .contains("|1,");
            statement.execute("INSERT INTO users VALUES (" + second + ", 1)");
        }
    }

    @Test
    void aDeadlockEndsTheTransaction() throws Exception {
        long first = proxy.keyOn(1, 30);
        long second = proxy.keyOn(1, 31);
        try (Connection setup = proxy.connect()) {
            SideBySide.describe(setup, "INSERT INTO users VALUES (" + first + ", 0)");
            SideBySide.describe(setup, "INSERT INTO users VALUES (" + second + ", 0)");
        }
        try (Connection a = proxy.connect();
                Connection b = proxy.connect();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            String update = "UPDATE users SET n = n + 1 WHERE user_id = ";
            assertThat(SideBySide.describe(a, "BEGIN")).isEqualTo("count 0");
            assertThat(SideBySide.describe(b, "BEGIN")).isEqualTo("count 0");
            SideBySide.describe(a, update + first);
            SideBySide.describe(b, update + second);
            CompletableFuture<String> waiting =
                    CompletableFuture.supplyAsync(() -> describe(a, update + second), threads);
            String mine = describe(b, update + first);
            String theirs = waiting.join();
            Connection victim = mine.startsWith("error") ? b : a;
            Connection winner = victim == a ? b : a;
            assertThat(mine.startsWith("error") ? mine : theirs).startsWith("error 1213 40001");
            assertThat(SideBySide.describe(victim, "SHOW WARNINGS")).contains("1213");
            assertThat(SideBySide.describe(winner, "COMMIT")).isEqualTo("count 0");
            // The victim's transaction is over: this commits by itself.
            assertThat(SideBySide.describe(victim, update + first)).isEqualTo("count 1");
            assertThat(SideBySide.describe(winner, "SELECT n FROM users WHERE user_id = " + first))
                    .contains("|2,");
            SideBySide.describe(victim, "ROLLBACK");
            assertThat(SideBySide.describe(winner, "SELECT n FROM users WHERE user_id = " + first))
                    .contains("|2,");
        }
    }

    @Test
    void aLockWaitTimeoutKeepsTheTransaction() throws SQLException {
        long first = proxy.keyOn(1, 40);
        long second = proxy.keyOn(1, 41);
        try (Connection a = proxy.connect();
                Connection b = proxy.connect()) {
            SideBySide.describe(a, "INSERT INTO users VALUES (" + first + ", 0)");
            SideBySide.describe(a, "BEGIN");
            SideBySide.describe(a, "UPDATE users SET n = 1 WHERE user_id = " + first);
            SideBySide.describe(b, "SET innodb_lock_wait_timeout = 1");
            SideBySide.describe(b, "BEGIN");
            SideBySide.describe(b, "INSERT INTO users VALUES (" + second + ", 9)");
            assertThat(SideBySide.describe(b, "UPDATE users SET n = 2 WHERE user_id = " + first))
                    .startsWith("error 1205");
            assertThat(SideBySide.describe(a, "SELECT n FROM users WHERE user_id = " + second))
                    .doesNotContain("|");
            assertThat(SideBySide.describe(b, "COMMIT")).isEqualTo("count 0");
            SideBySide.describe(a, "COMMIT");
            assertThat(SideBySide.describe(a, "SELECT n FROM users WHERE user_id = " + second))
                    .contains("|9,");
            assertThat(SideBySide.describe(a, "SELECT n FROM users WHERE user_id = " + first))
                    .contains("|1,");
        }
    }

    @Test
    void aReadOnlyAccountMayNotWrite() throws SQLException {
        try (Connection reader =
                java.sql.DriverManager.getConnection(proxy.url(), "reader", "reader")) {
            long key = proxy.keyOn(1, 50);
            assertThat(SideBySide.describe(reader, "INSERT INTO users VALUES (" + key + ", 1)"))
                    .contains("SW-");
            assertThat(
                            SideBySide.describe(
                                    reader,
                                    "CREATE TABLE nope (user_id BIGINT NOT NULL PRIMARY KEY)"))
                    .contains("SW-");
            assertThat(SideBySide.describe(reader, "SELECT n FROM users WHERE user_id = " + key))
                    .doesNotContain("error");
            assertThat(SideBySide.describe(reader, "SET @a = 1")).isEqualTo("count 0");
        }
    }

    private static String describe(Connection connection, String sql) {
        try {
            return SideBySide.describe(connection, sql);
        } catch (SQLException failed) {
            throw new IllegalStateException(failed);
        }
    }
}
