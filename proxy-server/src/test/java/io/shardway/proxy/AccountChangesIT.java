package io.shardway.proxy;

import static io.shardway.proxy.AccountFixture.code;
import static io.shardway.proxy.AccountFixture.column;
import static io.shardway.proxy.AccountFixture.connect;
import static io.shardway.proxy.AccountFixture.loginCode;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.mysql.cj.jdbc.JdbcConnection;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** Accounts are made, changed and dropped while two proxies serve them. */
@Timeout(180)
class AccountChangesIT {

    private static AccountFixture cluster;

    @BeforeAll
    static void start() throws SQLException {
        cluster = new AccountFixture();
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void anAccountMadeOnOneProxyLogsInOnBoth() throws SQLException {
        cluster.admin("SHARDWAY CREATE ACCOUNT made IDENTIFIED BY 'pw'");
        assertThat(loginCode(cluster.first, "made", "pw")).isZero();
        NodeSide.until("follows", () -> loginCode(cluster.second, "made", "pw") == 0);
        assertThat(loginCode(cluster.second, "made", "wrong")).isEqualTo(1045);
        cluster.admin(cluster.second, "SHARDWAY DROP ACCOUNT made");
        assertThat(loginCode(cluster.second, "made", "pw")).isEqualTo(1045);
        NodeSide.until("follows", () -> loginCode(cluster.first, "made", "pw") == 1045);
    }

    @Test
    void openSessionsFollowTheirRights() throws SQLException {
        cluster.admin("SHARDWAY CREATE ACCOUNT follows IDENTIFIED BY 'pw'");
        NodeSide.until("follows", () -> loginCode(cluster.second, "follows", "pw") == 0);
        String read = cluster.named("SELECT a FROM {own}.t WHERE user_id = 1");
        try (Connection connection = connect(cluster.second, "follows", "pw")) {
            assertThat(code(connection, read)).isEqualTo(1142);
            cluster.admin(cluster.named("SHARDWAY GRANT READ ON {own}.* TO follows"));
            NodeSide.until("may read", () -> code(connection, read) == 0);
            cluster.admin(cluster.named("SHARDWAY REVOKE READ ON {own}.* FROM follows"));
            NodeSide.until("may not", () -> code(connection, read) == 1142);
        }
    }

    @Test
    void theSessionsOfADroppedAccountEnd() throws SQLException {
        cluster.admin("SHARDWAY CREATE ACCOUNT dropped IDENTIFIED BY 'pw'");
        cluster.admin(cluster.named("SHARDWAY GRANT WRITE ON {own}.* TO dropped"));
        NodeSide.until("follows", () -> loginCode(cluster.second, "dropped", "pw") == 0);
        // Not closed by try: a driver that has lost its connection cannot roll back.
        Connection busy = connect(cluster.first, "dropped", "pw");
        try (Connection idle = connect(cluster.second, "dropped", "pw")) {
            busy.setAutoCommit(false);
            String insert = cluster.named("INSERT INTO {own}.t VALUES (%d, 1)");
            assertThat(code(busy, insert.formatted(31))).isZero();
            cluster.admin("SHARDWAY DROP ACCOUNT dropped");
            assertThat(code(busy, insert.formatted(32))).isEqualTo(1045);
            assertThat(busy.isValid(5)).isFalse();
            NodeSide.until(
                    "is closed without a statement",
                    () -> sessions(cluster.second, "dropped") == 0);
            assertThat(idle.isValid(5)).isFalse();
        }
        try (Connection admin = cluster.first.connectAsAdmin()) {
            assertThat(column(admin, cluster.named("SELECT a FROM {own}.t WHERE user_id = 31")))
                    .as("the open transaction was rolled back")
                    .isEmpty();
        }
    }

    @Test
    void aLockedAccountTakesNoNewLogins() throws SQLException {
        cluster.admin("SHARDWAY CREATE ACCOUNT locked IDENTIFIED BY 'pw'");
        try (Connection before = connect(cluster.first, "locked", "pw")) {
            cluster.admin("SHARDWAY ALTER ACCOUNT locked ACCOUNT LOCK");
            assertThat(loginCode(cluster.first, "locked", "pw")).isEqualTo(3118);
            assertThat(loginCode(cluster.first, "locked", "wrong")).isEqualTo(1045);
            assertThat(code(before, "SELECT 1")).isZero();
            cluster.admin("SHARDWAY ALTER ACCOUNT locked ACCOUNT UNLOCK");
            assertThat(loginCode(cluster.first, "locked", "pw")).isZero();
        }
    }

    /** Clients of the old and of the new password come all the time, on both proxies. */
    @Test
    void nobodyIsRefusedWhileAPasswordIsReplaced() throws Exception {
        cluster.admin("SHARDWAY CREATE ACCOUNT rotates IDENTIFIED BY 'old'");
        NodeSide.until("follows", () -> loginCode(cluster.second, "rotates", "old") == 0);
        var passwords = new AtomicReference<>(List.of("old"));
        var refused = new ConcurrentLinkedQueue<String>();
        var logins = new AtomicInteger();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        var clients = new ArrayList<Future<?>>();
        for (TestProxy proxy : List.of(cluster.first, cluster.second, cluster.first)) {
            clients.add(
                    threads.submit(() -> {
                        while (!passwords.get().isEmpty()) {
                            for (String password : passwords.get()) {
                                int code = loginCode(proxy, "rotates", password);
                                if (code != 0) {
                                    refused.add(password + " " + code);
                                }
                                logins.incrementAndGet();
                            }
                        }
                    }));
        }
        awaitLogins(logins, 20);
        cluster.admin("SHARDWAY ALTER ACCOUNT rotates IDENTIFIED BY 'new' RETAIN CURRENT PASSWORD");
        NodeSide.until("follows", () -> loginCode(cluster.second, "rotates", "new") == 0);
        passwords.set(List.of("old", "new"));
        awaitLogins(logins, 40);
        passwords.set(List.of("new"));
        awaitLogins(logins, 20);
        cluster.admin("SHARDWAY ALTER ACCOUNT rotates DISCARD OLD PASSWORD");
        awaitLogins(logins, 20);
        passwords.set(List.of());
        for (Future<?> client : clients) {
            client.get();
        }
        threads.close();
        assertThat(refused).isEmpty();
        assertThat(loginCode(cluster.first, "rotates", "old")).isEqualTo(1045);
        NodeSide.until("follows", () -> loginCode(cluster.second, "rotates", "old") == 1045);
        assertThat(loginCode(cluster.second, "rotates", "new")).isZero();
    }

    private static void awaitLogins(AtomicInteger logins, int more) {
        int before = logins.get();
        NodeSide.until("clients went on", () -> logins.get() >= before + more);
    }

    @Test
    void neitherOfTwoProxiesLosesAChange() throws Exception {
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        var makers = new ArrayList<Future<?>>();
        for (TestProxy proxy : List.of(cluster.first, cluster.second)) {
            makers.add(
                    threads.submit(() -> {
                        for (int index = 0; index < 10; index++) {
                            String name = "many%d_%d".formatted(proxy.proxy().number(), index);
                            cluster.admin(
                                    proxy,
                                    "SHARDWAY CREATE ACCOUNT " + name + " IDENTIFIED BY 'pw'");
                            cluster.admin(proxy, "SHARDWAY GRANT READ ON *.* TO " + name);
                        }
                        return null;
                    }));
        }
        for (Future<?> maker : makers) {
            maker.get();
        }
        threads.close();
        try (Connection admin = cluster.first.connectAsAdmin()) {
            assertThat(column(admin, "SHARDWAY SHOW ACCOUNTS LIKE 'many%'")).hasSize(20);
        }
    }

    @Test
    void theNumberOfConnectionsIsLimited() throws SQLException {
        cluster.admin("SHARDWAY CREATE ACCOUNT few IDENTIFIED BY 'pw' WITH MAX_USER_CONNECTIONS 2");
        try (Connection one = connect(cluster.first, "few", "pw")) {
            try (Connection two = connect(cluster.first, "few", "pw")) {
                assertThat(loginCode(cluster.first, "few", "pw")).isEqualTo(1226);
                NodeSide.until(
                        "a limit for each", () -> loginCode(cluster.second, "few", "pw") == 0);
                two.unwrap(JdbcConnection.class).changeUser("app", "app");
                assertThat(loginCode(cluster.first, "few", "pw")).isZero();
            }
            cluster.admin("SHARDWAY ALTER ACCOUNT few WITH MAX_USER_CONNECTIONS 1");
            NodeSide.until("lower", () -> loginCode(cluster.first, "few", "pw") == 1226);
            assertThat(code(one, "SELECT 1")).isZero();
        }
        NodeSide.until("free again", () -> loginCode(cluster.first, "few", "pw") == 0);
    }

    @Test
    void aProxyLimitsAccountsThatDoNotLimitThemselves() throws SQLException {
        cluster.admin("SHARDWAY CREATE ACCOUNT crowd IDENTIFIED BY 'pw'");
        cluster.admin("SHARDWAY CREATE ACCOUNT vip IDENTIFIED BY 'pw' WITH MAX_USER_CONNECTIONS 2");
        try (TestProxy third =
                        cluster.first.another(Map.of("frontend.account-connections-max", "1"));
                Connection _ = connect(third, "crowd", "pw");
                Connection _ = connect(third, "vip", "pw")) {
            assertThat(loginCode(third, "crowd", "pw")).isEqualTo(1203);
            assertThat(loginCode(third, "vip", "pw")).isZero();
        }
    }

    @Test
    void theNumberOfStatementsInFlightIsLimited() throws Exception {
        cluster.admin("SHARDWAY CREATE ACCOUNT one IDENTIFIED BY 'pw' WITH MAX_STATEMENTS 1");
        cluster.admin(cluster.named("SHARDWAY GRANT WRITE ON {own}.* TO one"));
        try (Connection slow = connect(cluster.first, "one", "pw");
                Connection other = connect(cluster.first, "one", "pw")) {
            other.setAutoCommit(false);
            String insert = cluster.named("INSERT INTO {own}.t VALUES (%d, 1)");
            assertThat(code(other, insert.formatted(51))).isZero();
            ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
            Future<Integer> sleeping = threads.submit(() -> sleep(slow));
            NodeSide.until("it runs", () -> code(other, "SELECT 1") == 1226);
            assertThat(code(other, insert.formatted(52))).isEqualTo(1226);
            other.commit(); // Ends are never refused.
            cluster.admin("SHARDWAY ALTER ACCOUNT one WITH MAX_STATEMENTS 2");
            assertThat(code(other, insert.formatted(53))).isZero();
            other.rollback();
            assertThat(code(other, "KILL QUERY " + idOf(other, "SLEEP"))).isZero();
            sleeping.get();
            threads.close();
            assertThat(code(slow, "SELECT 1")).isZero();
            assertThat(code(other, "SELECT 1")).isZero();
        }
    }

    /** The statements that look whether it runs may have the only place themselves. */
    private static int sleep(Connection connection) throws SQLException {
        int code = code(connection, "SELECT SLEEP(60)");
        while (code == 1226) {
            code = code(connection, "SELECT SLEEP(60)");
        }
        return code;
    }

    private static String idOf(Connection connection, String text) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("SHOW FULL PROCESSLIST")) {
            while (rows.next()) {
                if (String.valueOf(rows.getString("Info")).contains(text)) {
                    return rows.getString("Id");
                }
            }
        }
        throw new AssertionError("nobody runs " + text);
    }

    private static long sessions(TestProxy proxy, String user) throws SQLException {
        try (Connection admin = proxy.connectAsAdmin();
                var statement = admin.createStatement();
                var rows = statement.executeQuery("SHOW PROCESSLIST")) {
            long count = 0;
            while (rows.next()) {
                count += rows.getString("User").equals(user) ? 1 : 0;
            }
            return count;
        }
    }

    @Test
    void theNarrowestHostPatternIsTheAccount() throws SQLException {
        cluster.admin("SHARDWAY CREATE ACCOUNT 'who'@'%' IDENTIFIED BY 'anywhere'");
        cluster.admin("SHARDWAY CREATE ACCOUNT 'who'@'127.0.0.0/8' IDENTIFIED BY 'near'");
        cluster.admin("SHARDWAY CREATE ACCOUNT 'far'@'10.%' IDENTIFIED BY 'pw'");
        assertThat(loginCode(cluster.first, "who", "anywhere")).isEqualTo(1045);
        try (Connection connection = connect(cluster.first, "who", "near")) {
            assertThat(column(connection, "SELECT CURRENT_USER()"))
                    .containsExactly("who@127.0.0.0/8");
            assertThat(column(connection, "SELECT USER()")).containsExactly("who@localhost");
        }
        assertThat(loginCode(cluster.first, "far", "pw")).isEqualTo(1045);
        cluster.admin("SHARDWAY DROP ACCOUNT 'who'@'127.0.0.0/8'");
        assertThat(loginCode(cluster.first, "who", "anywhere")).isZero();
    }

    @Test
    void hashesGoFromMysqlToShardwayAndBack() throws SQLException {
        var node = cluster.first.cluster().primary(1);
        String direct =
                "jdbc:mysql://%s:%d/?allowPublicKeyRetrieval=true"
                        .formatted(node.host(), node.port());
        try (Connection root = cluster.first.onShard(1)) {
            for (String plugin : List.of("caching_sha2_password", "mysql_native_password")) {
                String name = "take" + plugin.charAt(0) + System.nanoTime();
                String made = "CREATE USER '%s'@'%%' IDENTIFIED WITH %s BY 'geheim ü'";
                assertThat(code(root, made.formatted(name, plugin))).isZero();
                String hash =
                        column(
                                        root,
                                        "SELECT CONCAT('0x', HEX(authentication_string)) FROM mysql.user"
                                                + " WHERE user = '"
                                                + name
                                                + "'")
                                .getFirst();
                cluster.admin(
                        "SHARDWAY CREATE ACCOUNT %s IDENTIFIED WITH %s AS '%s'"
                                .formatted(name, plugin, hash));
                assertThat(loginCode(cluster.first, name, "geheim ü")).as(plugin).isZero();
                assertThat(loginCode(cluster.first, name, "geheim")).isEqualTo(1045);

                cluster.admin("SHARDWAY ALTER ACCOUNT " + name + " IDENTIFIED BY 'zurück'");
                String ours =
                        cluster.first
                                .proxy()
                                .zookeeper()
                                .accountStore()
                                .read()
                                .find(io.shardway.router.topology.AccountName.of(name))
                                .orElseThrow()
                                .credential()
                                .hash();
                assertThat(
                                code(
                                        root,
                                        "ALTER USER '%s'@'%%' IDENTIFIED WITH %s AS '%s'"
                                                .formatted(name, plugin, ours)))
                        .isZero();
                try (Connection connection = DriverManager.getConnection(direct, name, "zurück")) {
                    assertThat(column(connection, "SELECT 1")).containsExactly("1");
                }
                assertThat(code(root, "DROP USER '" + name + "'@'%'")).isZero();
            }
        }
    }

    @Test
    void theCommandLineClientAdministersToo() throws Exception {
        ChildClient.assumeInstalled("mariadb", "mariadb-client");
        String script =
                """
                SHARDWAY CREATE ACCOUNT 'cli'@'localhost' IDENTIFIED BY 'it''s' REQUIRE NONE;
                SHARDWAY GRANT READ ON %s.* TO 'cli'@'localhost';
                SHARDWAY SHOW ACCOUNT 'cli'@'localhost';
                """
                        .formatted(cluster.first.keyspace());
        assertThat(mariadb("admin", "admin", script))
                .contains(
                        "cli@localhost\tREAD ON "
                                + cluster.first.keyspace()
                                + ".*\tNONE\t0\t0\ton\tno");
        assertThat(mariadb("cli", "it's", "SELECT CURRENT_USER(); SHOW DATABASES;"))
                .contains("cli@localhost", cluster.first.keyspace())
                .doesNotContain(cluster.other);
        mariadb("cli", "it's", "SHARDWAY ALTER ACCOUNT USER() IDENTIFIED BY 'mine';");
        assertThat(loginCode(cluster.first, "cli", "it's")).isEqualTo(1045);
        assertThat(loginCode(cluster.first, "cli", "mine")).isZero();
    }

    private static String mariadb(String user, String password, String input) throws Exception {
        return ChildClient.run(
                List.of(
                        "mariadb",
                        "--no-defaults",
                        "--host=127.0.0.1",
                        "--port=" + cluster.first.proxy().port(),
                        "--user=" + user,
                        "--password=" + password),
                input);
    }

    @Test
    void noLogHoldsAPasswordAndTheAuditLogTellsTheRest() throws Exception {
        var lines = new ListAppender<ILoggingEvent>();
        lines.start();
        var root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.addAppender(lines);
        try {
            cluster.admin("SHARDWAY CREATE ACCOUNT audited IDENTIFIED BY 'tOpSeCrEt1'");
            cluster.admin("SHARDWAY ALTER ACCOUNT audited IDENTIFIED BY 'tOpSeCrEt2' REQUIRE NONE");
            try (Connection admin = cluster.first.connectAsAdmin()) {
                code(admin, "SHARDWAY ALTER ACCOUNT audited IDENTIFIED BY 'tOpSeCrEt3' nonsense");
                code(admin, "SHARDWAY ALTER ACCOUNT nobody IDENTIFIED BY 'tOpSeCrEt4'");
                code(admin, "SET sql_mode = 'ANSI_QUOTES'");
                code(admin, "SHARDWAY ALTER ACCOUNT audited IDENTIFIED BY \"tOpSeCrEt5\"");
                code(admin, "CREATE USER x IDENTIFIED BY \"tOpSeCrEt6\"");
            }
            loginCode(cluster.first, "audited", "tOpSeCrEt7");
            loginCode(cluster.first, "audited", "tOpSeCrEt2");
            NodeSide.until(
                    "the last is written",
                    () -> texts(lines).contains("login account=\"'audited'"));
        } finally {
            root.detachAppender(lines);
        }
        assertThat(texts(lines))
                .doesNotContain("tOpSeCrEt")
                .doesNotContain("$A$")
                .contains(
                        "statement=\"CREATE ACCOUNT\" of=\"'audited'@'%' IDENTIFIED\" outcome=\"done\"",
                        "of=\"'audited'@'%' IDENTIFIED REQUIRE NONE\" outcome=\"done\"",
                        "of=\"'nobody'@'%' IDENTIFIED\" outcome=\"SW-2104\"",
                        "login-refused user=\"audited\" client=\"127.0.0.1\" code=\"SW-1001\"");
    }

    private static String texts(ListAppender<ILoggingEvent> lines) {
        var text = new StringBuilder();
        for (ILoggingEvent event : List.copyOf(lines.list)) {
            text.append(event.getFormattedMessage());
            if (event.getKeyValuePairs() != null) {
                event.getKeyValuePairs().stream()
                        .filter(pair -> !pair.key.equals("time"))
                        .forEach(pair -> text.append(" %s=\"%s\"".formatted(pair.key, pair.value)));
            }
            text.append('\n');
        }
        return text.toString();
    }
}
