package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What reads over several shards lock, how long, and how they fail at others' locks. */
@Timeout(180)
class LockingReadsIT {

    private static final int ROWS = 12;
    private static final int NOWAIT = 3572;

    private static Twin twin;
    private static NodeSide nodes;
    private static long one;
    private static long two;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @BeforeAll
    static void start() throws SQLException {
        twin =
                Twin.start(
                        "CREATE TABLE jobs (user_id BIGINT NOT NULL, seq INT NOT NULL, n INT NOT"
                                + " NULL, note VARCHAR(20), PRIMARY KEY (user_id, seq), KEY (n))",
                        "CREATE TABLE owners (user_id BIGINT NOT NULL PRIMARY KEY, n INT NOT NULL)");
        nodes = new NodeSide(twin.proxy());
        one = twin.proxy().keyOn(1, 0);
        two = twin.proxy().keyOn(2, 0);
        for (int row = 0; row < ROWS; row++) {
            for (long key : List.of(one, two)) {
                twin.define(
                        "INSERT INTO jobs VALUES (%d, %d, %d, 'note %2$d')"
                                .formatted(key, row, row * 2 + (key == one ? 0 : 1)));
            }
        }
        for (int user = 0; user < ROWS; user++) {
            twin.define("INSERT INTO owners VALUES (%d, %1$d)".formatted(user + 1));
        }
    }

    @AfterAll
    static void stop() {
        twin.close();
    }

    @AfterEach
    void end() {
        threads.close();
        nodes.awaitClean();
    }

    private static void run(Connection connection, String... all) throws SQLException {
        for (String sql : all) {
            TestProxy.run(connection, sql.replace("$1", "" + one).replace("$2", "" + two));
        }
    }

    private static Connection client() throws SQLException {
        return twin.proxied("readOnlyPropagatesToServer=false");
    }

    private Future<?> begin(Connection connection, String sql) {
        return threads.submit(() -> {
            run(connection, sql);
            return "done";
        });
    }

    private static Predicate<Throwable> error(int code) {
        return problem -> problem instanceof SQLException told && told.getErrorCode() == code;
    }

    /** The rows that another client cannot have now. */
    private static Set<String> locked(Connection other, String mode) throws SQLException {
        var locked = new TreeSet<String>();
        for (long key : List.of(one, two)) {
            for (int row = 0; row < ROWS; row++) {
                String sql =
                        "SELECT n FROM jobs WHERE user_id = %d AND seq = %d FOR %s NOWAIT"
                                .formatted(key, row, mode);
                if (refused(other, sql)) {
                    locked.add((key == one ? "$1 " : "$2 ") + row);
                }
            }
        }
        for (int user = 1; user <= ROWS; user++) {
            if (refused(
                    other,
                    "SELECT n FROM owners WHERE user_id = %d FOR %s NOWAIT"
                            .formatted(user, mode))) {
                locked.add("owner " + user);
            }
        }
        return locked;
    }

    private static boolean refused(Connection other, String sql) throws SQLException {
        String answer = SideBySide.describe(other, sql);
        boolean refused = answer.startsWith("error " + NOWAIT);
        assertThat(refused || !answer.startsWith("error")).as(answer).isTrue();
        return refused;
    }

    /** What is locked on each side, for UPDATE and for SHARE, by the statement in a transaction. */
    private static List<Set<String>> lockedBy(boolean proxied, String sql) throws SQLException {
        try (Connection client = proxied ? client() : twin.direct("");
                Connection other = proxied ? client() : twin.direct("")) {
            run(client, "BEGIN", sql);
            var result = List.of(locked(other, "UPDATE"), locked(other, "SHARE"));
            run(client, "COMMIT");
            assertThat(locked(other, "UPDATE")).as(sql + " COMMIT").isEmpty();
            return result;
        }
    }

