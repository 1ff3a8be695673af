package io.shardway.proxy;

import io.shardway.router.ShardwayException;
import io.shardway.router.topology.TopologyStore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the topology again when a node refuses or cuts connections, because the reason may be a
 * change this proxy has not heard of. One reading at a time, however often it is asked.
 * Thread-safe.
 */
final class TopologyRereader {

    private static final Logger LOG = LoggerFactory.getLogger(TopologyRereader.class);

    private record Uses(TopologyStore store, TopologyFollower follower) {}

    private final AtomicReference<Uses> uses = new AtomicReference<>();
    private final AtomicBoolean running = new AtomicBoolean();

    void uses(TopologyStore store, TopologyFollower follower) {
        uses.set(new Uses(store, follower));
    }

    void reread() {
        Uses now = uses.get();
        if (now == null || !running.compareAndSet(false, true)) {
            return;
        }
        Thread.ofVirtual()
                .name("topology-reread")
                .start(() -> {
                    try {
                        now.follower().follow(now.store().read());
                    } catch (ShardwayException away) {
                        LOG.debug("event=reread-failed reason={}", away.getMessage());
                    } finally {
                        running.set(false);
                    }
                });
    }
}
