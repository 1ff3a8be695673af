package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever a plain keyspace is asked, MySQL answers: side by side with MySQL itself. */
@Timeout(180)
class PlainKeyspaceIT {

    private static Twin twin;

    @BeforeAll
    static void start() throws SQLException {
        twin = Twin.startPlain();
    }

    @AfterAll
    static void stop() {
        if (twin != null) {
            twin.close();
        }
    }

    private static void sameWith(String parameters, String... statements) throws SQLException {
        twin.same(
                parameters,
                (connection, transcript) -> {
                    try (Statement statement = connection.createStatement()) {
                        for (String sql : statements) {
                            transcript.run(statement, sql);
                        }
                    }
                });
    }

    private static void same(String... statements) throws SQLException {
        sameWith("", statements);
    }

    @Test
    void tablesIndexesAndRows() throws SQLException {
        same(
                "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, user_id BIGINT, name VARCHAR(20) UNIQUE)",
                "INSERT INTO t (user_id, name) VALUES (5, 'five'), (6, 'six')",
                "SELECT LAST_INSERT_ID(), ROW_COUNT()",
                "INSERT INTO t (user_id, name) VALUES (7, 'five')",
                "SHOW WARNINGS",
                "INSERT INTO t (user_id, name) VALUES (7, 'five') ON DUPLICATE KEY UPDATE user_id = 8",
                "SELECT * FROM t WHERE user_id > 5 ORDER BY id",
                "UPDATE t SET user_id = user_id + 1",
                "SELECT ROW_COUNT()",
                "ALTER TABLE t ADD COLUMN extra INT DEFAULT 3, ADD INDEX (user_id)",
                "CREATE INDEX i ON t (extra)",
                "SHOW CREATE TABLE t",
                "SHOW COLUMNS FROM t",
                "SHOW INDEX FROM t WHERE Key_name = 'i'",
                "CREATE TABLE u LIKE t",
                "INSERT INTO u SELECT * FROM t",
                "CREATE TABLE v AS SELECT user_id FROM t",
                "DELETE t FROM t JOIN u USING (id) WHERE u.user_id > 8",
                "RENAME TABLE v TO w",
                "SHOW TABLES",
                "TRUNCATE TABLE u",
                "CHECK TABLE t",
                "ANALYZE TABLE t",
                "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY 1",
                "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4) SELECT SUM(i) FROM n",
                "DO SLEEP(0)",
                "SELECT user_id, COUNT(*) FROM t GROUP BY user_id WITH ROLLUP",
                "SELEC 1",
                "SELECT * FROM nothing_such",
                "DROP TABLE t, u, w");
    }

    @Test
    void routinesWithSeveralResultsAndOutParameters() throws SQLException {
        sameWith(
                "allowMultiQueries=true",
                "CREATE TABLE r (id INT PRIMARY KEY, v INT); INSERT INTO r VALUES (1, 10), (2, 20)",
                """
                CREATE PROCEDURE p (IN a INT, OUT b INT, INOUT c INT)
                BEGIN
                  DECLARE x INT DEFAULT 0;
                  SELECT COUNT(*) INTO b FROM r;
                  IF a > 1 THEN SET x = 5; ELSE SET x = 6; END IF;
                  SET c = c + x;
                  SELECT a, b;
                  SELECT CASE WHEN c > 10 THEN 'big' ELSE 'small' END AS size;
                  SET @left_behind = a;
                END\
                """,
                "SET @c = 7",
                "CALL p(1, @b, @c)",
                "SELECT @b, @c, @left_behind",
                "CALL p(2, @b, @c); SELECT @c",
                "CREATE FUNCTION twice (a INT) RETURNS INT DETERMINISTIC RETURN a * 2",
                "SELECT twice(4), twice(v) FROM r ORDER BY id",
                "SHOW CREATE FUNCTION twice",
                "SHOW CREATE PROCEDURE p",
                "SHOW PROCEDURE STATUS WHERE Db = DATABASE() AND Name = 'nothing'",
                "SELECT routine_name, routine_type FROM information_schema.routines WHERE routine_schema = DATABASE() ORDER BY 1",
                "ALTER PROCEDURE p COMMENT 'changed'",
                "CREATE PROCEDURE locks () SELECT GET_LOCK('in_procedure', 1)",
                "CALL locks()",
                "SELECT IS_USED_LOCK('in_procedure') = CONNECTION_ID() OR IS_USED_LOCK('in_procedure') IS NOT NULL",
                "SELECT RELEASE_LOCK('in_procedure')",
                "CREATE PROCEDURE fails () BEGIN SELECT 1; SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no'; END",
                "CALL fails()",
                "SHOW WARNINGS",
                "CREATE PROCEDURE mistyped () BEGIN SELEC 1; END",
                "DROP PROCEDURE p",
                "DROP PROCEDURE IF EXISTS p",
                "DROP FUNCTION twice",
                "DROP PROCEDURE locks",
                "DROP PROCEDURE fails",
                "DROP TABLE r");
    }

