package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** GET DIAGNOSTICS tells what MySQL would, whichever connection the statement before it had. */
@Timeout(180)
class GetDiagnosticsIT {

    private static final String CONDITION =
            "GET DIAGNOSTICS CONDITION 1 @m = MESSAGE_TEXT, @s = RETURNED_SQLSTATE, @e = MYSQL_ERRNO";
    private static final String SELECT =
            "SELECT @m, @s, @e, COLLATION(@m), COLLATION(@s), COERCIBILITY(@e)";
    private static final String STATEMENT = "GET DIAGNOSTICS @n = NUMBER, @r = ROW_COUNT";

    private static Twin twin;

    @BeforeAll
    static void start() throws SQLException {
        twin =
                Twin.startPlain(
                        "CREATE TABLE t (id INT PRIMARY KEY)",
                        "CREATE PROCEDURE fails () SIGNAL SQLSTATE '45123'"
                                + " SET MESSAGE_TEXT = 'not so', MYSQL_ERRNO = 1062",
                        "CREATE PROCEDURE changes () SET @m = 'changed'");
    }

    @AfterAll
    static void stop() {
        if (twin != null) {
            twin.close();
        }
    }

    private static void same(String... statements) throws SQLException {
        twin.same(
                "",
                (connection, transcript) -> {
                    try (Statement statement = connection.createStatement()) {
                        for (String sql : statements) {
                            transcript.run(statement, sql);
                        }
                    }
                });
    }

    @Test
    void theStatementBeforeIsTold() throws SQLException {
        same(
                "INSERT INTO t VALUES (1), (2)",
                STATEMENT,
                "SELECT ROW_COUNT()",
                "SELECT @n, @r",
                "UPDATE t SET id = id + 10 WHERE id = 1",
                STATEMENT,
                "GET CURRENT DIAGNOSTICS @`R 2` = ROW_COUNT",
                "SELECT @n, @r, @`r 2`",
                "SELECT @n - 2",
                "SELECT * FROM t",
                STATEMENT,
                "SELECT @n, @r",
                "DELETE FROM t");
    }

    @Test
    void anErrorIsTold() throws SQLException {
        same(
                "INSERT INTO t VALUES (1)",
                "INSERT INTO t VALUES (1)",
                STATEMENT,
                CONDITION,
                "SHOW WARNINGS",
                CONDITION,
                SELECT,
                "DROP TABLE nothing_such",
                CONDITION,
                SELECT,
                "SELECT @n, @r",
                "SELEC",
                CONDITION,
                SELECT,
                "CALL fails()",
                CONDITION,
                SELECT,
                "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'hm \uD83D\uDE00 \u00e4\u20ac'",
                CONDITION,
                SELECT,
                "SELECT HEX(@m)",
                "RESIGNAL",
                CONDITION,
                SELECT,
                "BEGIN",
                "INSERT INTO t VALUES (1)",
                CONDITION,
                "ROLLBACK",
                SELECT,
                "DELETE FROM t");
    }

    @Test
    void warningsAreTold() throws SQLException {
        same(
                "SELECT CAST('x' AS SIGNED), CAST('y' AS SIGNED)",
                STATEMENT,
                "GET DIAGNOSTICS CONDITION 2 @m = MESSAGE_TEXT, @e = MYSQL_ERRNO",
                "SELECT @n, @r, @m, @e");
    }

    @Test
    void whatIsNotThereIsAWarning() throws SQLException {
        same(
                "DROP TABLE nothing_such",
                "GET DIAGNOSTICS CONDITION 2 @none = MESSAGE_TEXT",
                "SHOW WARNINGS",
                STATEMENT,
                "SELECT @n, @r, @none",
                "SELECT 1",
                "GET DIAGNOSTICS CONDITION 1 @none = MESSAGE_TEXT",
                "SHOW WARNINGS",
                "DROP TABLE nothing_such",
                "GET DIAGNOSTICS CONDITION 0 @none = MESSAGE_TEXT",
                "SHOW COUNT(*) WARNINGS");
    }

    @Test
    void outsideOfHandlersNothingIsStacked() throws SQLException {
        same(
                "DROP TABLE nothing_such",
                "GET STACKED DIAGNOSTICS @n = NUMBER",
                "SHOW WARNINGS",
                "SELECT ROW_COUNT()",
                "PREPARE g FROM 'GET DIAGNOSTICS @n = NUMBER'");
    }

