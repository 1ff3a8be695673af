package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.sql.Connection;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** PHP's mysqlnd, which knows no DEPRECATE_EOF, through mysqli and PDO. */
@Timeout(180)
class PhpIT {

    private static TestProxy proxy;

    @BeforeAll
    static void start() throws Exception {
        ChildClient.assumeInstalled("php", "php-cli php-mysql");
        String modules = ChildClient.run(List.of("php", "-m"), "");
        assumeTrue(
                modules.contains("mysqli") && modules.contains("pdo_mysql"),
                "PHP has no MySQL extensions (apt install php-mysql)");
        proxy = TestProxy.start();
        try (Connection connection = proxy.connect()) {
            SideBySide.describe(
                    connection,
                    "CREATE TABLE users (user_id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(50), d DOUBLE, t DATETIME(3))");
        }
    }

    @AfterAll
    static void stop() {
        if (proxy != null) {
            proxy.close();
        }
    }

    private static String php(String body) throws Exception {
        String head =
                """
                <?php
                $port = %d; $db = '%s'; $k1 = %d; $k2 = %d;
                mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
                function out(...$v) { echo json_encode($v), "\\n"; }
                """
                        .formatted(
                                proxy.proxy().port(),
                                proxy.keyspace(),
                                proxy.keyOn(1, 0),
                                proxy.keyOn(2, 0));
        return ChildClient.run(List.of("php", "-d", "display_errors=stderr"), head + body);
    }

    @Test
    void mysqliTextAndPrepared() throws Exception {
        String output =
                php(
                        """
                        $c = new mysqli('127.0.0.1', 'app', 'app', $db, $port);
                        $c->set_charset('utf8mb4');
                        $c->query("DELETE FROM users WHERE user_id = $k1");
                        $s = $c->prepare('INSERT INTO users VALUES (?, ?, ?, ?)');
                        $name = 'Zoë'; $d = 1.5; $t = '2024-02-29 12:34:56.789';
                        foreach ([$k1, $k2] as $k) {
                            $s->bind_param('isds', $k, $name, $d, $t);
                            $s->execute();
                            out('inserted', $s->affected_rows);
                        }
                        $s = $c->prepare('SELECT name, d, t, ? FROM users WHERE user_id = ?');
                        foreach ([$k1, $k2, $k1] as $k) {
                            $x = 'x';
                            $s->bind_param('si', $x, $k);
                            $s->execute();
                            out($s->get_result()->fetch_all());
                        }
                        out($c->query("SELECT name, d, t FROM users WHERE user_id = $k2")->fetch_row());
                        $c->begin_transaction();
                        $c->query("UPDATE users SET name = 'new' WHERE user_id = $k1");
                        $c->savepoint('s');
                        $c->rollback();
                        out($c->query("SELECT name FROM users WHERE user_id = $k1")->fetch_row());
                        $c->autocommit(false);
                        $c->query("UPDATE users SET name = 'kept' WHERE user_id = $k1");
                        $c->commit();
                        $c->autocommit(true);
                        out($c->query("SELECT name FROM users WHERE user_id = $k1")->fetch_row());
                        $c->multi_query("SELECT 1; SELECT 2, 3; SET @a = 4; SELECT @a; SELEC; SELECT 5");
                        try {
                            do {
                                if ($r = $c->store_result()) { out('multi', $r->fetch_row()); }
                            } while ($c->more_results() && $c->next_result());
                        } catch (mysqli_sql_exception $e) { out('error', $e->getCode()); }
                        out('unbuffered', $c->query("SELECT name FROM users WHERE user_id = $k1", MYSQLI_USE_RESULT)->fetch_row());
                        $c->change_user('native', 'native', $db);
                        out($c->query('SELECT CURRENT_USER(), @a')->fetch_row());
                        $c->select_db('information_schema');
                        out($c->query('SELECT DATABASE()')->fetch_row(), $c->ping(), $c->stat() !== '');
                        try { $c->query('SELEC'); } catch (mysqli_sql_exception $e) { out($e->getCode(), $e->getSqlState()); }
                        $s = $c->prepare('SELECT 1 WHERE ? = 5');
                        try { $c->prepare('SELECT nothing_such'); } catch (mysqli_sql_exception $e) { out($e->getCode()); }
                        out('end');
                        """);
        assertThat(output.lines())
                .containsExactly(
                        "[\"inserted\",1]",
                        "[\"inserted\",1]",
                        "[[[\"Zo\\u00eb\",1.5,\"2024-02-29 12:34:56.789\",\"x\"]]]",
                        "[[[\"Zo\\u00eb\",1.5,\"2024-02-29 12:34:56.789\",\"x\"]]]",
                        "[[[\"Zo\\u00eb\",1.5,\"2024-02-29 12:34:56.789\",\"x\"]]]",
                        "[[\"Zo\\u00eb\",\"1.5\",\"2024-02-29 12:34:56.789\"]]",
                        "[[\"Zo\\u00eb\"]]",
                        "[[\"kept\"]]",
                        "[\"multi\",[\"1\"]]",
                        "[\"multi\",[\"2\",\"3\"]]",
                        "[\"multi\",[\"4\"]]",
                        "[\"error\",1064]",
                        "[\"unbuffered\",[\"kept\"]]",
                        "[[\"native@%\",null]]",
                        "[[\"information_schema\"],true,true]",
                        "[1064,\"42000\"]",
                        "[1054]",
                        "[\"end\"]");
    }

    @Test
    void pdoEmulatedAndNative() throws Exception {
        String output =
                php(
                        """
                        foreach ([true, false] as $emulate) {
                            $c = new PDO("mysql:host=127.0.0.1;port=$port;dbname=$db;charset=utf8mb4", 'app', 'app', [
                                PDO::ATTR_EMULATE_PREPARES => $emulate, PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,
                                PDO::ATTR_STRINGIFY_FETCHES => true,
                                PDO::MYSQL_ATTR_INIT_COMMAND => "SET sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES')"]);
                            $k = $k1 + 0;
                            $s = $c->prepare('REPLACE INTO users (user_id, name) VALUES (:k, :n)');
                            $s->execute(['k' => $k, 'n' => 'pdo']);
                            $s = $c->prepare('SELECT name FROM "users" WHERE user_id = ?');
                            $s->execute([$k]);
                            out($s->fetchAll(PDO::FETCH_NUM));
                            $c->beginTransaction();
                            $c->exec("UPDATE users SET name = 'x' WHERE user_id = $k");
                            $c->rollBack();
                            $s->execute([$k]);
                            out($s->fetchAll(PDO::FETCH_NUM), $c->inTransaction());
                            $p = $c->prepare('SELECT CONNECTION_ID() > 0, ROW_COUNT()');
                            $p->execute();
                            out($p->fetch(PDO::FETCH_NUM));
                            $p->closeCursor();
                            $p = $c->prepare('SET @z = 5');
                            $p->execute();
                            out($c->query('SELECT @z')->fetchColumn());
                            try { $c->query('SELECT @@hostname FROM users'); } catch (PDOException $e) { out(str_contains($e->getMessage(), 'SW-')); }
                            out($c->getAttribute(PDO::ATTR_SERVER_INFO) !== '');
                        }
                        """);
        String round =
                "[[[\"pdo\"]]]\n[[[\"pdo\"]],false]\n[[\"1\",\"-1\"]]\n[\"5\"]\n[true]\n[true]\n";
        assertThat(output).isEqualTo(round + round);
    }
}
