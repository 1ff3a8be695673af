package io.shardway.cli.bench;

import io.shardway.cli.UserProblem;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLongArray;
import org.HdrHistogram.Histogram;

/**
 * The same load by Connector/J on threads of this JVM, for machines without sysbench. It costs more
 * CPU than sysbench, so its figures must not be compared with sysbench's. Used by one thread.
 */
final class JdbcDriver implements LoadDriver {

    private static final long NANOS_MAX = Duration.ofMinutes(1).toNanos();
    private static final int POINTS_PER_TRANSACTION = 10;

    private final BenchTables tables;

    JdbcDriver(BenchTables tables) {
        this.tables = tables;
    }

    @Override
    public String name() {
        return "Connector/J";
    }

    @Override
    public Measured run(Target target, LoadCase load, Duration duration) {
        var latencies = new Histogram(NANOS_MAX, 3);
        long statements = 0;
        long begin = System.nanoTime();
        for (Worker worker : runWorkers(target, load, duration)) {
            latencies.add(worker.latencies);
            statements += worker.statements;
        }
        return new Measured(
                statements,
                (System.nanoTime() - begin) / 1e9,
                latencies.getValueAtPercentile(50) / 1e6,
                latencies.getValueAtPercentile(99) / 1e6);
    }

    @Override
    public double[] curve(Target target, LoadCase load, int seconds) {
        var sums = new double[seconds];
        for (Worker worker : runWorkers(target, load, Duration.ofSeconds(seconds))) {
            for (int second = 0; second < seconds; second++) {
                sums[second] += worker.perSecond.get(second);
            }
        }
        return sums;
    }

    private List<Worker> runWorkers(Target target, LoadCase load, Duration duration) {
        var running = new ArrayList<Future<Worker>>();
        try (ExecutorService threads = Executors.newFixedThreadPool(load.connections())) {
            long begin = System.nanoTime();
            for (int i = 0; i < load.connections(); i++) {
                var worker = new Worker(load.workload(), begin, duration);
                running.add(threads.submit(() -> work(worker, target, load.mode())));
            }
            var workers = new ArrayList<Worker>();
            for (Future<Worker> each : running) {
                workers.add(each.get());
            }
            return workers;
        } catch (ExecutionException e) {
            throw new UserProblem("the load failed: " + e.getCause().getMessage(), e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new UserProblem("the measurement was interrupted");
        }
    }

    private Worker work(Worker worker, Target target, StatementMode mode) throws SQLException {
        String url =
                target.jdbcUrl(tables.keyspace())
                        + "?sslMode=DISABLED&allowPublicKeyRetrieval=true&cachePrepStmts=true"
                        + "&useServerPrepStmts="
                        + (mode == StatementMode.PREPARED);
        var account = target.account();
        try (var connection =
                DriverManager.getConnection(url, account.user(), account.password())) {
            worker.run(connection, tables.users());
        }
        return worker;
    }

    /** One connection's share. Confined to its thread until that has ended. */
    private static final class Worker {

        private final Workload workload;
        private final long begin;
        private final long end;
        private final Histogram latencies = new Histogram(NANOS_MAX, 3);
        private final AtomicLongArray perSecond;
        private long statements;

        Worker(Workload workload, long begin, Duration duration) {
            this.workload = workload;
            this.begin = begin;
            this.end = begin + duration.toNanos();
            this.perSecond = new AtomicLongArray((int) duration.toSeconds() + 1);
        }

        void run(Connection connection, int users) throws SQLException {
            connection.setAutoCommit(workload != Workload.READ_ONLY);
            for (long now = System.nanoTime(); now < end; ) {
                int sent = event(connection, ThreadLocalRandom.current().nextInt(users) + 1, users);
                long then = System.nanoTime();
                latencies.recordValue(Math.min(then - now, NANOS_MAX));
                statements += sent;
                int second = (int) ((then - begin) / 1_000_000_000L);
                perSecond.addAndGet(Math.min(second, perSecond.length() - 1), sent);
                now = then;
            }
        }

        private int event(Connection connection, int userId, int users) throws SQLException {
            return switch (workload) {
                case POINT_SELECT -> read(connection, "SELECT c FROM bench_users", userId);
                case READ_ONLY -> transaction(connection, userId, users);
                case UPDATE -> {
                    try (var update =
                            connection.prepareStatement(
                                    "UPDATE bench_users SET k=k+1 WHERE user_id=?")) {
                        update.setInt(1, userId);
                        yield update.executeUpdate();
                    }
                }
                case INSERT -> {
                    try (var insert =
                            connection.prepareStatement(
                                    "INSERT INTO bench_inserts (user_id, k, c) VALUES (?, ?, ?)")) {
                        insert.setLong(1, ThreadLocalRandom.current().nextLong(1L << 52));
                        insert.setInt(2, userId);
                        insert.setString(3, "01234567890-01234567890-01234567890-01234567890");
                        yield insert.executeUpdate();
                    }
                }
            };
        }

        private static int transaction(Connection connection, int userId, int users)
                throws SQLException {
            int sent = 0;
            for (int i = 0; i < POINTS_PER_TRANSACTION; i++) {
                int other = (userId + i * 31) % users + 1;
                sent += read(connection, "SELECT c FROM bench_users", other);
            }
            sent += read(connection, "SELECT c FROM bench_orders", userId);
            sent += read(connection, "SELECT SUM(k) FROM bench_orders", userId);
            sent += read(connection, "SELECT k, c FROM bench_orders", userId);
            sent += read(connection, "SELECT DISTINCT c FROM bench_orders", userId);
            connection.commit();
            return sent + 1;
        }

        private static int read(Connection connection, String select, int userId)
                throws SQLException {
            try (PreparedStatement statement =
                    connection.prepareStatement(select + " WHERE user_id=?")) {
                statement.setInt(1, userId);
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        rows.getObject(1);
                    }
                }
            }
            return 1;
        }
    }
}
