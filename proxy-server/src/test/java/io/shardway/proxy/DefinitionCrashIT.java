package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardway.cluster.LocalCluster;
import io.shardway.proxy.query.ProxyPeer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/**
 * A definition is stopped at each of its moments, and there its proxy is killed, a node dies, or
 * ZooKeeper goes away. Whatever happens, afterwards both shards have the same tables, or the table
 * is refused and an operator can carry it on. The outcomes are printed as the table of docs/ddl.md.
 */
@Timeout(600)
class DefinitionCrashIT {

    /** In the order in which a definition comes to them. */
    private static final List<String> MOMENTS =
            List.of(
                    "locked",
                    "recorded",
                    "marked",
                    "s1:begun",
                    "s1:sent",
                    "s1:done",
                    "s2:begun",
                    "s2:sent",
                    "s2:done",
                    "stepped",
                    "published");

    /** All cases take twenty minutes; without it those that tell most. */
    private static final boolean EVERYTHING = Boolean.getBoolean("shardway.crash.everything");

    private static final Map<String, String> OUTCOMES = new TreeMap<>();

    private static LocalCluster cluster;
    private static TestProxy other;
    private static int made;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /** What goes wrong. */
    private enum Trouble {
        PROXY_KILLED,
        NODE_DIES,
        ZOOKEEPER_AWAY
    }

    @BeforeAll
    static void start() {
        cluster = LocalCluster.builder().shards(2).replicas(0).start();
        other =
                TestProxy.start(
                        cluster,
                        Map.of(
                                "zookeeper.session-timeout", "2s",
                                "zookeeper.announce-timeout", "5s",
                                "definition.lock-timeout", "20s"));
    }

    @AfterAll
    static void stop() {
        OUTCOMES.forEach((moment, outcome) -> System.out.println(moment + " | " + outcome));
        other.close();
        cluster.close();
    }

    @AfterEach
    void end() {
        restore();
        threads.close();
    }

    private static void restore() {
        cluster.zooKeeper().start();
        cluster.primary(1).start();
        cluster.primary(2).start();
    }

    @TestFactory
    Stream<DynamicTest> leavesNothingUnsaidWhenItsProxyIsKilled() {
        return cases(Trouble.PROXY_KILLED);
    }

    @TestFactory
    Stream<DynamicTest> leavesNothingUnsaidWhenANodeDies() {
        return cases(Trouble.NODE_DIES);
    }

    @TestFactory
    Stream<DynamicTest> leavesNothingUnsaidWhenZooKeeperIsAway() {
        return cases(Trouble.ZOOKEEPER_AWAY);
    }

    /** ALTER at every moment, the others where they differ from it. */
    private Stream<DynamicTest> cases(Trouble trouble) {
        return MOMENTS.stream()
                .flatMap(moment ->
                        Stream.of("ALTER", "CREATE", "TRUNCATE")
                                .filter(verb -> verb.equals("ALTER") || differs(verb, moment))
                                .filter(verb -> EVERYTHING || isTelling(trouble, verb, moment))
                                .map(verb ->
                                        DynamicTest.dynamicTest(
                                                trouble + " " + verb + " at " + moment,
                                                () -> check(trouble, verb, moment))));
    }

    private static boolean isTelling(Trouble trouble, String verb, String moment) {
        return switch (trouble) {
            case PROXY_KILLED ->
                    moment.equals(verb.equals("CREATE") ? "s2:begun" : "s1:sent")
                            || (verb.equals("ALTER") && moment.equals("stepped"));
            case NODE_DIES -> verb.equals("ALTER") && moment.equals("s2:sent");
            case ZOOKEEPER_AWAY -> verb.equals("ALTER") && moment.equals("s1:sent");
        };
    }

    private static boolean differs(String verb, String moment) {
        return moment.equals("s1:sent")
                || moment.equals("s2:sent")
                || (verb.equals("CREATE") && moment.equals("s2:begun"));
    }

