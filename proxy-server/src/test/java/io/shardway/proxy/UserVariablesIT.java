package io.shardway.proxy;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** User variables of a session whose statements go to different shards, compared with MySQL. */
@Timeout(180)
class UserVariablesIT {

    private static Twin twin;
    private static long first;
    private static long second;

    @BeforeAll
    static void start() throws SQLException {
        twin =
                Twin.start(
                        "CREATE TABLE notes (user_id BIGINT NOT NULL, n INT NOT NULL, t VARCHAR(100),"
                                + " d DECIMAL(12,4), w DATETIME(3), b VARBINARY(20), j JSON,"
                                + " PRIMARY KEY (user_id, n))");
        first = twin.keyOn(1, 0);
        second = twin.keyOn(2, 0);
        for (long user : List.of(first, second)) {
            twin.define(
                    ("INSERT INTO notes VALUES (%1$d, 1, 'a', 1.5, '2020-01-02 03:04:05.678',"
                                    + " x'00FF27', '{\"k\": [1, \"x\"]}'),"
                                    + " (%1$d, 2, NULL, NULL, NULL, NULL, NULL)")
                            .formatted(user));
        }
    }

    @AfterAll
    static void stop() {
        if (twin != null) {
            twin.close();
        }
    }

    private static void same(String... statements) throws SQLException {
        for (String parameters : List.of("", "useServerPrepStmts=true")) {
            twin.same(
                    parameters,
                    (connection, transcript) -> {
                        try (Statement statement = connection.createStatement()) {
                            for (String sql : statements) {
                                transcript.run(
                                        statement,
                                        sql.replace("FIRST", "" + first)
                                                .replace("SECOND", "" + second));
                            }
                        }
                        try (PreparedStatement prepared =
                                connection.prepareStatement(
                                        "SELECT @p := ?, n FROM notes WHERE user_id = ?")) {
                            for (long user : List.of(first, second)) {
                                prepared.setString(1, "for " + user);
                                prepared.setLong(2, user);
                                transcript.rows(prepared.executeQuery());
                                try (Statement statement = connection.createStatement()) {
                                    transcript.run(statement, "SELECT @p");
                                }
                            }
                        }
                    });
        }
    }

    @Test
    void valuesOfAllTypesGoFromShardToShard() throws SQLException {
        same(
                "SELECT t, d, w, b, j INTO @t, @d, @w, @b, @j FROM notes WHERE user_id = FIRST AND n = 1",
                "SELECT @t, @d, @w, HEX(@b), @j, COLLATION(@t), COLLATION(@b), COLLATION(@j) FROM notes"
                        + " WHERE user_id = SECOND AND n = 1",
                "SELECT n FROM notes WHERE user_id = SECOND AND t = @t AND d = @d AND w = @w AND b = @b",
                "SELECT JSON_EXTRACT(@j, '$.k[1]'), @d + 1, @d / 3 FROM notes WHERE user_id = SECOND AND n = 1",
                "SELECT t, d INTO @t, @d FROM notes WHERE user_id = SECOND AND n = 2",
                "SELECT @t IS NULL, @d IS NULL FROM notes WHERE user_id = FIRST AND n = 1",
                "SELECT @i := 18446744073709551615, @r := 1.5e300, @x := 0x41, @bits := b'101', @y := TRUE",
                "SELECT @i, @r, @x, @bits + 0, @y, @i - 1 FROM notes WHERE user_id = SECOND AND n = 1");
    }

    @Test
    void statementsCountWithThem() throws SQLException {
        same(
                "SET @row := 0",
                "SELECT @row := @row + 1 AS r, n FROM notes WHERE user_id = FIRST ORDER BY n",
                "SELECT @row := @row + 1 AS r, n FROM notes WHERE user_id = SECOND ORDER BY n",
                "SELECT @row",
                "UPDATE notes SET t = CONCAT('row ', @row := @row + 1) WHERE user_id = SECOND AND n = 2",
                "SELECT @row, t FROM notes WHERE user_id = SECOND",
                "INSERT INTO notes (user_id, n, t) VALUES (FIRST, 3, @row := @row * 2)",
                "SELECT t, @row FROM notes WHERE user_id = FIRST AND n = 3",
                "DELETE FROM notes WHERE user_id = FIRST AND n = 3 AND t = @row",
                "SELECT n INTO @none FROM notes WHERE user_id = FIRST AND n = 99",
                "SHOW WARNINGS",
                "SELECT @none IS NULL",
                "SELECT n INTO @many FROM notes WHERE user_id = FIRST",
                "SELECT @many",
                "SELECT n, t INTO @one FROM notes WHERE user_id = FIRST",
                "SELECT @one, @One, @`one`, @'one'",
                "UPDATE notes SET t = NULL WHERE user_id = SECOND AND n = 2");
    }

    @Test
    void whatIsUnsignedStaysSo() throws SQLException {
        same(
                "SET @u = CAST(1 AS UNSIGNED), @s = 1",
                "SELECT @u, @s, @s - 2 FROM notes WHERE user_id = SECOND AND n = 1",
                "SELECT @u - 2 FROM notes WHERE user_id = FIRST AND n = 1",
                "SELECT @u - 2 FROM notes WHERE user_id = SECOND AND n = 1",
                "PREPARE p FROM 'SELECT n, ? FROM notes WHERE user_id = ? AND n = 1'",
                "SET @k = CAST(FIRST AS UNSIGNED)",
                "EXECUTE p USING @u, @k",
                "SET @k = CAST(SECOND AS UNSIGNED)",
                "EXECUTE p USING @u, @k");
    }

    @Test
    void failedAndRolledBackStatementsLeaveWhatTheyAssigned() throws SQLException {
        same(
                "SET @a = 'before', @b = 'before'",
                "SELECT @a := n, (SELECT 1 UNION SELECT 2) FROM notes WHERE user_id = FIRST",
                "SELECT @a",
                "INSERT INTO notes (user_id, n, t) VALUES (SECOND, 1, @b := 'twice')",
                "SELECT @a, @b FROM notes WHERE user_id = FIRST",
                "START TRANSACTION",
                "SELECT @a := 'in it' FROM notes WHERE user_id = SECOND FOR UPDATE",
                "ROLLBACK",
                "SELECT @a, @b");
    }
}
