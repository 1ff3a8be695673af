package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Transactions as Connector/J makes them. */
@Timeout(60)
class JdbcTransactionIT {

    private static Twin twin;

    @BeforeAll
    static void start() throws SQLException {
        twin =
                Twin.start(
                        "CREATE TABLE accounts (user_id BIGINT NOT NULL PRIMARY KEY, balance INT NOT NULL)");
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
                    statement.execute(
                            "REPLACE INTO accounts VALUES (" + twin.keyOn(shard, 0) + ", 100)");
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "useLocalSessionState=true",
                "useLocalTransactionState=true&useLocalSessionState=true",
                "alwaysSendSetIsolation=false"
            })
    void isolationLevelsHoldOnBothShards(String parameters) throws SQLException {
        try (Connection connection = twin.proxied(parameters);
                Connection other = twin.proxied("")) {
            for (int level :
                    new int[] {
                        Connection.TRANSACTION_READ_COMMITTED,
                        Connection.TRANSACTION_REPEATABLE_READ,
                        Connection.TRANSACTION_READ_UNCOMMITTED
                    }) {
                connection.setAutoCommit(true);
                connection.setTransactionIsolation(level);
                assertThat(connection.getTransactionIsolation()).isEqualTo(level);
                connection.setAutoCommit(false);
                for (int shard = 1; shard <= 2; shard++) {
                    long key = twin.keyOn(shard, 0);
                    int before = balance(connection, key);
                    other.setAutoCommit(false);
                    add(other, key, 1);
                    boolean dirty = level == Connection.TRANSACTION_READ_UNCOMMITTED;
                    assertThat(balance(connection, key)).isEqualTo(dirty ? before + 1 : before);
                    other.commit();
                    boolean repeatable = level == Connection.TRANSACTION_REPEATABLE_READ;
                    assertThat(balance(connection, key))
                            .isEqualTo(repeatable ? before : before + 1);
                }
                connection.commit();
            }
        }
    }

    @Test
    void readOnlyRefusesWritesAsMySqlDoes() throws SQLException {
        twin.same(
                "",
                (connection, transcript) -> {
                    for (int shard = 1; shard <= 2; shard++) {
                        long key = twin.keyOn(shard, 0);
                        connection.setReadOnly(true);
                        transcript.note(connection.isReadOnly());
                        transcript.attempt(() -> add(connection, key, 1));
                        connection.setAutoCommit(false);
                        transcript.note(balance(connection, key));
                        transcript.attempt(() -> add(connection, key, 1));
                        connection.commit();
                        connection.setReadOnly(false);
                        transcript.attempt(() -> add(connection, key, 1));
                        connection.commit();
                        connection.setAutoCommit(true);
                        transcript.note(balance(connection, key));
                    }
                });
    }

    @Test
    void theServerRefusesWritesOfAReadOnlyTransaction() throws SQLException {
        twin.same(
                "readOnlyPropagatesToServer=true",
                (connection, transcript) -> {
                    try (Statement statement = connection.createStatement()) {
                        for (int shard = 1; shard <= 2; shard++) {
                            long key = twin.keyOn(shard, 0);
                            for (String sql :
                                    List.of(
                                            "START TRANSACTION READ ONLY",
                                            "UPDATE accounts SET balance = 0 WHERE user_id = "
                                                    + key,
                                            "SELECT balance FROM accounts WHERE user_id = " + key,
                                            "COMMIT",
                                            "SET SESSION TRANSACTION READ ONLY",
                                            "UPDATE accounts SET balance = 0 WHERE user_id = "
                                                    + key,
                                            "SELECT @@transaction_read_only",
                                            "SET SESSION TRANSACTION READ WRITE",
                                            "SET TRANSACTION READ ONLY",
                                            "UPDATE accounts SET balance = 0 WHERE user_id = "
                                                    + key,
                                            "UPDATE accounts SET balance = 7 WHERE user_id = "
                                                    + key,
                                            "SELECT balance FROM accounts WHERE user_id = "
                                                    + key)) {
                                transcript.run(statement, sql);
                            }
                        }
                    }
                });
    }

    @Test
    void savepointsGoBackToWhereTheyWereSet() throws SQLException {
        twin.same(
                "",
                (connection, transcript) -> {
                    for (int shard = 1; shard <= 2; shard++) {
                        long key = twin.keyOn(shard, 0);
                        connection.setAutoCommit(false);
                        Savepoint early = connection.setSavepoint("before anything");
                        transcript.run(connection.createStatement(), "SELECT 1");
                        transcript.note(add(connection, key, 1));
                        Savepoint named = connection.setSavepoint("a `quoted` name");
                        transcript.note(add(connection, key, 10));
                        Savepoint unnamed = connection.setSavepoint();
                        transcript.note(add(connection, key, 100));
                        transcript.note(balance(connection, key));
                        connection.rollback(unnamed);
                        transcript.note(balance(connection, key));
                        connection.rollback(named);
                        transcript.note(balance(connection, key));
                        connection.releaseSavepoint(named);
                        transcript.attempt(() -> {
                            connection.rollback(named);
                            return "back";
                        });
                        connection.rollback(early);
                        transcript.note(balance(connection, key));
                        add(connection, key, 5);
                        connection.commit();
                        transcript.note(balance(connection, key));
                    }
                });
    }

    @Test
    void autocommitSwitchedOnCommits() throws SQLException {
        try (Connection connection = twin.proxied("");
                Connection other = twin.proxied("")) {
            for (int shard = 1; shard <= 2; shard++) {
                long key = twin.keyOn(shard, 0);
                connection.setAutoCommit(false);
                add(connection, key, 1);
                assertThat(balance(other, key)).isEqualTo(100);
                connection.setAutoCommit(true);
                assertThat(balance(other, key)).isEqualTo(101);
                add(connection, key, 1);
                assertThat(balance(other, key)).isEqualTo(102);
                connection.setAutoCommit(false);
                add(connection, key, 1);
                connection.rollback();
                assertThat(balance(other, key)).isEqualTo(102);
                assertThatThrownBy(() ->
                                connection
                                        .createStatement()
                                        .execute(
                                                "SELECT wrong FROM accounts WHERE user_id = "
                                                        + key))
                        .isInstanceOf(SQLException.class);
                add(connection, key, 1);
                connection.commit();
                assertThat(balance(other, key)).isEqualTo(103);
            }
        }
    }

    @Test
    void closingRollsBack() throws SQLException {
        for (int shard = 1; shard <= 2; shard++) {
            long key = twin.keyOn(shard, 0);
            try (Connection connection = twin.proxied("")) {
                connection.setAutoCommit(false);
                add(connection, key, 1);
            }
            try (Connection other = twin.proxied("")) {
                assertThat(balance(other, key)).isEqualTo(100);
                assertThat(add(other, key, 0)).isEqualTo(1);
            }
        }
    }

    @Test
    void statementsThatCommitImplicitlyCommit() throws SQLException {
        try (Connection connection = twin.proxied("");
                Connection other = twin.proxied("")) {
            long key = twin.keyOn(2, 0);
            connection.setAutoCommit(false);
            add(connection, key, 1);
            connection
                    .createStatement()
                    .execute("CREATE TABLE made (user_id BIGINT NOT NULL PRIMARY KEY)");
            assertThat(balance(other, key)).isEqualTo(101);
            connection.rollback();
            assertThat(balance(other, key)).isEqualTo(101);
            add(connection, key, 1);
            connection.createStatement().execute("BEGIN");
            assertThat(balance(other, key)).isEqualTo(102);
            connection.rollback();
        }
    }

    @Test
    void aLockWaitTimeoutFailsTheStatementOnly() throws SQLException {
        try (Connection holder = twin.proxied("");
                Connection waiter = twin.proxied("sessionVariables=innodb_lock_wait_timeout=1")) {
            long key = twin.keyOn(2, 0);
            holder.setAutoCommit(false);
            add(holder, key, 1);
            waiter.setAutoCommit(false);
            assertThatThrownBy(() -> add(waiter, key, 1))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            failed -> assertThat(failed.getErrorCode()).isEqualTo(1205));
            holder.commit();
            add(waiter, key, 1);
            waiter.commit();
            assertThat(balance(holder, key)).isEqualTo(102);
        }
    }

    private static int add(Connection connection, long key, int amount) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return statement.executeUpdate(
                    "UPDATE accounts SET balance = balance + %d WHERE user_id = %d"
                            .formatted(amount, key));
        }
    }

    private static int balance(Connection connection, long key) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT balance FROM accounts WHERE user_id = " + key)) {
            rows.next();
            return rows.getInt(1);
        }
    }
}
