/** Keyspace arithmetic: shard keys, buckets, who owns them, epochs. */
@NullMarked
package io.shardway.router.keyspace;

import org.jspecify.annotations.NullMarked;