    @Test
    void whatMySqlLocksIsLocked() throws SQLException {
        List<String> exact =
                List.of(
                        "SELECT * FROM jobs WHERE seq = 3 FOR UPDATE",
                        "SELECT n FROM jobs FOR SHARE",
                        "SELECT * FROM jobs FORCE INDEX (n) WHERE n > 15 LOCK IN SHARE MODE",
                        "SELECT COUNT(*) FROM jobs FOR UPDATE",
                        "SELECT * FROM jobs WHERE n = -1 FOR UPDATE",
                        "SELECT note FROM jobs ORDER BY note FOR UPDATE",
                        "SELECT * FROM jobs LIMIT 0 FOR UPDATE",
                        "SELECT j.note FROM jobs j JOIN owners o ON o.n = j.n FOR UPDATE OF o");
        List<String> more =
                List.of(
                        "SELECT * FROM jobs ORDER BY n LIMIT 3 FOR UPDATE",
                        "SELECT * FROM jobs ORDER BY n DESC LIMIT 3 FOR SHARE",
                        "SELECT * FROM jobs WHERE note = 'note 5' FOR UPDATE",
                        "SELECT * FROM jobs WHERE n IN (4, 5) ORDER BY note FOR UPDATE",
                        "SELECT * FROM jobs WHERE (user_id, seq) IN (($1, 1), ($2, 2)) FOR UPDATE",
                        "SELECT MAX(n), AVG(n) FROM jobs FOR SHARE",
                        "SELECT j.n FROM jobs j JOIN owners o ON o.n = j.n WHERE j.n < 5 FOR UPDATE",
                        "SELECT j.n FROM jobs j LEFT JOIN owners o ON o.n = j.n WHERE j.n < 5 FOR"
                                + " UPDATE OF j FOR SHARE OF o",
                        "SELECT n FROM jobs WHERE n IN (SELECT n FROM owners) FOR UPDATE");
        for (String sql : exact) {
            assertThat(lockedBy(true, sql)).as(sql).isEqualTo(lockedBy(false, sql));
        }
        for (String sql : more) {
            List<Set<String>> expected = lockedBy(false, sql);
            List<Set<String>> actual = lockedBy(true, sql);
            for (int mode = 0; mode < 2; mode++) {
                assertThat(actual.get(mode)).as(sql).containsAll(expected.get(mode));
            }
        }
    }

    @Test
    void withoutATransactionLocksEndWithTheStatement() throws SQLException {
        try (Connection client = client();
                Connection other = client()) {
            for (String sql :
                    List.of(
                            "SELECT * FROM jobs FOR UPDATE",
                            "SELECT j.n FROM jobs j JOIN owners o ON o.n = j.n FOR UPDATE")) {
                run(client, sql);
                assertThat(locked(other, "UPDATE")).as(sql).isEmpty();
            }
            run(client, "SET autocommit = 0", "SELECT * FROM jobs FOR UPDATE");
            assertThat(locked(other, "UPDATE")).hasSize(2 * ROWS);
            run(client, "SET autocommit = 1");
            assertThat(locked(other, "UPDATE")).isEmpty();
        }
    }

    @Test
    void lockedRowsAreReadAsTheyAreNow() throws SQLException {
        String all = "SELECT SUM(n) FROM jobs";
        String joined = "SELECT SUM(j.n) FROM jobs j JOIN jobs k ON k.n = j.n";
        try (Connection client = client();
                Connection other = client()) {
            run(client, "BEGIN");
            String before = SideBySide.describe(client, all);
            run(other, "UPDATE jobs SET n = n + 100 WHERE user_id = $2 AND seq = 0");
            assertThat(SideBySide.describe(client, all)).isEqualTo(before);
            String now = SideBySide.describe(other, all);
            assertThat(SideBySide.describe(client, all + " FOR UPDATE")).isEqualTo(now);
            assertThat(SideBySide.describe(client, joined + " FOR SHARE"))
                    .isEqualTo(now.replace("(n)", "(j.n)"));
            assertThat(now).isNotEqualTo(before);
            run(client, "ROLLBACK");
            run(other, "UPDATE jobs SET n = n - 100 WHERE user_id = $2 AND seq = 0");
        }
    }