    @Test
    void callableStatements() throws SQLException {
        twin.define(
                "CREATE PROCEDURE calls (IN a INT, OUT b INT) BEGIN SELECT a; SET b = a + 1; SELECT 'x', b; END");
        for (String parameters : List.of("", "useServerPrepStmts=true")) {
            twin.same(
                    parameters,
                    (connection, transcript) -> {
                        try (CallableStatement call =
                                connection.prepareCall("{CALL calls(?, ?)}")) {
                            for (int i = 0; i < 2; i++) {
                                call.setInt(1, 4 + i);
                                call.registerOutParameter(2, Types.INTEGER);
                                transcript.attempt(() -> {
                                    transcript.results(call, call.execute());
                                    return call.getInt(2);
                                });
                            }
                        }
                        try (PreparedStatement call =
                                connection.prepareStatement("CALL calls(?, @out)")) {
                            call.setInt(1, 9);
                            transcript.attempt(() -> {
                                transcript.results(call, call.execute());
                                return null;
                            });
                        }
                        try (Statement statement = connection.createStatement()) {
                            transcript.run(statement, "SELECT @out");
                        }
                    });
        }
    }

    @Test
    void triggersAndViews() throws SQLException {
        same(
                "CREATE TABLE a (id INT PRIMARY KEY AUTO_INCREMENT, n INT)",
                "CREATE TABLE log (what VARCHAR(50))",
                "CREATE TRIGGER a_log AFTER INSERT ON a FOR EACH ROW INSERT INTO log VALUES (CONCAT('new ', NEW.n))",
                """
                CREATE TRIGGER a_check BEFORE UPDATE ON a FOR EACH ROW
                BEGIN
                  IF NEW.n < 0 THEN SET NEW.n = 0; END IF;
                  SET @seen = NEW.n;
                END\
                """,
                "CREATE TRIGGER a_if BEFORE INSERT ON a FOR EACH ROW IF NEW.n > 100 THEN SET NEW.n = 100; END IF",
                "INSERT INTO a (n) VALUES (1), (500)",
                "UPDATE a SET n = -5 WHERE n = 1",
                "SELECT @seen",
                "SELECT * FROM a ORDER BY id",
                "SELECT * FROM log",
                "SHOW TRIGGERS WHERE `Trigger` = 'nothing'",
                "SELECT trigger_name, event_manipulation FROM information_schema.triggers WHERE trigger_schema = DATABASE() ORDER BY 1",
                "CREATE VIEW big AS SELECT n FROM a WHERE n > 10",
                "CREATE OR REPLACE ALGORITHM = MERGE SQL SECURITY INVOKER VIEW big AS SELECT n, id FROM a WHERE n > 10",
                "SELECT * FROM big",
                "SHOW CREATE VIEW big",
                "ALTER VIEW big AS SELECT id FROM a",
                "SHOW CREATE VIEW big",
                "SELECT table_name, security_type, definer FROM information_schema.views WHERE table_schema = DATABASE()",
                "CREATE VIEW checked AS SELECT * FROM a WHERE n < 50 WITH CHECK OPTION",
                "INSERT INTO checked (n) VALUES (60)",
                "DROP VIEW big, checked",
                "DROP TRIGGER a_log",
                "DROP TRIGGER IF EXISTS a_log",
                "DROP TABLE a, log");
    }

