package io.shardway.proxy.reference;

import io.shardway.router.schema.ConnectionSource;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Lets a few at a time compare and repair copies, which takes a connection to two nodes and may
 * take long; who looks at the numbers needs connections, too. Thread-safe; blocks.
 */
final class CopyJobs {

    private final ConnectionSource source;
    private final Semaphore places;
    private final Duration timeout;

    CopyJobs(ConnectionSource source, int jobsMax, Duration timeout) {
        this.source = source;
        this.places = new Semaphore(jobsMax, true);
        this.timeout = timeout;
    }

    /** What is done with connections. */
    interface Job<T> {
        T run(ConnectionSource source) throws SQLException;
    }

    /** No place became free in time. */
    static final class Busy extends SQLException {
        private static final long serialVersionUID = 1;

        private Busy(String text) {
            super(text);
        }
    }

    <T> T run(Job<T> job) throws SQLException {
        try {
            if (!places.tryAcquire(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new Busy("other copies are being compared or repaired");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new Busy("interrupted");
        }
        try {
            return job.run(source);
        } finally {
            places.release();
        }
    }
}
