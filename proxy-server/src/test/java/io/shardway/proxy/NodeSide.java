package io.shardway.proxy;

import io.shardway.proxy.query.PoolStatus;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;

/** What tests do to a proxy's connections on the nodes, and how they see what is left there. */
final class NodeSide {

    static final Duration BOUND = Duration.ofSeconds(30);

    private final TestProxy proxy;
    private final int number;

    NodeSide(TestProxy proxy) {
        this(proxy, proxy.proxy().number());
    }

    /** Of another proxy on the same cluster. */
    NodeSide(TestProxy proxy, int number) {
        this.proxy = proxy;
        this.number = number;
    }

    /** A condition that may throw. */
    @FunctionalInterface
    interface Condition {
        boolean holds() throws Exception;
    }

    /** Waits for a state; fails when it does not come. */
    static void until(String what, Condition condition) {
        long end = System.nanoTime() + BOUND.toNanos();
        while (true) {
            try {
                if (condition.holds()) {
                    return;
                }
                if (System.nanoTime() > end) {
                    throw new AssertionError("did not happen within " + BOUND + ": " + what);
                }
                // InnoDB renews innodb_trx only when nobody has read it for a tenth of a second.
                Thread.sleep(150);
            } catch (RuntimeException | AssertionError failed) {
                throw failed;
            } catch (Exception failed) {
                throw new AssertionError(what, failed);
            }
        }
    }

    /** The serving account of this proxy, the same on every node. */
    String account() {
        return "shardway_p" + number;
    }

    /** Its threads on a shard's primary. */
    List<Long> threads(int shard) throws SQLException {
        return threads(shard, "TRUE");
    }

    /** Those that run a statement like this now. */
    List<Long> threadsRunning(int shard, String like) throws SQLException {
        return threads(shard, "COMMAND <> 'Sleep' AND INFO LIKE '" + like + "'");
    }

    private List<Long> threads(int shard, String where) throws SQLException {
        try (Connection root = proxy.cluster().primary(shard).connect()) {
            return threads(root, where);
        }
    }

    /** Its threads on the node of this connection: for who looks often. */
    List<Long> threadsSeenBy(Connection root) throws SQLException {
        return threads(root, "TRUE");
    }

