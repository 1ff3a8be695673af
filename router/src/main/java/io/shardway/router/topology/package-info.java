/** Shards, nodes, keyspaces and the bucket map at one epoch. */
@NullMarked
package io.shardway.router.topology;

import org.jspecify.annotations.NullMarked;
