package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * SET in its forms, as MySQL itself would do it, with every session on the same backend connection.
 */
@Timeout(120)
class SessionSettingsIT {

    private static TestProxy proxy;

    @BeforeAll
    static void start() throws SQLException {
        proxy =
                TestProxy.start(
                        Map.of("backend.connections-max", "1", "frontend.event-loops", "1"));
        SideBySide.prepare(proxy);
    }

    @AfterAll
    static void stop() {
        proxy.close();
    }

    private static void same(String... statements) throws SQLException {
        try (SideBySide both = SideBySide.open(proxy);
                SideBySide other = SideBySide.open(proxy)) {
            for (String sql : statements) {
                both.same(sql);
                other.same(
                        "SELECT @@sql_mode, @@time_zone, @@autocommit, @@character_set_results,"
                                + " @@character_set_client, @@collation_connection, @@transaction_isolation,"
                                + " @@transaction_read_only, @@sql_select_limit, @a IS NULL, @b IS NULL, @c IS NULL, @old IS NULL,"
                                + " @@foreign_key_checks, @@unique_checks, @@lc_time_names, @@lock_wait_timeout");
            }
        }
    }

    @Test
    void changesTheSqlModeByItsOwnValue() throws SQLException {
        same(
                "SET sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES')",
                "SELECT @@sql_mode, \"a\"",
                "SELECT 'a' \"b\"",
                "SET SESSION sql_mode = CONCAT(@@sql_mode, ',NO_BACKSLASH_ESCAPES')",
                "SELECT 'a\\', @@sql_mode",
                "SET @@session.sql_mode = REPLACE(@@sql_mode, 'ANSI_QUOTES', '')",
                "SELECT \"a\", @@sql_mode",
                "SET sql_mode = ''",
                "SELECT @@sql_mode",
                "SET sql_mode = DEFAULT",
                "SELECT @@sql_mode");
    }

    @Test
    void setsCharacterSetsAndCollations() throws SQLException {
        same(
                "SET NAMES utf8mb4 COLLATE utf8mb4_general_ci",
                "SELECT @@collation_connection, COLLATION('a'), COERCIBILITY('a')",
                "SET NAMES latin1",
                "SELECT @@character_set_client, @@character_set_connection, @@character_set_results, @@collation_connection",
                "SET NAMES 'utf8mb4' COLLATE 'utf8mb4_0900_bin'",
                "SELECT @@collation_connection",
                "SET NAMES DEFAULT",
                "SELECT @@collation_connection",
                "SET CHARACTER SET utf8mb4",
                "SELECT @@character_set_client, @@character_set_connection, @@character_set_results, @@collation_connection",
                "SET character_set_results = NULL",
                "SELECT @@character_set_results",
                "SET collation_connection = utf8mb4_unicode_ci",
                "SELECT @@character_set_connection, COLLATION('a')",
                "SET NAMES klingon",
                "SET NAMES utf8mb4 COLLATE latin1_bin",
                "SELECT COLLATION('a')");
    }

    @Test
    void setsListsAndExpressions() throws SQLException {
        same(
                "SET autocommit = 0, @a = 1 + 1, sql_select_limit = 3, time_zone = '+05:30'",
                "SELECT @a, @@autocommit, @@sql_select_limit, @@time_zone",
                "SET @@session.autocommit := ON, @b := CONCAT('x', @a), @c = NULL",
                "SELECT @a, @b, @c, @@autocommit",
                "SET @a = 1.50, @b = 1e10, @c = X'00FF27'",
                "SELECT @a, @b, HEX(@c), COLLATION(@c), @a + 1, @b + 1",
                "SET @a = CAST(5 AS DECIMAL(10,0)), @b = 18446744073709551615, @c = _latin1'ä'",
                "SELECT @a / 3, @b, @c, COLLATION(@c)",
                "SET @a = (@b := 3) + 1",
                "SELECT @a, @b",
                "SET @A = 'upper', @`b` = 'quoted', @'c' = \"it's \\\\ back\"",
                "SELECT @a, @B, @c, LENGTH(@c)",
                "SET @c = CAST('{\"k\": [1, 2]}' AS JSON)",
                "SELECT JSON_EXTRACT(@c, '$.k[1]'), @c",
                "SET timestamp = 1000000000.5",
                "SELECT @@timestamp, NOW(3), UNIX_TIMESTAMP()",
                "SET timestamp = DEFAULT",
                "SELECT @@timestamp > 1700000000");
    }

    @Test
    void takesOverVariablesThatSelectAssigns() throws SQLException {
        same(
                "SELECT @b := 3",
                "SELECT @b",
                "SELECT 'x', 4 INTO @a, @c",
                "SELECT @a, @c",
                "SELECT @a := @c + 1, @b := CONCAT(@a, 'y')",
                "SELECT @a, @b",
                "DO @a := 9",
                "SELECT @a",
                "SELECT 1 INTO @nothing_else",
                "SELECT @a := 1, (SELECT 1 UNION SELECT 2)",
                "SELECT @a",
                "DO @b := 2, (SELECT 1 UNION SELECT 2)",
                "SET @c = (@b := 8) + 1, @old = (SELECT 1 UNION SELECT 2)",
                "SELECT @a, @b, @c");
    }

    @Test
    void refusesABadSetAtOnceAndTheSessionLivesOn() throws SQLException {
        same(
                "SET @a = 1",
                "SET no_such_variable = 1",
                "SHOW WARNINGS",
                "SET sql_mode = 'NO_SUCH_MODE'",
                "SET @a = 2, time_zone = 'Nowhere/At_All'",
                "SELECT @a",
                "SET version = 'x'",
                "SET autocommit = 7",
                "SET time_zone = NULL",
                "SET sql_select_limit = -1",
                "SHOW WARNINGS",
                "SELECT @@sql_select_limit, @a, @@time_zone");
    }

