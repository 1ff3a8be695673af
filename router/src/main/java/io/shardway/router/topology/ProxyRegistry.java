package io.shardway.router.topology;

import io.shardway.router.Deadline;
import io.shardway.router.keyspace.Epoch;
import java.util.List;

/**
 * All proxies of a cluster, each with a number that outlives it. Thread-safe; methods block.
 *
 * <p>A proxy registers <em>before</em> it reads the topology it will serve. Then whoever changes
 * the topology and afterwards looks here sees that proxy, or the proxy sees the change.
 */
public interface ProxyRegistry {

    /** Numbers are 1 to this: ten bits of a connection id. */
    int NUMBER_MAX = 1023;

    /**
     * Enters a proxy. A name keeps its number; when the name seems to be alive, this waits until a
     * crashed predecessor's session must have ended, then refuses.
     */
    ProxyRegistration register(ProxyInfo info);

    /** All registered proxies by number, those that are lost or stopped too. */
    List<ProxyState> proxies();

    /**
     * Waits until every living proxy has announced the epoch or the deadline passes. Returns those
     * that did not, and all lost ones that did not: they may still serve older epochs and must be
     * fenced. Stopped proxies are never among them.
     */
    List<ProxyState> awaitAnnounced(Epoch epoch, Deadline deadline);

    /** Removes a proxy that is gone for good, with its number. Refuses while it is alive. */
    void forget(int number);
}
