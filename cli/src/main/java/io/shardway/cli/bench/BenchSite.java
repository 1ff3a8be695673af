package io.shardway.cli.bench;

import io.shardway.cli.UserProblem;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * One MySQL server and the ways to it. Closing it stops what it started, last first. One thread.
 */
final class BenchSite implements AutoCloseable {

    private final Target direct;
    private final String keyspace;
    private final List<Target> targets = new ArrayList<>();
    private final Deque<Runnable> stops = new ConcurrentLinkedDeque<>();

    /**
     * @param direct the server that holds the rows; not measured unless it is added too
     */
    BenchSite(Target direct, String keyspace) {
        this.direct = direct;
        this.keyspace = keyspace;
    }

    void add(Target target) {
        targets.add(target);
    }

    /** Runs when the site is closed; what was added last comes first. */
    void onClose(Runnable stop) {
        stops.push(stop);
    }

    Target direct() {
        return direct;
    }

    List<Target> targets() {
        return List.copyOf(targets);
    }

    Target shardway() {
        return targets.stream()
                .filter(target -> target.name().equals(Target.SHARDWAY))
                .findFirst()
                .orElseThrow(() -> new UserProblem("This needs Shardway among the targets."));
    }

    Connection connect(Target target) throws SQLException {
        return DriverManager.getConnection(
                target.jdbcUrl(keyspace)
                        + "?allowPublicKeyRetrieval=true&rewriteBatchedStatements=true",
                target.account().user(),
                target.account().password());
    }

    Connection connectDirectly() throws SQLException {
        return connect(direct);
    }

    void emptyInserts() throws SQLException {
        try (var connection = connectDirectly()) {
            BenchTables.emptyInserts(connection);
        }
    }

    @Override
    public void close() {
        for (Runnable stop = stops.poll(); stop != null; stop = stops.poll()) {
            stop.run();
        }
    }
}