    @Test
    void eventsAreKept() throws SQLException {
        same(
                "CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS '2099-01-01 00:00:00' DO SELECT 1",
                "CREATE EVENT IF NOT EXISTS e ON SCHEDULE EVERY 1 DAY DO BEGIN SELECT 1; SELECT 2; END",
                "ALTER EVENT e RENAME TO f",
                "ALTER DEFINER = CURRENT_USER EVENT f DISABLE",
                "SELECT event_name, status, definer FROM information_schema.events"
                        + " WHERE event_schema = DATABASE() ORDER BY event_name",
                "DROP EVENT f");
    }

    @Test
    void temporaryTablesLocksAndUserVariables() throws SQLException {
        same(
                "CREATE TEMPORARY TABLE temp (id INT PRIMARY KEY)",
                "INSERT INTO temp VALUES (1), (2)",
                "SELECT COUNT(*) FROM temp",
                "DROP TEMPORARY TABLE temp",
                "SELECT GET_LOCK('plain_lock', 1), IS_FREE_LOCK('plain_lock')",
                "SELECT RELEASE_LOCK('plain_lock')",
                "CREATE TABLE l (id INT PRIMARY KEY)",
                "LOCK TABLES l WRITE",
                "INSERT INTO l VALUES (1)",
                "SELECT * FROM l",
                "UNLOCK TABLES",
                "SELECT @a := 3, @b := 'x'",
                "SELECT @a, @b",
                "SELECT COUNT(*) INTO @c FROM l",
                "SELECT @c + 1",
                "SET @d = (SELECT MAX(id) FROM l)",
                "SELECT @d",
                "SET @e = GET_LOCK('set_lock', 1)",
                "SELECT @e, IS_FREE_LOCK('set_lock')",
                "DO RELEASE_ALL_LOCKS()",
                "PREPARE s FROM 'SELECT ? + 1 AS n'",
                "SET @n = 41",
                "EXECUTE s USING @n",
                "DEALLOCATE PREPARE s",
                "EXECUTE s USING @n",
                "HANDLER l OPEN",
                "HANDLER l READ FIRST",
                "HANDLER l CLOSE",
                "DROP TABLE l");
    }

    @Test
    void transactionsSavepointsAndSnapshots() throws SQLException {
        same(
                "CREATE TABLE x (id INT PRIMARY KEY)",
                "START TRANSACTION",
                "INSERT INTO x VALUES (1)",
                "SAVEPOINT s",
                "INSERT INTO x VALUES (2)",
                "ROLLBACK TO s",
                "SELECT * FROM x",
                "COMMIT",
                "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
                "INSERT INTO x VALUES (3)",
                "SELECT * FROM x",
                "ROLLBACK",
                "SET autocommit = 0",
                "INSERT INTO x VALUES (4)",
                "CREATE TABLE y (id INT)",
                "ROLLBACK",
                "SELECT * FROM x ORDER BY id",
                "SET autocommit = 1",
                "BEGIN",
                "INSERT INTO x VALUES (5)",
                "CREATE VIEW xv AS SELECT * FROM x",
                "ROLLBACK",
                "SELECT COUNT(*) FROM xv",
                "DROP VIEW xv",
                "DROP TABLE x, y");
    }

    @Test
    void savepointsOutliveWhatReadsTheDictionary() throws SQLException {
        twin.define("CREATE TABLE dictionary (id INT PRIMARY KEY)");
        for (String sql :
                List.of(
                        "SHOW FULL TABLES",
                        "SHOW COLUMNS IN dictionary",
                        "SHOW TRIGGERS",
                        "SHOW EVENTS",
                        "SHOW COLLATION LIKE 'none'",
                        "SHOW PROCEDURE STATUS LIKE 'none'",
                        "SHOW CREATE TABLE dictionary",
                        "SHOW STATUS LIKE 'none'",
                        "DESCRIBE dictionary")) {
            same(
                    "SET autocommit = 0",
                    "SAVEPOINT s",
                    sql,
                    "ROLLBACK TO SAVEPOINT s",
                    "SAVEPOINT t",
                    "INSERT INTO dictionary VALUES (1)",
                    "ROLLBACK TO SAVEPOINT t",
                    "RELEASE SAVEPOINT s",
                    "SELECT * FROM dictionary",
                    "COMMIT");
            try (Connection sharded = twin.proxy().connect()) {
                SideBySide.describe(sharded, "SET autocommit = 0");
                SideBySide.describe(sharded, "SAVEPOINT s");
                SideBySide.describe(sharded, sql);
                assertThat(SideBySide.describe(sharded, "ROLLBACK TO SAVEPOINT s"))
                        .as(sql)
                        .isEqualTo("count 0");
            }
        }
    }

