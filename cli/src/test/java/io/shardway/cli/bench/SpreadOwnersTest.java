package io.shardway.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardway.router.keyspace.Bucket;
import io.shardway.router.keyspace.BucketMap;
import io.shardway.router.keyspace.ShardId;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SpreadOwnersTest {

    private static final List<ShardId> SHARDS = List.of(new ShardId("s1"), new ShardId("s2"));

    private final SpreadOwners owners = new SpreadOwners(2, 1000);

    @Test
    void theApplicationKnowsTheSameOwnersAsTheFirstTopology() {
        BucketMap map = BucketMap.even(SHARDS);
        for (long key = 1; key <= 2000; key++) {
            assertThat(SHARDS.get(owners.of(key))).isEqualTo(map.ownerOf(Bucket.numberOf(key)));
        }
    }

    @Test
    void keysAreDrawnFromTheShardThatIsAskedFor() {
        var random = new SplittableRandom(1);
        for (int shard = 0; shard < 2; shard++) {
            long key = owners.keyOf(shard, random);
            assertThat(owners.of(key)).isEqualTo(shard);
            assertThat(key).isBetween(1L, 1000L);
        }
        List<List<Long>> apart = owners.apart(List.of(1L, 2L, 3L, 4L, 5L, 6L));
        assertThat(apart.stream().mapToInt(List::size).sum()).isEqualTo(6);
    }
}