    private void check(Trouble trouble, String verb, String moment) throws Exception {
        String table = "c" + made++;
        long key = other.keyOn(2, 0);
        prepare(verb, table);
        var settings = new HashMap<>(Map.of("stop.at", moment));
        settings.put("zookeeper.session-timeout", "5s");
        settings.put("zookeeper.announce-timeout", "5s");
        try (var proxy = ChildProxy.start(other.settingsOf(settings), cluster.rootPassword())) {
            try {
                String answer = troubled(trouble, verb, moment, table, proxy);
                String outcome = settle(table, key, verb);
                OUTCOMES.put(
                        "%s %s %2d %s".formatted(trouble, verb, MOMENTS.indexOf(moment), moment),
                        "client: %s; %s".formatted(shorten(answer), outcome));
            } finally {
                // The next case must not find it lost, whatever became of this one.
                restore();
                proxy.kill();
                forget(proxy.number());
            }
        }
    }

    /** What the client hears. */
    private String troubled(
            Trouble trouble, String verb, String moment, String table, ChildProxy proxy)
            throws Exception {
        Future<String> client = threads.submit(() -> define(proxy.port(), statement(verb, table)));
        Future<?> stopped =
                threads.submit(() -> {
                    proxy.awaitStopped();
                    return true;
                });
        NodeSide.until("it stops or fails", () -> stopped.isDone() || client.isDone());
        assertThat(client.isDone() ? client.get() : "").isEmpty();
        happen(trouble, moment, proxy);
        if (trouble != Trouble.PROXY_KILLED) {
            proxy.goOn();
        }
        String answer = client.get(90, TimeUnit.SECONDS);
        restore();
        if (trouble == Trouble.PROXY_KILLED) {
            forget(proxy.number());
        }
        return answer;
    }

    private static void happen(Trouble trouble, String moment, ChildProxy proxy) {
        switch (trouble) {
            case PROXY_KILLED -> proxy.kill();
            case NODE_DIES -> cluster.primary(moment.startsWith("s2") ? 2 : 1).kill();
            case ZOOKEEPER_AWAY -> cluster.zooKeeper().stop();
        }
    }

    private static void prepare(String verb, String table) throws SQLException {
        if (verb.equals("CREATE")) {
            return;
        }
        try (Connection connection = other.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE " + table + " (user_id BIGINT NOT NULL PRIMARY KEY, n INT)");
            for (int shard = 1; shard <= 2; shard++) {
                statement.execute(
                        "INSERT INTO %s (user_id, n) VALUES (%d, 1)"
                                .formatted(table, other.keyOn(shard, 1)));
            }
        }
    }

    private static String statement(String verb, String table) {
        return switch (verb) {
            case "CREATE" -> "CREATE TABLE " + table + " (user_id BIGINT NOT NULL PRIMARY KEY)";
            case "ALTER" -> "ALTER TABLE " + table + " ADD COLUMN x INT";
            default -> "TRUNCATE TABLE " + table;
        };
    }

    private static String define(int port, String sql) {
        String url =
                "jdbc:mysql://127.0.0.1:%d/%s?allowPublicKeyRetrieval=true"
                        .formatted(port, other.keyspace());
        try (Connection connection = DriverManager.getConnection(url, "app", "app");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
            return "ok";
        } catch (SQLException failed) {
            return String.valueOf(failed.getMessage());
        }
    }

    /**
     * The other proxy sees what is left; it carries that on, or takes it back when it is a new
     * table. Then both shards are alike.
     */
    private static String settle(String table, long key, String verb) throws Exception {
        NodeSide.until("the journal can be read", () -> journal() != null);
        NodeSide.until("nothing runs any more", () -> !state(table).equals("running"));
        String state = state(table);
        String outcome = "entry " + state;
        if (state.equals("half done")) {
            NodeSide.until("the table is refused", () -> refused(table, key));
            String doing = verb.equals("CREATE") ? "ABANDON" : "RESUME";
            NodeSide.until("it is carried on", () -> operate(doing, table));
            outcome += ", then " + doing + " ok";
        }
        NodeSide.until("no definition is open", () -> !state(table).equals("half done"));
        NodeSide.until(
                "both shards are alike: " + table, () -> create(1, table).equals(create(2, table)));
        NodeSide.until(
                "the topology says what the shards have",
                () -> listed(table) == !create(1, table).isEmpty());
        if (verb.equals("TRUNCATE")) {
            assertThat(rows(1, table)).isEqualTo(rows(2, table));
        }
        NodeSide.until("the table can be used, or is not there", () -> usable(table, key));
        return outcome + "; table " + described(table);
    }

    private static String described(String table) throws SQLException {
        String create = create(1, table);
        return create.isEmpty()
                ? "is not there"
                : (create.contains("`x`") ? "is changed" : "is there")
                        + ", rows "
                        + rows(1, table)
                        + "+"
                        + rows(2, table);
    }