    @Test
    void whatAFailedStatementLeftIsNobodyElses() throws Exception {
        twin.define(
                "CREATE TABLE seen (id INT PRIMARY KEY)",
                "CREATE TRIGGER sees BEFORE INSERT ON seen FOR EACH ROW SET @seen = NEW.id",
                "CREATE PROCEDURE fails_late () BEGIN DO GET_LOCK('late', 1); SET @late = 1;"
                        + " SET SESSION sql_mode = 'ANSI_QUOTES'; SIGNAL SQLSTATE '45000'; END");
        same(
                "INSERT INTO seen VALUES (7), (7)",
                "SELECT @seen",
                "CALL fails_late()",
                "SELECT @late",
                "SELECT \"id\" FROM seen",
                "SELECT @@SESSION.sql_mode");
        for (int i = 0; i < 5; i++) {
            try (Connection another = twin.proxied("")) {
                assertThat(SideBySide.describe(another, "SELECT @seen, @late"))
                        .endsWith("|null, null, ");
                assertThat(SideBySide.describe(another, "SELECT @@SESSION.sql_mode"))
                        .doesNotContain("ANSI_QUOTES");
            }
        }
        try (Connection another = twin.proxied("")) {
            NodeSide.until(
                    "the lock is free",
                    () ->
                            SideBySide.describe(another, "SELECT IS_FREE_LOCK('late')")
                                    .endsWith("|1, "));
        }
    }

    @Test
    void aSnapshotIsTakenAtOnce() throws SQLException {
        twin.define("CREATE TABLE snap (id INT PRIMARY KEY)");
        try (Connection reader = twin.proxied("");
                Connection writer = twin.proxied("");
                Statement read = reader.createStatement();
                Statement write = writer.createStatement()) {
            read.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
            read.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT");
            write.execute("INSERT INTO snap VALUES (1)");
            assertThat(SideBySide.describe(reader, "SELECT COUNT(*) FROM snap")).endsWith("|0, ");
            read.execute("COMMIT");
            assertThat(SideBySide.describe(reader, "SELECT COUNT(*) FROM snap")).endsWith("|1, ");
        }
    }

    @Test
    void severalStatementsInOneCommand() throws SQLException {
        sameWith(
                "allowMultiQueries=true",
                "CREATE TABLE m (id INT); INSERT INTO m VALUES (1); SELECT * FROM m",
                """
                CREATE TRIGGER mt BEFORE INSERT ON m FOR EACH ROW BEGIN
                  DECLARE done INT DEFAULT 0;
                  DECLARE CONTINUE HANDLER FOR NOT FOUND BEGIN SET done = 1; END;
                  w: WHILE done < 3 DO SET done = done + 1; IF done = 2 THEN LEAVE w; END IF; END WHILE;
                  REPEAT SET done = done + 1; UNTIL done > 5 END REPEAT;
                  CASE done WHEN 6 THEN SET NEW.id = 60; ELSE BEGIN END; END CASE;
                END; INSERT INTO m VALUES (2); SELECT * FROM m; DROP TRIGGER mt\
                """,
                "/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER mc BEFORE INSERT ON m FOR EACH ROW BEGIN SET NEW.id = 7; SET @z = 1; END */",
                "INSERT INTO m VALUES (1); SELECT MAX(id), @z FROM m",
                "DROP TABLE m; SELECT 1");
    }

