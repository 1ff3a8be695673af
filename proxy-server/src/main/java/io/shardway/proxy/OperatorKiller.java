package io.shardway.proxy;

import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.BackendFlavour;
import io.shardway.proxy.backend.NodeConnector;
import io.shardway.proxy.execution.Killer;
import io.shardway.router.ShardwayException;
import io.shardway.router.topology.Node;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Interrupts statements on nodes over short-lived connections of the operators' own, so that a full
 * pool cannot stop a KILL. A connection whose KILL stays unanswered is closed instead. Thread-safe.
 */
final class OperatorKiller implements Killer {

    private static final Logger LOG = LoggerFactory.getLogger(OperatorKiller.class);

    private final NodeConnector connector;
    private final Duration timeout;
    private final int connectionsMax;
    private final Map<Node, AtomicInteger> open = new ConcurrentHashMap<>();
    private final AtomicInteger pending = new AtomicInteger();
    private volatile boolean stopped;

    OperatorKiller(NodeConnector connector, Duration timeout, int connectionsMax) {
        this.connector = connector;
        this.timeout = timeout;
        this.connectionsMax = connectionsMax;
    }

    @Override
    public void interrupt(BackendConnection victim) {
        pending.incrementAndGet();
        victim.killBegun();
        attempt(victim);
    }

    /** From here on no KILL is sent: what would be interrupted is closed. */
    void stop() {
        stopped = true;
    }

    /** Whether a KILL waits for its connection or its answer. */
    boolean isBusy() {
        return pending.get() > 0;
    }

    private void done(BackendConnection victim) {
        pending.decrementAndGet();
        victim.killDone();
    }

    private void attempt(BackendConnection victim) {
        if (stopped) {
            victim.close();
            done(victim);
            return;
        }
        AtomicInteger running = open.computeIfAbsent(victim.node(), _ -> new AtomicInteger());
        if (running.incrementAndGet() > connectionsMax) {
            running.decrementAndGet();
            victim.eventLoop().schedule(() -> again(victim), 10, TimeUnit.MILLISECONDS);
            return;
        }
        new Attempt(victim, running).start();
    }

    private void again(BackendConnection victim) {
        if (victim.isUsable() && !victim.isFree()) {
            attempt(victim);
        } else {
            done(victim);
        }
    }

    private final class Attempt implements NodeConnector.Result {
        private final BackendConnection victim;
        private final AtomicInteger running;
        private boolean sent;
        private boolean over;

        private Attempt(BackendConnection victim, AtomicInteger running) {
            this.victim = victim;
            this.running = running;
        }

        private void start() {
            victim.eventLoop().schedule(this::late, timeout.toMillis(), TimeUnit.MILLISECONDS);
            // An account may kill its own threads only.
            var flavour = new BackendFlavour(false, false, true, victim.flavour().account());
            connector.connect(victim.node(), flavour, victim.eventLoop(), _ -> {}, this);
        }

        @Override
        public void connected(BackendConnection connection) {
            if (over || victim.isFree()) {
                connection.quit();
                end();
                return;
            }
            sent = true;
            connection.query(
                    "KILL QUERY " + victim.threadId(),
                    _ -> {
                        connection.quit();
                        end();
                    });
        }

        @Override
        public void failed(ShardwayException reason) {
            LOG.warn(
                    "event=kill-failed node={} thread={} reason={}",
                    victim.node().name(),
                    victim.threadId(),
                    reason.getMessage());
            closeVictim();
            end();
        }

        /** A statement that ended before any KILL was sent needs none. */
        private void closeVictim() {
            if (sent || !victim.isFree()) {
                victim.close();
            }
        }

        private void late() {
            if (!over) {
                LOG.warn(
                        "event=kill-late node={} thread={}",
                        victim.node().name(),
                        victim.threadId());
                closeVictim();
                end();
            }
        }

        private void end() {
            if (!over) {
                over = true;
                running.decrementAndGet();
                done(victim);
            }
        }
    }
}
