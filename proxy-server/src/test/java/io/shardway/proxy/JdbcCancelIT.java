package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mysql.cj.jdbc.exceptions.MySQLTimeoutException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Statements that Connector/J cuts short over a second connection. */
@Timeout(90)
class JdbcCancelIT {

    private static final String SLEEPERS =
            "SELECT COUNT(*) FROM information_schema.processlist WHERE state = 'User sleep' AND db = ?";
    private static final String LOCKING_READS =
            "SELECT COUNT(*) FROM information_schema.processlist"
                    + " WHERE info LIKE '%FOR UPDATE' AND id <> CONNECTION_ID() AND db = ?";

    private static Twin twin;

    @BeforeAll
    static void start() throws SQLException {
        twin = Twin.start("CREATE TABLE slow (user_id BIGINT NOT NULL PRIMARY KEY, n INT)");
        try (Connection connection = twin.proxied("");
                Statement statement = connection.createStatement()) {
            for (int shard = 1; shard <= 2; shard++) {
                for (int n = 0; n < 2; n++) {
                    statement.execute("INSERT INTO slow VALUES (" + twin.keyOn(shard, n) + ", 1)");
                }
            }
        }
    }

    @AfterAll
    static void stop() {
        twin.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "useServerPrepStmts=true", "sslMode=DISABLED"})
    void aQueryTimeoutEndsTheStatementAndTheConnectionLives(String parameters) throws SQLException {
        try (Connection connection = twin.proxied(parameters)) {
            for (int shard = 1; shard <= 2; shard++) {
                try (PreparedStatement select =
                        connection.prepareStatement(
                                "SELECT n FROM slow WHERE user_id = ? AND SLEEP(?) = 0")) {
                    select.setQueryTimeout(1);
                    select.setLong(1, twin.keyOn(shard, 0));
                    select.setInt(2, 60);
                    assertThatThrownBy(select::executeQuery)
                            .isInstanceOf(MySQLTimeoutException.class);
                    select.setInt(2, 0);
                    try (ResultSet rows = select.executeQuery()) {
                        assertThat(rows.next()).isTrue();
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "useServerPrepStmts=true"})
    void cancelEndsAStatementInATransactionWithoutEndingTheTransaction(String parameters)
            throws Exception {
        try (Connection connection = twin.proxied(parameters);
                var executor = Executors.newSingleThreadExecutor()) {
            for (int shard = 1; shard <= 2; shard++) {
                long key = twin.keyOn(shard, 0);
                connection.setAutoCommit(false);
                String lock = "SELECT n FROM slow WHERE user_id = ? FOR UPDATE";
                try (Connection holder = twin.proxy().onShard(shard);
                        PreparedStatement held = holder.prepareStatement(lock);
                        Statement write = connection.createStatement();
                        PreparedStatement select = connection.prepareStatement(lock)) {
                    holder.setAutoCommit(false);
                    held.setLong(1, twin.keyOn(shard, 1));
                    held.executeQuery().close();
                    write.executeUpdate("UPDATE slow SET n = n + 1 WHERE user_id = " + key);
                    select.setLong(1, twin.keyOn(shard, 1));
                    var running = CompletableFuture.supplyAsync(() -> failureOf(select), executor);
                    await(shard, LOCKING_READS, 1);
                    select.cancel();
                    assertThat(running.get())
                            .isInstanceOf(SQLException.class)
                            .hasMessageMatching(".*(cancelled|interrupted).*");
                    holder.rollback();
                    connection.commit();
                    try (ResultSet rows =
                            write.executeQuery("SELECT n FROM slow WHERE user_id = " + key)) {
                        rows.next();
                        assertThat(rows.getInt(1)).isGreaterThan(1);
                    }
                }
                connection.commit();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void abortClosesTheConnectionAndTheNodesStatement(int shard) throws Exception {
        try (var executor = Executors.newSingleThreadExecutor();
                Connection connection = twin.proxied("");
                PreparedStatement select =
                        connection.prepareStatement(
                                "SELECT n FROM slow WHERE user_id = ? AND SLEEP(60) = 0")) {
            select.setLong(1, twin.keyOn(shard, 0));
            var running = CompletableFuture.supplyAsync(() -> failureOf(select), executor);
            await(shard, SLEEPERS, 1);
            connection.abort(Runnable::run);
            assertThat(running.get()).isInstanceOf(SQLException.class);
            await(shard, SLEEPERS, 0);
        }
    }

    private static Throwable failureOf(PreparedStatement statement) {
        try (ResultSet rows = statement.executeQuery()) {
            return new AssertionError("answered: " + rows.next());
        } catch (SQLException failed) {
            return failed;
        }
    }

    private static void await(int shard, String statements, int count) throws SQLException {
        Instant deadline = Instant.now().plus(Duration.ofSeconds(20));
        try (Connection connection = twin.proxy().onShard(shard);
                PreparedStatement select = connection.prepareStatement(statements)) {
            select.setString(1, twin.proxy().keyspace());
            while (true) {
                try (ResultSet rows = select.executeQuery()) {
                    rows.next();
                    if (rows.getInt(1) == count) {
                        return;
                    }
                }
                assertThat(Instant.now()).as("not %d of %s", count, statements).isBefore(deadline);
                Thread.onSpinWait();
            }
        }
    }
}