    @Test
    void countsFoundRows() throws SQLException {
        twin.define("CREATE TABLE f (id INT)", "INSERT INTO f VALUES (1), (2), (3)");
        try (Connection connection = twin.proxied("")) {
            SideBySide.describe(connection, "SELECT SQL_CALC_FOUND_ROWS id FROM f LIMIT 1");
            assertThat(SideBySide.describe(connection, "SELECT FOUND_ROWS()")).endsWith("|3, ");
        }
    }

    @Test
    void theKeyspaceItselfDefinesWhatItStores() throws SQLException {
        twin.define("CREATE EVENT kept ON SCHEDULE EVERY 1 DAY DO SELECT 1");
        try (Connection connection = twin.proxied("")) {
            assertThat(SideBySide.describe(connection, "SHOW CREATE EVENT kept"))
                    .contains("CREATE DEFINER=`shardway_k_" + twin.keyspace() + "`@`%` EVENT");
            assertThat(
                            SideBySide.describe(
                                    connection,
                                    "CREATE VIEW " + twin.proxy().keyspace() + ".v AS SELECT 1"))
                    .contains("SW-2006");
        }
    }

    @Test
    void showsOnlyKeyspaces() throws SQLException {
        try (Connection connection = twin.proxied("")) {
            assertThat(SideBySide.describe(connection, "SHOW DATABASES"))
                    .contains(twin.keyspace(), twin.proxy().keyspace(), "information_schema")
                    .doesNotContain("mysql", "performance_schema", "sys", twin.directSchema());
            assertThat(SideBySide.describe(connection, "SHOW SCHEMAS LIKE '%plain'"))
                    .isEqualTo("Database (%plain) VARCHAR, |" + twin.keyspace() + ", ");
            assertThat(SideBySide.describe(connection, "SHOW CREATE DATABASE " + twin.keyspace()))
                    .contains("CREATE DATABASE `" + twin.keyspace());
            assertThat(
                            SideBySide.describe(
                                    connection,
                                    "SELECT schema_name FROM information_schema.schemata"))
                    .contains(twin.keyspace())
                    .doesNotContain(
                            "mysql", "|sys", twin.directSchema(), twin.proxy().keyspace() + ",");
            assertThat(SideBySide.describe(connection, "USE mysql")).contains("1044");
            assertThat(SideBySide.describe(connection, "SELECT * FROM mysql.user"))
                    .contains("1142");
        }
    }

    @Test
    void refusesWhatIsTheServersOwn() throws SQLException {
        try (Connection connection = twin.proxied("")) {
            for (String sql :
                    List.of(
                            "SET GLOBAL max_connections = 5",
                            "SET PERSIST max_connections = 5",
                            "/*!80000 SET GLOBAL max_connections = 5 */",
                            "SET SESSION sql_log_bin = 0",
                            "XA START 'x'",
                            "SELECT 1 INTO OUTFILE '/tmp/x'",
                            "SELECT 1 INTO DUMPFILE '/tmp/x'",
                            "LOAD DATA INFILE '/etc/passwd' INTO TABLE t",
                            "CREATE USER x",
                            "GRANT SELECT ON *.* TO x",
                            "SHUTDOWN",
                            "RESET MASTER",
                            "PURGE BINARY LOGS TO 'x'",
                            "CHANGE MASTER TO MASTER_HOST = 'x'",
                            "CLONE LOCAL DATA DIRECTORY = '/tmp/x'",
                            "INSTALL PLUGIN x SONAME 'x.so'",
                            "CREATE FUNCTION f RETURNS STRING SONAME 'x.so'",
                            "FLUSH TABLES",
                            "LOCK INSTANCE FOR BACKUP")) {
                assertThat(SideBySide.describe(connection, sql)).as(sql).contains("SW-2006");
            }
            // By a detour MySQL itself refuses them: the account has no right to.
            SideBySide.describe(connection, "PREPARE s FROM 'SET GLOBAL max_connections = 5'");
            assertThat(SideBySide.describe(connection, "EXECUTE s")).contains("error");
            assertThat(SideBySide.describe(connection, "SELECT @@GLOBAL.max_connections"))
                    .doesNotContain("|5,");
            assertThat(
                            SideBySide.describe(
                                    connection, "PREPARE s FROM 'CREATE VIEW v AS SELECT 1'"))
                    .contains("error 1142");
        }
    }
}
