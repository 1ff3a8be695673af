package io.shardway.cli.bench;

import io.shardway.router.keyspace.Bucket;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Which shard has which key, as an application without Shardway would know it. Immutable. */
record SpreadOwners(int shards, int users) {

    int of(long key) {
        return Bucket.numberOf(key) * shards / Bucket.COUNT;
    }

    /** The keys of each shard. */
    List<List<Long>> apart(List<Long> keys) {
        var apart = new ArrayList<List<Long>>();
        for (int shard = 0; shard < shards; shard++) {
            int owner = shard;
            apart.add(keys.stream().filter(key -> of(key) == owner).toList());
        }
        return apart;
    }

    /** Some user of this shard. */
    long keyOf(int shard, RandomGenerator random) {
        long key = 1 + random.nextInt(users);
        while (of(key) != shard) {
            key = key % users + 1;
        }
        return key;
    }
}
