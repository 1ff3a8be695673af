package io.shardway.router.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardway.router.ErrorCode;
import io.shardway.router.sql.SqlDialect;
import io.shardway.router.sql.Token;
import io.shardway.router.sql.Tokens;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlainStatementsTest {

    private static Plan plan(String sql) {
        return SessionStatements.planInPlain(tokens(sql), true, "blog");
    }

    private static List<Token> tokens(String sql) {
        byte[] text = sql.getBytes(StandardCharsets.UTF_8);
        return Tokens.of(text, 0, text.length, SqlDialect.DEFAULT);
    }

    private static Plan.Plain relayed(String sql) {
        assertThat(plan(sql)).as(sql).isInstanceOf(Plan.Plain.class);
        return (Plan.Plain) plan(sql);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT * FROM posts WHERE user_id IN (1, 2) AND f.x IS NULL",
                "SELECT COUNT(*), MAX(a) FROM posts GROUP BY b HAVING COUNT(*) > 1",
                "(SELECT 1) UNION (SELECT 2)",
                "WITH x (a) AS (SELECT 1), y (b) AS (SELECT 2) SELECT * FROM x JOIN y USING (a)",
                "SELECT CAST(a AS CHAR(10)), a IN (1), a = ANY (SELECT 1) FROM t",
                "SHOW TABLES",
                "EXPLAIN SELECT 1",
                "SELECT * FROM information_schema.tables",
            })
    void readsAreRelayedAndKeepNothing(String sql) {
        Plan.Plain plan = relayed(sql);
        assertThat(plan.access()).isEqualTo(Access.READ);
        assertThat(plan.traits().pins()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "INSERT INTO posts (id, title) VALUES (1, CONCAT('a', 'b'))",
                "INSERT INTO `posts` (`id`) VALUES (1) AS new (a) ON DUPLICATE KEY UPDATE id = VALUES(id)",
                "INSERT IGNORE INTO blog.posts (id) SELECT 1",
                "REPLACE posts (id) VALUES (1)",
                "UPDATE posts SET a = REPLACE(a, 'x', 'y')",
                "CREATE TABLE t (id INT PRIMARY KEY, KEY k (id), v VARCHAR(10) DEFAULT (UUID()))",
                "ALTER TABLE t ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES u (b)",
                "LOAD DATA LOCAL INFILE 'x' INTO TABLE t (a, b)",
                "TRUNCATE TABLE t"
            })
    void writesAreRelayedAndKeepNothing(String sql) {
        Plan.Plain plan = relayed(sql);
        assertThat(plan.access()).isEqualTo(Access.WRITE);
        assertThat(plan.traits().pins()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CALL p(1)",
                "SELECT my_function(1)",
                "SELECT blog.my_function(1)",
                "SELECT `count`(1)",
                "INSERT INTO t (a) VALUES (my_function(1))",
                "SELECT GET_LOCK('a', 1)",
                "LOCK TABLES t WRITE",
                "CREATE TEMPORARY TABLE t (a INT)",
                "PREPARE s FROM 'SELECT 1'",
                "HANDLER t OPEN"
            })
    void whatMayLeaveStateKeepsTheConnection(String sql) {
        assertThat(relayed(sql).traits().pins()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "SHOW TABLES, true",
        "SHOW EXTENDED FULL COLUMNS IN t, true",
        "SHOW TABLE STATUS, true",
        "SHOW TRIGGERS FROM x, true",
        "SHOW CHARACTER SET, true",
        "SHOW STATUS WHERE Value IN (SELECT 1 FROM t), true",
        "SHOW CREATE TABLE t, false",
        "SHOW GLOBAL STATUS, false",
        "SHOW ENGINES, false",
        "SHOW OPEN TABLES, false"
    })
    void someShowBeginsATransaction(String sql, boolean begins) {
        assertThat(relayed(sql).traits().tables()).isEqualTo(begins);
    }

    @Test
    void aFunctionThatSomebodyWroteMayWrite() {
        assertThat(relayed("SELECT my_function(1)").access()).isEqualTo(Access.WRITE);
    }

    @Test
    void loadingRowsCommitsNothing() {
        assertThat(relayed("LOAD DATA LOCAL INFILE 'x' INTO TABLE t").traits().implicitCommit())
                .isFalse();
        assertThat(relayed("LOAD DATA LOCAL INFILE 'x' INTO TABLE t (@a, b) SET c = @a"))
                .extracting(plan -> plan.traits().assignedVariables())
                .isEqualTo(List.of("a"));
        assertThat(relayed("ALTER TABLE t ADD a INT").traits().implicitCommit()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE VIEW v AS SELECT 1",
                "CREATE OR REPLACE ALGORITHM=MERGE DEFINER=`root`@`localhost` SQL SECURITY INVOKER VIEW v AS SELECT 1",
                "CREATE DEFINER = 'a'@'b' PROCEDURE IF NOT EXISTS p () SELECT 1",
                "CREATE FUNCTION blog.f () RETURNS INT RETURN 1",
                "CREATE TRIGGER t BEFORE INSERT ON blog.x FOR EACH ROW SET NEW.a = 1",
                "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1",
                "/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`%`*/ /*!50003 TRIGGER t AFTER INSERT ON x FOR EACH ROW SET @a = 1 */",
                "ALTER EVENT e RENAME TO f",
                "ALTER VIEW v AS SELECT 2",
                "DROP PROCEDURE IF EXISTS p",
                "DROP TRIGGER blog.t",
                "SHOW CREATE PROCEDURE p"
            })
    void whatIsStoredIsTheOwnersBusiness(String sql) {
        assertThat(plan(sql)).isInstanceOf(Plan.Stored.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE VIEW store.v AS SELECT 1",
                "CREATE TRIGGER t BEFORE INSERT ON store.x FOR EACH ROW SET NEW.a = 1",
                "ALTER EVENT e RENAME TO store.f",
                "DROP FUNCTION mysql.f",
                "CREATE FUNCTION f RETURNS STRING SONAME 'x.so'",
                "CREATE AGGREGATE FUNCTION f RETURNS STRING SONAME 'x.so'",
                "LOAD DATA INFILE '/etc/passwd' INTO TABLE t",
                "LOAD DATA LOW_PRIORITY INFILE '/etc/passwd' INTO TABLE t",
                "SELECT 1 INTO OUTFILE 'x'",
                "SET GLOBAL a = 1",
                "/*!80000 SET GLOBAL a = 1 */",
                "XA START 'a'",
                "CREATE USER a",
                "SET auto_increment_increment = 2",
                "FLUSH TABLES"
            })
    void isRefused(String sql) {
        assertThat(plan(sql)).isInstanceOf(Plan.Rejected.class);
        assertThat(((Plan.Rejected) plan(sql)).code()).isEqualTo(ErrorCode.NOT_OFFERED);
    }

    @Test
    void theSessionsOwnStatementsStayItsOwn() {
        assertThat(plan("BEGIN")).isInstanceOf(Plan.Control.class);
        assertThat(plan("SET @a = (SELECT MAX(id) FROM t)")).isInstanceOf(Plan.Control.class);
        assertThat(plan("USE shop")).isInstanceOf(Plan.Control.class);
        assertThat(plan("SHARDWAY SHOW TABLES")).isEqualTo(new Plan.Admin());
        assertThat(plan("COMMIT nonsense")).isInstanceOf(Plan.Plain.class);
    }

    @Test
    void readsDefinitionsOfKeyspaces() {
        assertThat(plan("CREATE SCHEMA IF NOT EXISTS `a b` DEFAULT CHARSET = utf8mb4 COLLATE 'x'"))
                .isEqualTo(
                        new Plan.DefineKeyspace(
                                new KeyspaceDefinition.Create(
                                        "a b", true, "CHARACTER SET 'utf8mb4' COLLATE 'x'")));
        assertThat(plan("DROP DATABASE IF EXISTS x"))
                .isEqualTo(new Plan.DefineKeyspace(new KeyspaceDefinition.Drop("x", true)));
        assertThat(plan("ALTER DATABASE CHARACTER SET latin1"))
                .isEqualTo(
                        new Plan.DefineKeyspace(
                                new KeyspaceDefinition.Alter("blog", "CHARACTER SET 'latin1'")));
        assertThat(plan("CREATE DATABASE x; DROP")).isInstanceOf(Plan.DefineKeyspace.class);
        assertThat(plan("CREATE DATABASE x ENGINE = y")).isInstanceOf(Plan.Rejected.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE |DEFINER=`root`@`localhost`| VIEW v AS SELECT 'DEFINER=x'",
                "CREATE |DEFINER = 'a'@'%'| TRIGGER t",
                "CREATE /*!50017 |DEFINER=a@b|*/ /*!50003 TRIGGER t */",
                "CREATE |DEFINER=CURRENT_USER()| EVENT e",
                "CREATE |DEFINER=CURRENT_USER| EVENT e",
                "CREATE |DEFINER=root| EVENT e"
            })
    void replacesTheDefiner(String sql) {
        String[] parts = sql.split("\\|");
        String given = parts[0] + parts[1] + parts[2];
        byte[] text = given.getBytes(StandardCharsets.UTF_8);
        byte[] written = definedByK(text);
        assertThat(new String(written, StandardCharsets.UTF_8))
                .isEqualTo(parts[0] + "DEFINER=`k`@`%` " + parts[2]);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE |VIEW v AS SELECT 1",
                "CREATE OR REPLACE ALGORITHM = MERGE |SQL SECURITY INVOKER VIEW v AS SELECT 1",
                "CREATE |PROCEDURE p () SELECT 1",
                "/*!50003 CREATE */ /*!50003 |TRIGGER t */",
                "ALTER |EVENT e ENABLE"
            })
    void writesTheDefinerInWhereThereIsNone(String sql) {
        String[] parts = sql.split("\\|");
        byte[] text = (parts[0] + parts[1]).getBytes(StandardCharsets.UTF_8);
        byte[] written = definedByK(text);
        assertThat(new String(written, StandardCharsets.UTF_8))
                .isEqualTo(parts[0] + "DEFINER=`k`@`%` " + parts[1]);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"ALTER PROCEDURE p COMMENT 'x'", "DROP EVENT e", "SHOW CREATE FUNCTION f"})
    void leavesOthersAsTheyAre(String sql) {
        byte[] text = sql.getBytes(StandardCharsets.UTF_8);
        assertThat(definedByK(text)).isEqualTo(text);
    }

    @Test
    void tellsTheKindWhateverTheNameIs() {
        byte[] text = "SHOW CREATE FUNCTION my_procedure".getBytes(StandardCharsets.UTF_8);
        assertThat(StoredObject.read(text, 0, text.length, SqlDialect.DEFAULT).kind())
                .isEqualTo("function");
    }

    private static byte[] definedByK(byte[] text) {
        return StoredObject.read(text, 0, text.length, SqlDialect.DEFAULT)
                .definedBy("k", text, 0, text.length);
    }
}
