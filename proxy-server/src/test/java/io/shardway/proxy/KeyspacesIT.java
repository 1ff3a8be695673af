package io.shardway.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Keyspaces are made, kept apart and dropped. */
@Timeout(180)
class KeyspacesIT {

    private static TestProxy proxy;

    @BeforeAll
    static void start() throws SQLException {
        proxy = TestProxy.start();
        try (Connection connection = proxy.connect()) {
            done(
                    connection,
                    "CREATE TABLE users (user_id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(20))");
            done(connection, "INSERT INTO users VALUES (" + proxy.keyOn(1, 0) + ", 'secret')");
        }
        proxy.cluster().primary(1).execute("SET GLOBAL local_infile = ON");
    }

    @AfterAll
    static void stop() {
        if (proxy != null) {
            proxy.close();
        }
    }

    private static void done(Connection connection, String... statements) {
        for (String sql : statements) {
            assertThat(answer(connection, sql)).as(sql).doesNotContain("error");
        }
    }

    private static String answer(Connection connection, String sql) {
        try {
            return SideBySide.describe(connection, sql);
        } catch (SQLException failed) {
            throw new IllegalStateException(failed);
        }
    }

    private static String name(String suffix) {
        return proxy.keyspace() + "_" + suffix;
    }

    private static Connection plain(String suffix) throws SQLException {
        try (Connection connection = proxy.connect()) {
            done(connection, "CREATE DATABASE " + name(suffix));
        }
        return proxy.connectTo(name(suffix), "");
    }

    @Test
    void nothingStoredInAPlainKeyspaceReachesAShardedTable() throws SQLException {
        String users = proxy.keyspace() + ".users";
        try (Connection connection = plain("apart")) {
            done(connection, "CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(20))");
            assertThat(answer(connection, "SELECT * FROM " + users)).contains("error 1142");
            assertThat(answer(connection, "INSERT INTO t SELECT * FROM " + users))
                    .contains("error 1142");
            assertThat(answer(connection, "UPDATE t JOIN " + users + " u SET t.id = 1"))
                    .contains("error 1142");
            for (String security : List.of("DEFINER", "INVOKER")) {
                done(
                        connection,
                        "CREATE OR REPLACE SQL SECURITY "
                                + security
                                + " VIEW v AS SELECT * FROM "
                                + users);
                assertThat(answer(connection, "SELECT * FROM v")).contains("error 1356");
                done(
                        connection,
                        "CREATE PROCEDURE p () SQL SECURITY "
                                + security
                                + " SELECT * FROM "
                                + users);
                assertThat(answer(connection, "CALL p()")).contains("error 1142");
                done(connection, "DROP PROCEDURE p");
            }
            done(
                    connection,
                    "CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW"
                            + " SET NEW.name = (SELECT MAX(name) FROM "
                            + users
                            + ")");
            assertThat(answer(connection, "INSERT INTO t VALUES (1, 'x')")).contains("error 1142");
            assertThat(answer(connection, "RENAME TABLE t TO " + proxy.keyspace() + ".t"))
                    .contains("error 1142");
        }
    }

    @Test
    void qualifiedNamesReachOnePlainKeyspaceFromOutside() throws SQLException {
        String posts = name("named") + ".posts";
        try (Connection inside = plain("named");
                Connection outside = proxy.connect();
                Connection nowhere = proxy.connectTo("", "")) {
            done(inside, "CREATE TABLE posts (id INT AUTO_INCREMENT PRIMARY KEY, t TEXT)");
            for (Connection connection : List.of(outside, nowhere)) {
                done(connection, "INSERT INTO " + posts + " (t) VALUES ('a'), ('b')");
                assertThat(answer(connection, "SELECT LAST_INSERT_ID() > 0")).contains("|1");
                assertThat(answer(connection, "SELECT COUNT(*) FROM " + posts)).contains("BIGINT");
                assertThat(
                                answer(
                                        connection,
                                        "SELECT * FROM %s, %s.users u WHERE u.user_id = 1"
                                                .formatted(posts, proxy.keyspace())))
                        .contains("error 1235");
            }
            assertThat(answer(inside, "SELECT MAX(id) FROM posts")).contains("|4");
            assertThat(answer(outside, "SHOW TABLES FROM " + name("named"))).contains("posts");
            done(outside, "CREATE TABLE " + name("named") + ".more (id INT)");
            done(outside, "DROP TABLE " + name("named") + ".more");
        }
    }

