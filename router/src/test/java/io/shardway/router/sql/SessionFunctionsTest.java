package io.shardway.router.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SessionFunctionsTest {

    private static final SessionValues VALUES =
            new SessionValues(7, "app@127.0.0.1", "app@%", -1, 3);

    private static String substitute(String sql) {
        byte[] text = sql.getBytes(StandardCharsets.UTF_8);
        return new String(
                SessionFunctions.substitute(text, 0, text.length, SqlDialect.DEFAULT, VALUES),
                StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "SELECT CONNECTION_ID() | SELECT CAST(7 AS UNSIGNED) AS `CONNECTION_ID()`",
                "SELECT user( ) | SELECT ('app@127.0.0.1') AS `user( )`",
                "SELECT SESSION_USER(), SYSTEM_USER () | SELECT ('app@127.0.0.1') AS `SESSION_USER()`, ('app@127.0.0.1') AS `SYSTEM_USER ()`",
                "SELECT current_user, Current_User ( ) | SELECT ('app@%') AS `current_user`, ('app@%') AS `Current_User ( )`",
                "SELECT ROW_COUNT(), found_rows() | SELECT CAST(-1 AS SIGNED) AS `ROW_COUNT()`, CAST(3 AS SIGNED) AS `found_rows()`",
                "SELECT @@pseudo_thread_id | SELECT CAST(7 AS UNSIGNED) AS `@@pseudo_thread_id`",
                "SELECT @@session . pseudo_thread_id | SELECT CAST(7 AS UNSIGNED) AS `@@session . pseudo_thread_id`",
                "SELECT `connection_id`() | SELECT CAST(7 AS UNSIGNED) AS ```connection_id``()`",
                "SELECT user() x, user() AS y, user() 'z' | SELECT ('app@127.0.0.1') x, ('app@127.0.0.1') AS y, ('app@127.0.0.1') 'z'",
                "SELECT user() `x y` FROM t | SELECT ('app@127.0.0.1') `x y` FROM t",
                "SELECT 1 + connection_id() /* c */ FROM t | SELECT 1 + CAST(7 AS UNSIGNED) AS `1 + connection_id()` /* c */ FROM t",
                "SELECT DISTINCT user(), 5 LIMIT 1 | SELECT DISTINCT ('app@127.0.0.1') AS `user()`, 5 LIMIT 1",
                "SELECT /*+ x */ user() | SELECT /*+ x */ ('app@127.0.0.1') AS `user()`",
                "SELECT (SELECT user()) | SELECT (SELECT ('app@127.0.0.1') AS `user()`) AS `(SELECT user())`",
                "SELECT a FROM t WHERE u = user() | SELECT a FROM t WHERE u = ('app@127.0.0.1')",
                "SELECT a FROM t ORDER BY connection_id() | SELECT a FROM t ORDER BY CAST(7 AS UNSIGNED)",
                "SELECT user() COLLATE utf8mb4_bin | SELECT ('app@127.0.0.1') COLLATE utf8mb4_bin AS `user() COLLATE utf8mb4_bin`",
                "SELECT user() IS NULL | SELECT ('app@127.0.0.1') IS NULL AS `user() IS NULL`",
                "SELECT CASE user() WHEN 1 THEN 2 END | SELECT CASE ('app@127.0.0.1') WHEN 1 THEN 2 END AS `CASE user() WHEN 1 THEN 2 END`",
                "SELECT CASE user() WHEN 1 THEN 2 END x | SELECT CASE ('app@127.0.0.1') WHEN 1 THEN 2 END x",
                "SELECT now() + INTERVAL connection_id() DAY | SELECT now() + INTERVAL CAST(7 AS UNSIGNED) DAY AS `now() + INTERVAL connection_id() DAY`",
                "SELECT now() + INTERVAL connection_id() DAY day | SELECT now() + INTERVAL CAST(7 AS UNSIGNED) DAY day",
                "SELECT user() LIKE 'a' | SELECT ('app@127.0.0.1') LIKE 'a' AS `user() LIKE 'a'`",
                "INSERT INTO t VALUES (user(), 1) | INSERT INTO t VALUES (('app@127.0.0.1'), 1)",
                "SET @a = connection_id() | SET @a = CAST(7 AS UNSIGNED)",
                "CREATE TABLE t (a INT) SELECT user() | CREATE TABLE t (a INT) SELECT ('app@127.0.0.1') AS `user()`",
                "SELECT user() UNION SELECT 1 | SELECT ('app@127.0.0.1') AS `user()` UNION SELECT 1",
                "SELECT 'ä', user() | SELECT 'ä', ('app@127.0.0.1') AS `user()`",
            })
    void writesTheSessionsOwnValues(String sql, String expected) {
        assertThat(substitute(sql)).isEqualTo(expected);
        assertThat(SessionFunctions.calledIn(Sql.tokens(sql, SqlDialect.DEFAULT))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT user FROM t",
                "SELECT user.user, `user`() FROM t",
                "SELECT s.user(), t.connection_id()",
                "SELECT 'user()', /* user() */ 1",
                "SELECT current_user.x FROM t",
                "INSERT INTO user () VALUES ()",
                "CREATE TABLE t (a VARCHAR(99) DEFAULT (user()))",
                "CREATE VIEW v AS SELECT user()",
                "CREATE DEFINER = CURRENT_USER VIEW v AS SELECT 1",
                "SHOW GRANTS FOR CURRENT_USER",
                "SELECT @@global.pseudo_thread_id",
                "SELECT connection_id",
            })
    void leavesAloneWhatIsNoCall(String sql) {
        assertThat(substitute(sql)).isEqualTo(sql);
        assertThat(SessionFunctions.calledIn(Sql.tokens(sql, SqlDialect.DEFAULT))).isFalse();
    }

    @Test
    void spellsOddNamesInHex() {
        byte[] text = "SELECT user() u".getBytes(StandardCharsets.UTF_8);
        var values = new SessionValues(1, "a'\\b@h", "", 0, 0);
        assertThat(SessionFunctions.substitute(text, 0, text.length, Sql.NO_ESCAPES, values))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("SELECT (_utf8mb4 x'61275c624068') u");
    }

    @Test
    void keepsWhatFollowsTheStatement() {
        assertThat(substitute("SELECT user() u; SELECT user()"))
                .isEqualTo("SELECT ('app@127.0.0.1') u; SELECT user()");
    }
}