    @Test
    void lockedRowsAreSkippedOrRefusedAsByOneMySql() throws SQLException {
        for (String end : List.of("ORDER BY n", "ORDER BY note, n", "ORDER BY n LIMIT 4")) {
            for (String lock : List.of("FOR UPDATE SKIP LOCKED", "FOR SHARE NOWAIT")) {
                if (end.contains("LIMIT") && lock.contains("NOWAIT")) {
                    continue; // A shard comes to rows that one MySQL would not have come to.
                }
                String sql = "SELECT n, note FROM jobs WHERE seq < 7 " + end + " " + lock;
                assertThat(besideALock(true, sql)).as(sql).isEqualTo(besideALock(false, sql));
            }
        }
    }

    private static String besideALock(boolean proxied, String sql) throws SQLException {
        try (Connection other = proxied ? client() : twin.direct("");
                Connection client = proxied ? client() : twin.direct("")) {
            run(other, "BEGIN", "SELECT * FROM jobs WHERE user_id = $2 AND seq = 2 FOR UPDATE");
            run(client, "BEGIN");
            String answer = SideBySide.describe(client, sql);
            run(client, "SELECT n FROM jobs WHERE user_id = $1 AND seq = 11", "COMMIT");
            run(other, "COMMIT");
            return answer;
        }
    }