    @Test
    void aTransactionStaysInItsKeyspace() throws SQLException {
        try (Connection connection = plain("one");
                Connection other = plain("two")) {
            done(connection, "CREATE TABLE t (id INT)");
            done(other, "CREATE TABLE t (id INT)");
            done(connection, "BEGIN", "INSERT INTO t VALUES (1)", "USE " + name("two"));
            assertThat(answer(connection, "INSERT INTO t VALUES (2)")).contains("SW-4020");
            assertThat(answer(connection, "SELECT 1")).contains("SW-4020");
            assertThat(answer(connection, "SET @a = 1")).contains("SW-4020");
            done(connection, "USE " + proxy.keyspace());
            assertThat(
                            answer(
                                    connection,
                                    "SELECT * FROM users WHERE user_id = " + proxy.keyOn(1, 0)))
                    .contains("SW-4020");
            done(connection, "USE " + name("one"), "INSERT INTO t VALUES (3)", "COMMIT");
            done(connection, "USE " + name("two"), "INSERT INTO t VALUES (4)");
            assertThat(answer(connection, "SELECT * FROM t")).endsWith("|4, ");
            done(connection, "USE " + name("one"));
            assertThat(answer(connection, "SELECT COUNT(*) FROM t")).endsWith("|2, ");
        }
    }

    @Test
    void aSnapshotMayBeBegunBeforeItsKeyspaceIsChosen() throws SQLException {
        try (Connection inside = plain("snapped");
                Connection dump = proxy.connectTo("", "")) {
            done(inside, "CREATE TABLE t (id INT)", "INSERT INTO t VALUES (1)");
            done(
                    dump,
                    "START TRANSACTION WITH CONSISTENT SNAPSHOT",
                    "SHOW VARIABLES LIKE 'version'",
                    "UNLOCK TABLES",
                    "SELECT COUNT(*) FROM information_schema.engines");
            assertThat(
                            answer(
                                    dump,
                                    "SELECT * FROM %s.users WHERE user_id = 1"
                                            .formatted(proxy.keyspace())))
                    .contains("SW-2006");
            done(dump, "USE " + name("snapped"), "SELECT * FROM t");
            done(inside, "INSERT INTO t VALUES (2)");
            assertThat(answer(dump, "SELECT COUNT(*) FROM t")).endsWith("|1, ");
            done(dump, "COMMIT");
            assertThat(answer(dump, "SELECT COUNT(*) FROM t")).endsWith("|2, ");
        }
    }

    @Test
    void aPreparedStatementStaysInItsKeyspace() throws SQLException {
        try (Connection connection = plain("prepared");
                Connection server = proxy.connectTo(name("prepared"), "useServerPrepStmts=true")) {
            done(connection, "CREATE TABLE t (id INT)", "INSERT INTO t VALUES (7)");
            try (var prepared = server.prepareStatement("SELECT id FROM t WHERE id > ?")) {
                for (String keyspace :
                        List.of(name("prepared"), proxy.keyspace(), "information_schema")) {
                    done(server, "USE " + keyspace);
                    prepared.setInt(1, 1);
                    try (var rows = prepared.executeQuery()) {
                        assertThat(rows.next()).isTrue();
                        assertThat(rows.getInt(1)).isEqualTo(7);
                    }
                }
            }
        }
    }

    @Test
    void everyProxyServesAKeyspaceAsSoonAsItIsMade() throws SQLException {
        try (TestProxy second = proxy.another(Map.of());
                Connection here = proxy.connect();
                Connection there = second.connect()) {
            for (int i = 0; i < 5; i++) {
                String keyspace = name("both" + i);
                done(here, "CREATE DATABASE " + keyspace);
                done(there, "USE " + keyspace, "CREATE TABLE t (id INT)");
                done(here, "USE " + keyspace, "INSERT INTO t VALUES (" + i + ")");
                assertThat(answer(there, "SELECT * FROM t")).endsWith("|" + i + ", ");
                done(there, "CREATE VIEW v AS SELECT * FROM t");
                assertThat(answer(here, "SELECT * FROM v")).endsWith("|" + i + ", ");
                assertThat(answer(here, "DROP DATABASE " + keyspace)).isEqualTo("count 2");
                assertThat(answer(there, "SELECT * FROM t")).contains("error 104");
                assertThat(answer(there, "USE " + keyspace)).contains("error 1049");
                assertThat(answer(here, "SELECT DATABASE()")).endsWith("|null, ");
            }
        }
    }

