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

/** SQL's PREPARE and EXECUTE in a sharded keyspace, compared with MySQL. */
@Timeout(180)
class NamedStatementsIT {

    private static Twin twin;
    private static long first;
    private static long second;

    @BeforeAll
    static void start() throws SQLException {
        twin =
                Twin.start(
                        "CREATE TABLE notes (user_id BIGINT NOT NULL, n INT NOT NULL, t VARCHAR(100),"
                                + " PRIMARY KEY (user_id, n))",
                        "CREATE TABLE named (user_id VARCHAR(40) COLLATE utf8mb4_0900_bin NOT NULL"
                                + " PRIMARY KEY, t VARCHAR(100)) DEFAULT CHARSET utf8mb4");
        first = twin.keyOn(1, 0);
        second = twin.keyOn(2, 0);
        for (long user : List.of(first, second)) {
            twin.define(
                    "INSERT INTO notes VALUES (%1$d, 1, 'a'), (%1$d, 2, 'it''s \\\\')"
                            .formatted(user));
        }
        twin.define(
                "INSERT INTO named VALUES ('Alpha', 'a')",
                "INSERT INTO named VALUES ('Ωmega', 'o')");
    }

    @AfterAll
    static void stop() {
        if (twin != null) {
            twin.close();
        }
    }

    private static void same(String... statements) throws SQLException {
        twin.same(
                "allowMultiQueries=true",
                (connection, transcript) -> {
                    try (Statement statement = connection.createStatement()) {
                        for (String sql : statements) {
                            transcript.run(
                                    statement,
                                    sql.replace("FIRST", "" + first)
                                            .replace("SECOND", "" + second));
                        }
                    }
                });
    }

    @Test
    void executionsGoWhereTheirValuesAre() throws SQLException {
        same(
                "PREPARE s FROM 'SELECT ?, n, t FROM notes WHERE user_id = ? AND n < ? ORDER BY n LIMIT ?'",
                "SET @x = 'x', @u = FIRST, @n = 5, @l = 1",
                "EXECUTE s USING @x, @u, @n, @l",
                "SET @u = SECOND, @l = 10",
                "EXECUTE s USING @x, @u, @n, @l",
                "SET @u = 'SECOND'",
                "EXECUTE S USING @x, @u, @n, @l",
                "SET @u = SECOND.0",
                "EXECUTE `s` USING @x, @u, @n, @l",
                "SET @u = NULL",
                "EXECUTE s USING @x, @u, @n, @l",
                "EXECUTE s USING @x, @never, @n, @l",
                "PREPARE w FROM 'UPDATE notes SET t = CONCAT(t, ?), n = n + 10 WHERE user_id = ? AND n = 2'",
                "PREPARE r FROM 'SELECT t, n FROM notes WHERE user_id = ?'",
                "PREPARE g FROM 'SELECT t INTO @got FROM notes WHERE user_id = ? AND n = 1'",
                "SET @u = FIRST",
                "EXECUTE w USING @x, @u",
                "EXECUTE r USING @u",
                "EXECUTE g USING @u",
                "SELECT @got",
                "SET @u = SECOND",
                "EXECUTE w USING @x, @u; EXECUTE r USING @u; EXECUTE g USING @u; SELECT @got",
                "START TRANSACTION",
                "EXECUTE w USING @x, @u",
                "UPDATE notes SET t = 'other' WHERE user_id = SECOND AND n = 1",
                "EXECUTE r USING @u",
                "ROLLBACK",
                "EXECUTE r USING @u",
                "PREPARE i FROM 'INSERT INTO notes VALUES (?, ?, ?), (?, 31, NULL)'",
                "SET @n = 30",
                "EXECUTE i USING @u, @n, @x, @u",
                "EXECUTE i USING @u, @n, @x, @u",
                "SHOW WARNINGS",
                "EXECUTE r USING @u",
                "PREPARE d FROM 'DELETE FROM notes WHERE n >= 30 AND user_id = ?'",
                "EXECUTE d USING @u",
                "SELECT ROW_COUNT()",
                "PREPARE none FROM 'SELECT 5 + ?, @@sql_mode'",
                "EXECUTE none USING @u");
    }

