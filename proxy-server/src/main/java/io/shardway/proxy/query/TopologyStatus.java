package io.shardway.proxy.query;

import io.shardway.router.keyspace.Epoch;
import java.time.Duration;

/**
 * How fresh the served snapshot is. Immutable.
 *
 * @param epoch of the served snapshot
 * @param connected whether ZooKeeper can be asked now
 * @param snapshotAge since the snapshot was last known to be the newest
 */
public record TopologyStatus(Epoch epoch, boolean connected, Duration snapshotAge) {}