    @Test
    void everyOtherStatementBeginsAnew() throws SQLException {
        for (String sql :
                List.of(
                        "BEGIN",
                        "COMMIT",
                        "SAVEPOINT s",
                        "SET @a = 1",
                        "SET TRANSACTION READ ONLY",
                        "UNLOCK TABLES",
                        "PREPARE x FROM 'SELECT 1'",
                        "KILL 99999999",
                        "SELECT @@warning_count")) {
            same("DROP TABLE nothing_such", sql, "SHOW WARNINGS", STATEMENT, "SELECT @n, @r");
        }
        try (Connection connection = twin.proxied("")) {
            SideBySide.describe(connection, "DROP TABLE nothing_such");
            SideBySide.describe(connection, "SHOW DATABASES");
            assertThat(SideBySide.describe(connection, "SHOW WARNINGS")).doesNotContain("|");
        }
    }

    @Test
    void aVariableThatAProcedureChangedIsSetAgain() throws SQLException {
        same(
                "DROP TABLE nothing_such",
                CONDITION,
                "PREPARE c FROM 'CALL changes()'",
                "EXECUTE c",
                "SELECT @m",
                "DROP TABLE nothing_such",
                CONDITION,
                "SELECT @m");
    }

    @Test
    void aHandlerReadsTheNodesOwn() throws SQLException {
        same(
                """
                CREATE PROCEDURE handles ()
                BEGIN
                  DECLARE EXIT HANDLER FOR SQLEXCEPTION
                  BEGIN
                    GET STACKED DIAGNOSTICS CONDITION 1 @m = MESSAGE_TEXT, @s = RETURNED_SQLSTATE;
                    GET CURRENT DIAGNOSTICS @n = NUMBER;
                    RESIGNAL;
                  END;
                  CALL fails();
                END\
                """,
                "CALL handles()",
                "SELECT @m, @s, @n",
                CONDITION,
                "SELECT @m, @s, @e",
                "DROP PROCEDURE handles");
    }

    @Test
    void itIsTheSessionsOwn() throws SQLException {
        try (Connection one = twin.proxied("");
                Connection other = twin.proxied("")) {
            SideBySide.describe(one, "SET @m = 'before'");
            SideBySide.describe(one, "DROP TABLE mine");
            SideBySide.describe(other, "DROP TABLE others");
            SideBySide.describe(other, "SELECT 1");
            SideBySide.describe(one, CONDITION);
            SideBySide.describe(other, STATEMENT);
            assertThat(SideBySide.describe(one, "SELECT @m, @s, @e")).contains("mine", "42S02");
            assertThat(SideBySide.describe(other, "SELECT @n, @m")).endsWith("|0, null, ");
        }
    }

    @Test
    void whatIsNotKeptIsRefused() throws SQLException {
        try (Connection connection = twin.proxied("")) {
            SideBySide.describe(connection, "SELECT CAST('x' AS SIGNED)");
            assertThat(SideBySide.describe(connection, CONDITION))
                    .contains("SW-2006", "RETURNED_SQLSTATE");
            assertThat(
                            SideBySide.describe(
                                    connection, "GET DIAGNOSTICS CONDITION 1 @t = TABLE_NAME"))
                    .contains("SW-2006", "TABLE_NAME");
            assertThat(
                            SideBySide.describe(
                                    connection, "GET DIAGNOSTICS CONDITION @i @m = MESSAGE_TEXT"))
                    .contains("SW-2005");
            SideBySide.describe(connection, "SET NAMES latin1");
            SideBySide.describe(connection, "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what?'");
            assertThat(SideBySide.describe(connection, CONDITION)).contains("SW-2006", "latin1");
        }
    }

    @Test
    void aShardedKeyspaceTellsItsOwnRefusals() throws SQLException {
        try (Connection connection = twin.proxy().connect()) {
            SideBySide.describe(connection, "FLUSH TABLES");
            SideBySide.describe(connection, CONDITION);
            assertThat(SideBySide.describe(connection, "SELECT @m, @s, @e"))
                    .contains("SW-2006", "42000", "1235");
        }
    }
}