    @Test
    void definitionsAnswerAsMySqlDoes() throws SQLException {
        String keyspace = name("defined");
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            assertThat(answer(connection, "CREATE DATABASE " + keyspace + " CHARACTER SET latin1"))
                    .isEqualTo("count 1");
            assertThat(answer(connection, "SHOW CREATE DATABASE " + keyspace)).contains("latin1");
            done(connection, "ALTER DATABASE " + keyspace + " CHARACTER SET = utf8mb4");
            assertThat(answer(connection, "SHOW CREATE DATABASE " + keyspace)).contains("utf8mb4");
            assertThat(answer(connection, "CREATE DATABASE " + keyspace))
                    .contains("error 1007 HY000 Can't create database '" + keyspace + "'");
            statement.execute("CREATE DATABASE IF NOT EXISTS " + keyspace);
            assertThat(statement.getWarnings().getErrorCode()).isEqualTo(1007);
            done(connection, "DROP SCHEMA " + keyspace);
            assertThat(answer(connection, "DROP DATABASE " + keyspace)).contains("error 1008");
            statement.execute("DROP DATABASE IF EXISTS " + keyspace);
            assertThat(statement.getWarnings().getErrorCode()).isEqualTo(1008);
            assertThat(
                            answer(
                                    connection,
                                    "CREATE DATABASE " + keyspace + " CHARACTER SET nonsense"))
                    .contains("error 1115");
            done(connection, "CREATE DATABASE " + keyspace, "DROP DATABASE " + keyspace);
            assertThat(answer(connection, "CREATE DATABASE mysql")).contains("SW-2023");
            assertThat(answer(connection, "CREATE DATABASE shardway")).contains("SW-2023");
            proxy.cluster().primary(1).execute("CREATE DATABASE " + keyspace);
            assertThat(answer(connection, "CREATE DATABASE " + keyspace)).contains("SW-3021");
            proxy.cluster().primary(1).execute("DROP DATABASE " + keyspace);
        }
        try (Connection reader =
                java.sql.DriverManager.getConnection(proxy.url(), "reader", "reader")) {
            assertThat(answer(reader, "CREATE DATABASE " + keyspace)).contains("SW-1013");
        }
    }

    @Test
    void aDroppedKeyspaceTakesItsAccountsAndRightsAlong() throws SQLException {
        String keyspace = name("gone");
        try (Connection connection = plain("gone");
                Connection server = proxy.onShard(1)) {
            String accounts = "SELECT COUNT(*) FROM mysql.user WHERE user LIKE '%" + keyspace + "'";
            String rights =
                    "SELECT COUNT(*) FROM mysql.db WHERE REPLACE(db, '\\\\', '') = '"
                            + keyspace
                            + "'";
            assertThat(answer(server, accounts)).endsWith("|2, ");
            assertThat(answer(server, rights)).endsWith("|3, ");
            done(connection, "DROP DATABASE " + keyspace);
            assertThat(answer(server, accounts)).endsWith("|0, ");
            assertThat(answer(server, rights)).endsWith("|0, ");
        }
    }

    @Test
    void aKeyspaceInUseIsDroppedWhenItsTransactionsEnd() throws Exception {
        String keyspace = name("used");
        try (Connection user = plain("used");
                Connection dropper = proxy.connect()) {
            done(user, "CREATE TABLE t (id INT)", "BEGIN", "INSERT INTO t VALUES (1)");
            var dropped = new java.util.concurrent.CompletableFuture<String>();
            Thread.ofVirtual()
                    .start(() -> dropped.complete(answer(dropper, "DROP DATABASE " + keyspace)));
            for (String now = ""; !now.contains("error"); ) {
                now = answer(user, "INSERT INTO t VALUES (2)");
            }
            assertThat(dropped).isNotDone();
            done(user, "ROLLBACK");
            assertThat(dropped.get()).isEqualTo("count 1");
        }
    }

    @Test
    void shardedKeyspacesAreMadeAndDropped() throws SQLException {
        String keyspace = name("shop");
        try (Connection admin = proxy.connectAsAdmin();
                Connection connection = proxy.connect()) {
            done(admin, "SHARDWAY CREATE KEYSPACE " + keyspace + " SHARD KEY shop_id");
            done(
                    connection,
                    "USE " + keyspace,
                    "CREATE TABLE carts (cart_id BIGINT NOT NULL AUTO_INCREMENT, shop_id BIGINT"
                            + " NOT NULL, PRIMARY KEY (shop_id, cart_id), KEY (cart_id))");
            for (int shard = 1; shard <= proxy.cluster().shardCount(); shard++) {
                long key = proxy.keyOn(shard, 0);
                done(connection, "INSERT INTO carts (shop_id) VALUES (" + key + ")");
                try (Connection node = proxy.cluster().primary(shard).connect(keyspace)) {
                    assertThat(answer(node, "SELECT cart_id % 64, shop_id FROM carts"))
                            .endsWith("|" + shard + ", " + key + ", ");
                }
            }
            assertThat(answer(admin, "SHARDWAY ALTER KEYSPACE " + keyspace + " PLAIN"))
                    .contains("SW-2024");
            assertThat(answer(admin, "SHARDWAY SHOW KEYSPACES LIKE '" + keyspace + "'"))
                    .contains("sharded, shop_id, served, 64, all");
            done(connection, "DROP DATABASE " + keyspace);
            for (int shard = 1; shard <= proxy.cluster().shardCount(); shard++) {
                try (Connection node = proxy.onShard(shard)) {
                    assertThat(answer(node, "SHOW DATABASES LIKE '" + keyspace + "'"))
                            .doesNotContain("|");
                }
            }
        }
    }

    @Test
    void anEmptyKeyspaceChangesItsKind() throws SQLException {
        String keyspace = name("kind");
        try (Connection admin = proxy.connectAsAdmin();
                Connection connection = plain("kind")) {
            done(connection, "CREATE TABLE t (user_id BIGINT NOT NULL PRIMARY KEY)");
            assertThat(answer(admin, "SHARDWAY ALTER KEYSPACE " + keyspace + " SHARD KEY user_id"))
                    .contains("SW-2024");
            done(connection, "DROP TABLE t");
            done(admin, "SHARDWAY ALTER KEYSPACE " + keyspace + " SHARD KEY user_id");
            assertThat(answer(connection, "CREATE PROCEDURE p () SELECT 1")).contains("SW-");
            done(connection, "CREATE TABLE t (user_id BIGINT NOT NULL PRIMARY KEY)");
            done(connection, "INSERT INTO t VALUES (" + proxy.keyOn(2, 0) + ")");
            done(connection, "DROP TABLE t");
            done(admin, "SHARDWAY ALTER KEYSPACE " + keyspace + " PLAIN");
            done(connection, "CREATE PROCEDURE p () SELECT 1", "CALL p()");
        }
    }

    @Test
    void whatStoppedHalfWayGoesOn() throws SQLException {
        String keyspace = name("half");
        try (TestProxy impatient = proxy.another(Map.of("definition.drop-timeout", "1s"));
                Connection connection = impatient.connect();
                Connection server = proxy.onShard(1)) {
            // The owner may not drop what is locked: the schema stays, and so does the keyspace.
            done(
                    connection,
                    "CREATE DATABASE " + keyspace,
                    "CREATE TABLE " + keyspace + ".t (a INT)");
            done(server, "SET lock_wait_timeout = 1", "LOCK TABLES " + keyspace + ".t READ");
            assertThat(answer(connection, "DROP DATABASE " + keyspace)).contains("error 1205");
            done(connection, "SELECT * FROM " + keyspace + ".t");
            done(server, "UNLOCK TABLES");
            done(connection, "DROP DATABASE " + keyspace);
        }
    }

    @Test
    void loadsTheClientsOwnFiles(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("rows.txt");
        var rows = new StringBuilder();
        for (int i = 0; i < 200_000; i++) {
            rows.append(i).append('\t').append("name ").append(i).append('\n');
        }
        Files.writeString(file, rows);
        try (Connection connection = plain("loaded")) {
            done(connection, "CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(20))");
            String load = "LOAD DATA LOCAL INFILE '" + file + "' INTO TABLE t";
            assertThat(answer(connection, load)).contains("SW-2021");
            try (Connection allowed =
                            proxy.connectTo(
                                    name("loaded"),
                                    "allowLoadLocalInfile=true&allowMultiQueries=true");
                    Statement statement = allowed.createStatement()) {
                assertThat(answer(allowed, load)).isEqualTo("count 200000");
                assertThat(answer(allowed, "SELECT COUNT(*), MAX(name) FROM t"))
                        .endsWith("|200000, name 99999, ");
                done(allowed, "BEGIN", "DELETE FROM t WHERE id < 10");
                statement
                        .unwrap(com.mysql.cj.jdbc.JdbcStatement.class)
                        .setLocalInfileInputStream(
                                new ByteArrayInputStream("1\tone\n2\ttwo\n".getBytes(UTF_8)));
                assertThat(
                                statement.executeUpdate(
                                        "LOAD DATA LOCAL INFILE 'x' INTO TABLE t (@a, name) SET id"
                                                + " = @a"))
                        .isEqualTo(2);
                assertThat(answer(allowed, "SELECT @a")).endsWith("|2, ");
                done(allowed, "ROLLBACK");
                assertThat(answer(allowed, "SELECT COUNT(*) FROM t")).endsWith("|200000, ");
                // LOCAL means IGNORE: rows that are there are left as they are.
                assertThat(answer(allowed, load)).isEqualTo("count 0");
                assertThat(answer(allowed, "SHOW COUNT(*) WARNINGS")).contains("|");
                assertThat(answer(allowed, "SELECT COUNT(*) FROM t")).endsWith("|200000, ");
            }
        }
    }
}
