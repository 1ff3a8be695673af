package io.shardway.router.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoredProgramsTest {

    private static int endOf(String sql) {
        byte[] text = sql.getBytes(StandardCharsets.UTF_8);
        return StoredPrograms.endOf(text, 0, text.length, SqlDialect.DEFAULT);
    }

    /** The statement ends at the bar; what follows is another one. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE PROCEDURE p () SELECT 1|; SELECT 2",
                "CREATE PROCEDURE p () BEGIN SELECT 1; SELECT 2; END|; SELECT 3",
                "CREATE PROCEDURE p (a INT) COMMENT 'x' BEGIN END|; SELECT 3; END",
                "CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW IF NEW.a THEN SET @a = 1; END IF|; SELECT 1",
                "CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW FOLLOWS u BEGIN SET @a = 1; END|; SELECT 1",
                "CREATE FUNCTION f () RETURNS INT RETURN IF(1, 2, 3)|; SELECT 1",
                "CREATE FUNCTION f () RETURNS INT DETERMINISTIC RETURN CASE 1 WHEN 2 THEN 3 END|; SELECT 1",
                "CREATE FUNCTION f () RETURNS INT BEGIN RETURN CASE 1 WHEN 2 THEN 3 END; END|; SELECT 1",
                "CREATE PROCEDURE p () l: BEGIN IF 1 THEN LEAVE l; END IF; END l|; SELECT 1",
                "CREATE PROCEDURE p () l: LOOP LEAVE l; END LOOP l|; SELECT 1",
                "CREATE PROCEDURE p () REPEAT SET @a = 1; UNTIL @a END REPEAT|; SELECT 1",
                "CREATE PROCEDURE p () BEGIN DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; END; SELECT end, begin FROM t; END|; SELECT 1",
                "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN SELECT 1; END|; SELECT 1",
                "ALTER EVENT e DO BEGIN SELECT ';'; END|; SELECT 1",
                "CREATE DEFINER=`a`@`b` PROCEDURE p () BEGIN CASE 1 WHEN 1 THEN BEGIN END; ELSE SELECT 1; END CASE; END|; SELECT 1"
            })
    void findsTheEndOfABody(String sql) {
        int bar = sql.indexOf('|');
        assertThat(endOf(sql.replace("|", ""))).isEqualTo(bar);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/*!50003 CREATE*/ /*!50017 DEFINER=`r`@`h`*/ /*!50003 TRIGGER t BEFORE INSERT ON x FOR EACH ROW BEGIN SET @a = 1; SET @b = 2; END */",
                "CREATE PROCEDURE p () BEGIN SELECT 1; END"
            })
    void aBodyMayBeAllThereIs(String sql) {
        assertThat(endOf(sql)).isEqualTo(sql.length());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT 1; SELECT 2",
                "CREATE TABLE t (a INT); SELECT 1",
                "CREATE VIEW event AS SELECT 1; SELECT 2",
                "CREATE TABLE trigger_log AS SELECT 1 FROM t; SELECT 1",
                "DROP PROCEDURE p; SELECT 1",
                "CREATE PROCEDURE p () SELECT 'open; SELECT 1"
            })
    void otherStatementsHaveNone(String sql) {
        assertThat(endOf(sql)).isEqualTo(-1);
    }
}