    @Test
    void understandsTheHeadAndFootOfADump() throws SQLException {
        same(
                "/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */",
                "/*!40101 SET @OLD_CHARACTER_SET_RESULTS=@@CHARACTER_SET_RESULTS */",
                "/*!40101 SET @OLD_COLLATION_CONNECTION=@@COLLATION_CONNECTION */",
                "/*!50503 SET NAMES utf8mb4 */",
                "/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */",
                "/*!40103 SET TIME_ZONE='+00:00' */",
                "/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */",
                "/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */",
                "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */",
                "/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */",
                "SELECT @@unique_checks, @@foreign_key_checks, @@sql_mode, @@sql_notes, @@time_zone",
                "/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */",
                "/*!40101 SET SQL_MODE=@OLD_SQL_MODE */",
                "/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */",
                "/*!40014 SET UNIQUE_CHECKS=@OLD_UNIQUE_CHECKS */",
                "/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */",
                "/*!40101 SET CHARACTER_SET_RESULTS=@OLD_CHARACTER_SET_RESULTS */",
                "/*!40101 SET COLLATION_CONNECTION=@OLD_COLLATION_CONNECTION */",
                "/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */",
                "SELECT @@unique_checks, @@foreign_key_checks, @@sql_mode, @@sql_notes, @@time_zone,"
                        + " @@character_set_client, @@character_set_results, @@collation_connection");
    }

    @Test
    void setsIsolationAndAccessModeOfTheSession() throws SQLException {
        same(
                "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
                "SELECT @@transaction_isolation, @@session.transaction_isolation",
                "SET SESSION TRANSACTION READ ONLY",
                "SELECT @@transaction_read_only",
                "SET SESSION TRANSACTION READ WRITE, ISOLATION LEVEL SERIALIZABLE",
                "SELECT @@transaction_isolation, @@transaction_read_only",
                "SET SESSION transaction_isolation = 'READ-UNCOMMITTED'",
                "SELECT @@transaction_isolation",
                "SET SESSION transaction_isolation = DEFAULT",
                "SELECT @@transaction_isolation");
    }

    @Test
    void refusesCharacterSetsInWhichAsciiIsNoAscii() throws SQLException {
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET @cs = 'swe7', @a = 'kept'");
            assertThat(SideBySide.describe(connection, "SET @a = ")).contains("error 1064");
            for (String sql :
                    List.of(
                            "SET NAMES swe7",
                            "SET character_set_client = swe7",
                            "SET character_set_client = @cs",
                            "SET @a = 'lost', character_set_client = @cs, sql_select_limit = 5",
                            "SET NAMES utf16",
                            "SET character_set_client = 28")) {
                assertThatThrownBy(() -> statement.execute(sql))
                        .as(sql)
                        .isInstanceOf(SQLException.class)
                        .hasMessageContaining("SW-");
            }
            assertThat(
                            SideBySide.describe(
                                    connection,
                                    "SELECT @@character_set_client, @a, @@sql_select_limit > 5"))
                    .contains("|utf8mb4, kept, 1, ");
        }
    }

    @Test
    void boundsWhatUserVariablesHold() throws SQLException {
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET @a = REPEAT('x', 1000000)");
            assertThatThrownBy(() -> statement.execute("SET @b = REPEAT('x', 100000)"))
                    .hasMessageContaining("SW-5005");
            assertThat(SideBySide.describe(connection, "SELECT LENGTH(@a), @b"))
                    .contains("|1000000, null, ");
            // The value cannot be kept, and the client has its answer: it may not go on.
            statement.execute("SELECT 1 INTO @c");
            assertThatThrownBy(
                            () -> {
                                statement.execute("SELECT REPEAT('x', 20000000) INTO @b");
                                statement.execute("SELECT @b");
                            })
                    .isInstanceOf(SQLException.class);
        }
        try (Connection connection = proxy.connect()) {
            assertThat(SideBySide.describe(connection, "SELECT @a, @b, @c"))
                    .contains("|null, null, null, ");
        }
    }

    @Test
    void keepsTheClientsTimeoutsOffTheNode() throws SQLException {
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement();
                Connection other = proxy.connect()) {
            statement.execute("SET wait_timeout = 7200, interactive_timeout = 7300");
            assertThat(SideBySide.describe(other, "SELECT @@wait_timeout, @@interactive_timeout"))
                    .contains("|28800, 28800, ");
            assertThat(
                            SideBySide.describe(
                                    connection,
                                    "SELECT @@wait_timeout, @@session.interactive_timeout"))
                    .contains("|7200, 7300, ");
        }
    }

    @Test
    void survivesClientsThatAskForSessionTracking() throws SQLException {
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement();
                Connection other = proxy.connect()) {
            statement.execute(
                    "SET session_track_system_variables = 'autocommit', session_track_schema = OFF,"
                            + " session_track_state_change = OFF, wait_timeout = 100");
            statement.execute(
                    "SET session_track_system_variables ="
                            + " CONCAT(@@global.session_track_system_variables,',sql_mode'),"
                            + " sql_mode = 'ANSI_QUOTES', sql_select_limit = 2");
            assertThat(SideBySide.describe(other, "SELECT @@sql_mode")).doesNotContain("ANSI");
            assertThat(SideBySide.describe(connection, "SELECT @@sql_mode"))
                    .contains("|ANSI_QUOTES, ");
            assertThat(SideBySide.describe(other, "SELECT @@sql_select_limit = 2"))
                    .contains("|0, ");
            assertThat(SideBySide.describe(connection, "SELECT @@sql_select_limit = 2"))
                    .contains("|1, ");
        }
    }
}
