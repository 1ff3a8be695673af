package io.shardway.router.keyspace;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/** Which shard owns each bucket at one epoch. Immutable. */
public final class BucketMap {

    private final ShardId[] owners;

    private BucketMap(ShardId[] owners) {
        this.owners = owners;
    }

    /** One owner for each of the {@link Bucket#COUNT} buckets, in their order. */
    public static BucketMap of(List<ShardId> owners) {
        if (owners.size() != Bucket.COUNT) {
            throw new IllegalArgumentException(
                    "a bucket map names %d owners, not %d".formatted(Bucket.COUNT, owners.size()));
        }
        return new BucketMap(List.copyOf(owners).toArray(ShardId[]::new));
    }

    /** Spreads the buckets evenly: the first shard owns the first run of buckets, and so on. */
    public static BucketMap even(List<ShardId> shards) {
        if (shards.isEmpty() || shards.size() > Bucket.COUNT) {
            throw new IllegalArgumentException(
                    "1 to 1024 shards can share the buckets, not " + shards.size());
        }
        var owners = new ArrayList<ShardId>(Bucket.COUNT);
        for (int bucket = 0; bucket < Bucket.COUNT; bucket++) {
            owners.add(shards.get(bucket * shards.size() / Bucket.COUNT));
        }
        return of(owners);
    }

    public ShardId ownerOf(Bucket bucket) {
        return owners[bucket.number()];
    }

    /** The same for the statement path: no bucket object is made. */
    public ShardId ownerOf(int bucketNumber) {
        return owners[bucketNumber];
    }

    public List<ShardId> owners() {
        return List.of(owners);
    }

    /** How many buckets the shard owns. */
    public int countOf(ShardId shard) {
        return (int) Arrays.stream(owners).filter(shard::equals).count();
    }

    public void requireEveryBucketOwnedBy(Collection<ShardId> shards) {
        for (int bucket = 0; bucket < owners.length; bucket++) {
            if (!shards.contains(owners[bucket])) {
                throw new IllegalArgumentException(
                        "bucket %d is owned by the unknown shard %s"
                                .formatted(bucket, owners[bucket]));
            }
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BucketMap map && Arrays.equals(owners, map.owners);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(owners);
    }

    @Override
    public String toString() {
        return "BucketMap" + Arrays.toString(owners);
    }
}
