/** The topology in ZooKeeper. */
@NullMarked
package io.shardway.router.topology.zookeeper;

import org.jspecify.annotations.NullMarked;