    @Test
    void aLockWaitThatEndsLeavesTheTransaction() throws SQLException {
        for (String sql :
                List.of(
                        "SELECT * FROM jobs FOR UPDATE",
                        "SELECT * FROM jobs ORDER BY n FOR UPDATE",
                        "SELECT j.n FROM jobs j JOIN jobs k ON k.n = j.n FOR UPDATE")) {
            try (Connection client = client();
                    Connection other = client()) {
                run(other, "BEGIN", "UPDATE jobs SET note = 'x' WHERE user_id = $2 AND seq = 4");
                run(
                        client,
                        "SET innodb_lock_wait_timeout = 1",
                        "BEGIN",
                        "UPDATE jobs SET note = 'mine' WHERE user_id = $1 AND seq = 4");
                assertThatThrownBy(() -> run(client, sql)).matches(error(1205));
                run(other, "ROLLBACK");
                run(client, "COMMIT");
                assertThat(SideBySide.describe(other, "SELECT note FROM jobs WHERE note = 'mine'"))
                        .endsWith("|mine, ");
                run(other, "UPDATE jobs SET note = 'note 4' WHERE user_id = $1 AND seq = 4");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT * FROM jobs WHERE seq < 2 FOR UPDATE",
                "SELECT AVG(n) FROM jobs WHERE seq < 2 FOR UPDATE",
            })
    void aDeadlockRollsBackEveryShard(String sql) throws Exception {
        try (Connection client = client();
                Connection node = twin.proxy().onShard(2)) {
            run(client, "BEGIN", "UPDATE jobs SET note = 'mine' WHERE user_id = $1 AND seq = 5");
            run(node, "BEGIN", "UPDATE jobs SET note = 'x' WHERE user_id = $2 AND seq IN (1, 2)");
            run(node, "UPDATE jobs SET note = 'x' WHERE user_id = $2 AND seq > 5");
            Future<?> dies = begin(client, sql);
            NodeSide.until("it waits for the row", () -> nodes.isWaiting(2));
            run(node, "UPDATE jobs SET n = n WHERE user_id = $2 AND seq = 0");
            assertThatThrownBy(dies::get).hasMessageContaining("Deadlock found");
            run(node, "ROLLBACK");
            run(client, "COMMIT");
            assertThat(SideBySide.describe(client, "SELECT n FROM jobs WHERE note = 'mine'"))
                    .endsWith("n INT, ");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT * FROM jobs FOR UPDATE",
                "SELECT j.n FROM jobs j JOIN jobs k ON k.n = j.n FOR UPDATE",
            })
    void aStatementThatWaitsForALockIsKilledOnItsShard(String sql) throws Exception {
        try (Connection client = client();
                Connection other = client()) {
            String id = SideBySide.describe(client, "SELECT CONNECTION_ID()");
            run(other, "BEGIN", "UPDATE jobs SET note = note WHERE user_id = $2 AND seq = 4");
            run(client, "BEGIN");
            Future<?> waits = begin(client, sql);
            NodeSide.until("it waits for the row", () -> nodes.isWaiting(2));
            run(other, "KILL QUERY " + id.replaceAll(".*\\|(\\d+), $", "$1"));
            assertThatThrownBy(waits::get).hasMessageContaining("interrupted");
            assertThat(locked(other, "SHARE")).as("locks stay").contains("$1 0");
            run(client, "ROLLBACK");
            assertThat(locked(other, "UPDATE")).isEmpty();
            run(other, "ROLLBACK");
        }
    }

    /** In the mode `single`: locks are no writes. */
    @Test
    void onlyOneOfTheLockedShardsIsWritten() throws SQLException {
        try (Connection client = client();
                Connection other = client()) {
            run(client, "BEGIN", "SELECT * FROM jobs FOR UPDATE");
            run(client, "UPDATE jobs SET note = 'mine' WHERE user_id = $2 AND seq = 1");
            assertThatThrownBy(() ->
                            run(client, "UPDATE jobs SET note = '' WHERE user_id = $1 AND seq = 1"))
                    .hasMessageContaining("SW-4006");
            run(client, "COMMIT");
            assertThat(locked(other, "UPDATE")).isEmpty();
            assertThat(SideBySide.describe(other, "SELECT n FROM jobs WHERE note = 'mine'"))
                    .endsWith("|3, ");
            run(other, "UPDATE jobs SET note = 'note 1' WHERE user_id = $2 AND seq = 1");
        }
    }

    /** Each locks the first shard's rows first, so nobody waits crosswise for a timeout. */
    @Test
    void manyThatLockEverythingWaitForEachOther() throws Exception {
        var all = new ArrayList<Future<?>>();
        for (int client = 0; client < 4; client++) {
            String sql =
                    client % 2 == 0
                            ? "SELECT * FROM jobs ORDER BY n FOR UPDATE"
                            : "SELECT j.n FROM jobs j JOIN jobs k ON k.n = j.n FOR UPDATE";
            all.add(
                    threads.submit(() -> {
                        try (Connection connection = client()) {
                            run(connection, "SET innodb_lock_wait_timeout = 20");
                            for (int round = 0; round < 15; round++) {
                                run(connection, "BEGIN", sql, "COMMIT");
                            }
                        }
                        return "done";
                    }));
        }
        for (Future<?> each : all) {
            each.get();
        }
    }

    @Test
    void everyJobIsTakenOnce() throws Exception {
        Set<String> taken = ConcurrentHashMap.newKeySet();
        var twice = new ArrayList<String>();
        var workers = new ArrayList<Future<?>>();
        for (int worker = 0; worker < 4; worker++) {
            workers.add(threads.submit(() -> work(taken, twice)));
        }
        for (Future<?> each : workers) {
            each.get();
        }
        assertThat(twice).isEmpty();
        assertThat(taken).hasSize(2 * ROWS);
        try (Connection client = client()) {
            for (long key : List.of(one, two)) {
                run(client, "UPDATE jobs SET note = CONCAT('note ', seq) WHERE user_id = " + key);
            }
        }
    }

    private static Object work(Set<String> taken, List<String> twice) throws SQLException {
        try (Connection client = client();
                Statement statement = client.createStatement()) {
            for (int idle = 0; idle < 20; idle++) {
                run(client, "BEGIN");
                String key = "";
                try (ResultSet rows =
                        statement.executeQuery(
                                "SELECT user_id, seq FROM jobs WHERE note <> 'done'"
                                        + " ORDER BY n LIMIT 1 FOR UPDATE SKIP LOCKED")) {
                    if (rows.next()) {
                        key =
                                "user_id = %d AND seq = %d"
                                        .formatted(rows.getLong(1), rows.getInt(2));
                    }
                }
                if (!key.isEmpty()) {
                    idle = 0;
                    if (!taken.add(key)) {
                        twice.add(key);
                    }
                    run(client, "UPDATE jobs SET note = 'done' WHERE " + key);
                }
                run(client, "COMMIT");
            }
        }
        return "done";
    }
}
