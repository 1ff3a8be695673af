/** Real MySQL servers and ZooKeeper on loopback, for the demo and for every integration test. */
@NullMarked
package io.shardway.cluster;

import org.jspecify.annotations.NullMarked;