    @Test
    void executionsReadOverSeveralShards() throws SQLException {
        same(
                "PREPARE c FROM 'SELECT COUNT(*), MAX(n), ? FROM notes WHERE n < ?'",
                "SET @x = 'x', @n = 3",
                "EXECUTE c USING @x, @n",
                "PREPARE p FROM 'SELECT n, t FROM notes WHERE user_id IN (?, ?) AND n < 3 ORDER BY user_id, n'",
                "SET @u = FIRST, @v = SECOND",
                "EXECUTE p USING @u, @v",
                "EXECUTE p USING @v, @v",
                "PREPARE b FROM 'SELECT COUNT(*) FROM notes a, notes b WHERE a.user_id = ? AND b.user_id = ?'",
                "EXECUTE b USING @u, @u",
                "EXECUTE b USING @u, @v",
                "EXECUTE b USING @never, @v",
                "PREPARE j FROM 'SELECT COUNT(*) + 1, a.n FROM notes a JOIN notes b ON a.n = b.n GROUP BY a.n ORDER BY a.n'",
                "EXECUTE j",
                "PREPARE i FROM 'SELECT COUNT(*) INTO @got FROM notes WHERE n = ?'",
                "SET @n = 1",
                "EXECUTE i USING @n",
                "SELECT @got",
                "PREPARE w FROM 'WITH q AS (SELECT n FROM notes WHERE n > ?) SELECT COUNT(*), ? FROM q JOIN q r'",
                "EXECUTE w USING @n, @x",
                "PREPARE u FROM 'SELECT CURRENT_USER() IS NULL, COUNT(*) FROM notes'",
                "EXECUTE u",
                "SET autocommit = 0",
                "UPDATE notes SET t = 'zz' WHERE user_id = FIRST AND n = 1",
                "PREPARE m FROM 'SELECT MAX(t) FROM notes WHERE n = ?'",
                "EXECUTE m USING @n",
                "EXECUTE c USING @x, @n",
                "ROLLBACK",
                "SET autocommit = 1",
                "EXECUTE m USING @n",
                "SET sql_mode = 'ANSI_QUOTES'",
                "EXECUTE m USING @n",
                "DEALLOCATE PREPARE m",
                "EXECUTE m USING @n");
    }

    @Test
    void textKeysKeepTheirCharacterSet() throws SQLException {
        same(
                "PREPARE s FROM 'SELECT t FROM named WHERE user_id = ?'",
                "SET @u = 'Alpha'",
                "EXECUTE s USING @u",
                "SET @u = 'ALPHA'",
                "EXECUTE s USING @u",
                "SET @u = 'Ωmega'",
                "EXECUTE s USING @u",
                "SET @u = _latin1'Alpha'",
                "EXECUTE s USING @u",
                "SET @u = _binary'Ωmega'",
                "EXECUTE s USING @u",
                "SET NAMES latin1",
                "EXECUTE s USING @u");
    }

    @Test
    void theTextIsReadInTheModeOfPrepare() throws SQLException {
        same(
                "SET @t = 'SELECT t, \"it''s\", ''\\\\\\\\'' FROM notes WHERE user_id = ? AND n = 1'",
                "SELECT @t",
                "SET @u = SECOND",
                "PREPARE s FROM @t",
                "EXECUTE s USING @u",
                "SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'",
                "EXECUTE s USING @u",
                "PREPARE a FROM 'SELECT \"t\" AS \"x y\", ''\\'', COUNT(*) FROM \"notes\" WHERE \"user_id\" = ? GROUP BY \"t\"'",
                "EXECUTE a USING @u",
                "SET sql_mode = DEFAULT",
                "EXECUTE a USING @u",
                "EXECUTE s USING @u",
                "SET @t = CONCAT('SELECT t FROM notes WHERE user_id', ' = ', @u)",
                "PREPARE c FROM @t",
                "EXECUTE c",
                "SET @t = 'gone'",
                "EXECUTE c");
    }

