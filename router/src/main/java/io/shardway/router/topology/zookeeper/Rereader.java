package io.shardway.router.topology.zookeeper;

import io.shardway.router.topology.Watch;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.framework.state.ConnectionStateListener;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at something in ZooKeeper again and again: when told by a watch, after every reconnect, and
 * after a while without being told. What a watch says is never used, only that it spoke. The
 * reading runs on one virtual thread of its own; the other methods are thread-safe.
 */
final class Rereader implements Watch {

    private static final Logger LOG = LoggerFactory.getLogger(Rereader.class);

    /** Reads, setting the watcher on whatever should lead to the next reading. */
    @FunctionalInterface
    interface Reading {
        void read(Rereader rereader) throws Exception;
    }

    private final CuratorFramework curator;
    private final String name;
    private final Duration interval;
    private final Reading reading;
    private final Semaphore told = new Semaphore(0);
    private final ReentrantLock handling = new ReentrantLock();
    private final Watcher watcher = this::onEvent;
    private final ConnectionStateListener connection = this::onConnection;
    private final Thread thread;
    private volatile boolean closed;
    private boolean failed;

    Rereader(CuratorFramework curator, String name, Duration interval, Reading reading) {
        this.curator = curator;
        this.name = name;
        this.interval = interval;
        this.reading = reading;
        this.thread = Thread.ofVirtual().name(name).unstarted(this::run);
    }

    static Rereader start(
            CuratorFramework curator, String name, Duration interval, Reading reading) {
        return new Rereader(curator, name, interval, reading).start();
    }

    Rereader start() {
        curator.getConnectionStateListenable().addListener(connection);
        thread.start();
        return this;
    }

    Watcher watcher() {
        return watcher;
    }

    /** Read again soon. */
    void tell() {
        told.release();
    }

    /** Runs somebody else's code, unless closed; closing waits for it. */
    void handle(Runnable code) {
        handling.lock();
        try {
            if (!closed) {
                code.run();
            }
        } finally {
            handling.unlock();
        }
    }

    @Override
    public void close() {
        handling.lock();
        try {
            closed = true;
            curator.getConnectionStateListenable().removeListener(connection);
            if (Thread.currentThread() != thread) {
                thread.interrupt();
            }
        } finally {
            handling.unlock();
        }
    }

    private void onEvent(WatchedEvent event) {
        if (event.getType() != Watcher.Event.EventType.None) {
            tell();
        }
    }

    private void onConnection(CuratorFramework client, ConnectionState state) {
        if (state == ConnectionState.RECONNECTED) {
            tell();
        }
    }

    private void run() {
        try {
            while (!closed) {
                readOnce();
                var _ = told.tryAcquire(interval.toMillis(), TimeUnit.MILLISECONDS);
                told.drainPermits();
            }
        } catch (InterruptedException _) {
            // Closed: only close() interrupts this thread.
        }
    }

    private void readOnce() throws InterruptedException {
        try {
            reading.read(this);
            if (failed) {
                LOG.info("reader={} works again", name);
            }
            failed = false;
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            report(e);
        }
    }

    /** Once per outage, not once per attempt. */
    private void report(Exception failure) {
        if (!closed && !failed) {
            LOG.warn("reader={} failed, will try again", name, failure);
        }
        failed = true;
    }
}