    private static boolean refused(String table, long key) {
        try (Connection connection = other.connect();
                Statement statement = connection.createStatement()) {
            statement.executeQuery("SELECT * FROM " + table + " WHERE user_id = " + key).close();
            return false;
        } catch (SQLException refused) {
            return String.valueOf(refused.getMessage()).contains("SW-2042");
        }
    }

    private static boolean usable(String table, long key) throws SQLException {
        try (Connection connection = other.connect();
                Statement statement = connection.createStatement()) {
            statement.executeQuery("SELECT * FROM " + table + " WHERE user_id = " + key).close();
            return true;
        } catch (SQLException refused) {
            return create(1, table).isEmpty()
                    && String.valueOf(refused.getMessage()).contains("SW-2010");
        }
    }

    private static boolean listed(String table) {
        return other.proxy()
                .serving()
                .topology()
                .keyspace(other.keyspace())
                .orElseThrow()
                .tables()
                .containsKey(table);
    }

    private static String state(String table) throws SQLException {
        List<List<String>> rows = journal();
        return rows.stream()
                .filter(row ->
                        row.get(2).contains("TABLE " + table + " ")
                                || row.get(2).endsWith("TABLE " + table))
                .filter(row -> !row.get(2).endsWith("PRIMARY KEY, n INT)"))
                .map(row -> row.get(1))
                .findFirst()
                .orElse("none");
    }

    private static long number(String table) throws SQLException {
        return journal().stream()
                .filter(row -> row.get(2).contains("TABLE " + table))
                .map(row -> Long.parseLong(row.getFirst()))
                .findFirst()
                .orElseThrow();
    }

    private static List<List<String>> journal() throws SQLException {
        var rows = new ArrayList<List<String>>();
        try (Connection admin = other.connectAsAdmin();
                Statement statement = admin.createStatement()) {
            statement.execute("SHARDWAY SHOW DDL");
            try (ResultSet result = statement.getResultSet()) {
                while (result.next()) {
                    rows.add(
                            List.of(
                                    result.getString("ddl"),
                                    result.getString("state"),
                                    result.getString("statement")));
                }
            }
        } catch (SQLException away) {
            if (String.valueOf(away.getMessage()).contains("SW-3001")) {
                return List.of(List.of("0", "running", "away"));
            }
            throw away;
        }
        return rows;
    }

    private static boolean operate(String doing, String table) throws SQLException {
        try (Connection admin = other.connectAsAdmin();
                Statement statement = admin.createStatement()) {
            statement.execute("SHARDWAY " + doing + " DDL " + number(table));
            return true;
        } catch (SQLException notYet) {
            assertThat(notYet.getMessage())
                    .containsAnyOf(
                            "SW-3001", "SW-3041", "SW-3048", "SW-3046", "SW-4001", "SW-3043",
                            "SW-3004");
            return false;
        }
    }

    /** Locks a proxy out once ZooKeeper has noticed that it is gone. */
    private static void forget(int number) {
        NodeSide.until(
                "proxy " + number + " is forgotten",
                () -> {
                    List<ProxyPeer> peers = new RunningStatus(other.proxy()).proxies();
                    if (peers.stream().noneMatch(peer -> peer.number() == number)) {
                        return true;
                    }
                    try (Connection admin = other.connectAsAdmin();
                            Statement statement = admin.createStatement()) {
                        statement.execute("SHARDWAY FORGET PROXY " + number);
                        return true;
                    } catch (SQLException alive) {
                        assertThat(alive.getMessage())
                                .containsAnyOf("SW-3016", "SW-3001", "SW-4001", "SW-30");
                        return false;
                    }
                });
    }

    private static String create(int shard, String table) throws SQLException {
        try (Connection connection = other.onShard(shard)) {
            return DefinitionsIT.tables(connection, table).isEmpty()
                    ? ""
                    : DefinitionsIT.createOf(connection, table);
        }
    }

    private static long rows(int shard, String table) throws SQLException {
        try (Connection connection = other.onShard(shard);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT COUNT(*) FROM " + table)) {
            row.next();
            return row.getLong(1);
        }
    }

    private static String shorten(String answer) {
        int end = answer.indexOf(" (");
        String first = answer.lines().findFirst().orElse("");
        return end > 0 && end < first.length() ? first.substring(0, end) : first;
    }
}