    private List<Long> threads(Connection root, String where) throws SQLException {
        try (Statement statement = root.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT ID FROM information_schema.PROCESSLIST WHERE USER = '"
                                        + account()
                                        + "' AND COMMAND <> 'Killed' AND "
                                        + where)) {
            var ids = new ArrayList<Long>();
            while (rows.next()) {
                ids.add(rows.getLong(1));
            }
            return ids;
        }
    }

    /** Waits until none of its threads is left on a shard's primary. */
    void awaitNoThreads(int shard) {
        try {
            until("no thread is left", () -> threads(shard).isEmpty());
        } catch (AssertionError left) {
            throw new AssertionError(left.getMessage() + "; there are " + described(shard), left);
        }
    }

    private List<String> described(int shard) {
        try (Connection root = proxy.cluster().primary(shard).connect();
                Statement statement = root.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT CONCAT_WS(' ', ID, COMMAND, TIME, STATE, LEFT(INFO, 80))"
                                        + " FROM information_schema.PROCESSLIST WHERE USER = '"
                                        + account()
                                        + "'")) {
            var threads = new ArrayList<String>();
            while (rows.next()) {
                threads.add(rows.getString(1));
            }
            return threads;
        } catch (SQLException failed) {
            throw new AssertionError(failed);
        }
    }

    /** Waits until exactly one thread runs such a statement. */
    long awaitRunning(int shard, String like) {
        until("a thread runs " + like, () -> threadsRunning(shard, like).size() == 1);
        try {
            return threadsRunning(shard, like).getFirst();
        } catch (SQLException failed) {
            throw new AssertionError(failed);
        }
    }

    /** Kills all of the proxy's threads; how many there were. */
    int killAll(int shard) throws SQLException {
        try (Connection root = proxy.cluster().primary(shard).connect()) {
            return killAll(root);
        }
    }

    /**
     * Kills all of the proxy's threads on either shard, again and again, on connections that stay:
     * KILL closes the socket under a session that may still write, and what TLS had to send was
     * seen to come first on a connection that was just made without TLS (MySQL 8.0.31).
     *
     * @param pauseMillis the longest time between two
     */
    Object killUntil(AtomicBoolean over, Random random, int pauseMillis) throws Exception {
        try (Connection first = proxy.cluster().primary(1).connect();
                Connection second = proxy.cluster().primary(2).connect()) {
            while (!over.get()) {
                killAll(random.nextBoolean() ? first : second);
                // The moments must differ, not wait for anything.
                Thread.sleep(random.nextInt(pauseMillis));
            }
        }
        return "done";
    }

    private int killAll(Connection root) throws SQLException {
        List<Long> threads = threadsSeenBy(root);
        for (long thread : threads) {
            kill(root, thread);
        }
        return threads.size();
    }

    /** Kills a thread; one that is gone already is no mistake. */
    void kill(int shard, long thread) throws SQLException {
        try (Connection root = proxy.cluster().primary(shard).connect()) {
            kill(root, thread);
        }
    }

    private static void kill(Connection root, long thread) throws SQLException {
        try (Statement statement = root.createStatement()) {
            statement.execute("KILL " + thread);
        } catch (SQLException gone) {
            if (gone.getErrorCode() != 1094) {
                throw gone;
            }
        }
    }

    /** Waits until a thread that was killed has ended, whatever it waited for. */
    void awaitGone(int shard, long thread) {
        until("thread %d has ended".formatted(thread), () -> !isThere(shard, thread));
    }

    private boolean isThere(int shard, long thread) throws SQLException {
        try (Connection root = proxy.cluster().primary(shard).connect();
                Statement statement = root.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT 1 FROM information_schema.PROCESSLIST WHERE ID = "
                                        + thread)) {
            return rows.next();
        }
    }

    void lock(int shard) throws SQLException {
        proxy.cluster().primary(shard).execute("ALTER USER '" + account() + "'@'%' ACCOUNT LOCK");
    }

    void unlock(int shard) throws SQLException {
        proxy.cluster().primary(shard).execute("ALTER USER '" + account() + "'@'%' ACCOUNT UNLOCK");
    }

    /** Open transactions of the proxy's threads on a shard's primary. */
    int transactions(int shard) throws SQLException {
        try (Connection root = proxy.cluster().primary(shard).connect();
                Statement statement = root.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT COUNT(*) FROM information_schema.INNODB_TRX t JOIN information_schema.PROCESSLIST p"
                                        + " ON p.ID = t.trx_mysql_thread_id WHERE p.USER = '"
                                        + account()
                                        + "'")) {
            rows.next();
            return rows.getInt(1);
        }
    }

    /** Whether somebody waits for a row there. */
    boolean isWaiting(int shard) throws SQLException {
        try (Connection root = proxy.cluster().primary(shard).connect();
                Statement statement = root.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT COUNT(*) FROM information_schema.INNODB_TRX"
                                        + " WHERE trx_state = 'LOCK WAIT'")) {
            rows.next();
            return rows.getInt(1) > 0;
        }
    }

    List<PoolStatus> pools() {
        return new RunningStatus(proxy.proxy()).pools();
    }

    PoolStatus pool(int shard) {
        return pools().stream()
                .filter(pool -> pool.shard().name().equals("s" + shard))
                .findFirst()
                .orElseThrow();
    }

    /** Nothing is leased, nobody waits, and no transaction is open. */
    void awaitClean() {
        for (int shard = 1; shard <= proxy.cluster().shardCount(); shard++) {
            int number = shard;
            until(
                    "nothing is leased: " + pools(),
                    () -> pool(number).leased() == 0 && pool(number).waiters() == 0);
            until("no transaction is open on shard " + shard, () -> transactions(number) == 0);
        }
    }
}