    @Test
    void mistakesAreMySqls() throws SQLException {
        same(
                "EXECUTE nothing",
                "DEALLOCATE PREPARE nothing",
                "PREPARE s FROM 'SELECT t FROM notes WHERE user_id = ?'",
                "EXECUTE s",
                "SET @a = 1, @b = 2",
                "EXECUTE s USING @a, @b",
                "PREPARE s FROM 'SELEKT'",
                "EXECUTE s USING @a",
                "SET @n = NULL",
                "PREPARE s FROM @n",
                "PREPARE s FROM @never",
                "SET @n = 5",
                "PREPARE s FROM @n",
                "PREPARE s FROM 'SELECT 1'",
                "DEALLOCATE PREPARE s",
                "EXECUTE s",
                "PREPARE s FROM 'SELECT 1'",
                "DROP PREPARE S",
                "EXECUTE s",
                "PREPARE s FROM 'SELECT nothing FROM notes WHERE user_id = ?'");
    }

    @Test
    void definitionsArePreparedToo() throws SQLException {
        same(
                "SET @t = 'CREATE TABLE made (user_id BIGINT PRIMARY KEY, t TEXT)'",
                "PREPARE c FROM @t",
                "EXECUTE c",
                "INSERT INTO made VALUES (SECOND, 'x')",
                "PREPARE s FROM 'SELECT t FROM made WHERE user_id = ?'",
                "SET @u = SECOND",
                "EXECUTE s USING @u",
                "PREPARE d FROM 'DROP TABLE made'",
                "EXECUTE d");
    }

    @Test
    void drawsKeysOfExecutions() throws SQLException {
        try (Connection connection = twin.proxied("");
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE people (user_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,"
                            + " name VARCHAR(20))");
            statement.execute("PREPARE i FROM 'INSERT INTO people (name) VALUES (?)'");
            statement.execute("PREPARE k FROM 'INSERT INTO people VALUES (?, ?)'");
            statement.execute("PREPARE s FROM 'SELECT name FROM people WHERE user_id = ?'");
            for (int n = 0; n < 6; n++) {
                statement.execute("SET @key = NULL, @name = 'person " + n + "'");
                statement.execute(
                        n % 2 == 0 ? "EXECUTE i USING @name" : "EXECUTE k USING @key, @name");
                statement.execute("SET @id = LAST_INSERT_ID()");
                assertThat(SideBySide.describe(connection, "EXECUTE s USING @id"))
                        .contains("|person " + n + ", ");
            }
            statement.execute("SET @key = 7, @name = 'given'");
            statement.execute("EXECUTE k USING @key, @name");
            assertThat(SideBySide.describe(connection, "EXECUTE s USING @key"))
                    .contains("|given, ");
        }
    }

    @Test
    void refusesWhatIsNotPinned() throws SQLException {
        try (Connection connection = twin.proxied("");
                Connection another = twin.proxied("");
                Statement statement = connection.createStatement()) {
            statement.execute("PREPARE s FROM 'UPDATE notes SET n = 1'");
            assertThat(SideBySide.describe(connection, "EXECUTE s")).contains("SW-2002");
            statement.execute("PREPARE s FROM 'DELETE FROM notes WHERE user_id = ?'");
            statement.execute("SET @u = 1e0");
            assertThat(SideBySide.describe(another, "EXECUTE s USING @u")).contains("error 1243");
            statement.execute("SET @u = '5 '");
            assertThat(SideBySide.describe(connection, "EXECUTE s USING @u")).contains("SW-2004");
            assertThat(SideBySide.describe(connection, "PREPARE s FROM 'BEGIN'"))
                    .contains("error 1295");
            assertThat(SideBySide.describe(connection, "EXECUTE s USING @u"))
                    .contains("error 1243");
        }
    }
}
