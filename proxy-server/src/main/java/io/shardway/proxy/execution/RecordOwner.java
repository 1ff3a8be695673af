package io.shardway.proxy.execution;

import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.FileKeys;
import io.shardway.router.plan.FileLoad;
import io.shardway.router.topology.Topology;

/** Tells whose a record of a file is. Immutable. */
record RecordOwner(FileLoad file, Topology topology, FileKeys.Encoding keys) {

    /**
     * @param cut has just cut the record
     * @param number of the record, counted from 1
     * @throws ShardwayException its key is not exact, or an id would be drawn
     */
    ShardId of(RecordCutter cut, long number) {
        RecordCutter.Field key = cut.key();
        switch (key.content()) {
            case MISSING -> throw refused(number, "it has no field for the key");
            case NULL -> throw refused(number, "the key is NULL");
            case TEXT -> {}
        }
        requireId(cut.id(), number);
        try {
            int bucket = FileKeys.bucketOf(file.keyType(), key.bytes(), key.from(), key.to(), keys);
            return topology.bucketMap().ownerOf(bucket);
        } catch (ShardwayException inexact) {
            throw refused(number, inexact.detail());
        }
    }

    private static ShardwayException refused(long number, String why) {
        return new ShardwayException(
                ErrorCode.KEY_NOT_EXACT, "record %d: %s".formatted(number, why));
    }

    /** As for rows that are written out: shards would draw ids that no client could work out. */
    private void requireId(RecordCutter.Field id, long number) {
        if (file.idColumn().isEmpty()) {
            return;
        }
        boolean given = id.content() == RecordCutter.Content.TEXT && id.to() > id.from();
        for (int at = id.from(); given && at < id.to(); at++) {
            byte digit = id.bytes()[at];
            given = digit >= (at == id.from() ? '1' : '0') && digit <= '9';
        }
        if (!given) {
            throw new ShardwayException(
                    ErrorCode.SEVERAL_DRAWN_KEYS,
                    "record %d: it must give column %s, which each shard would draw for itself"
                            .formatted(number, file.idColumn().get()));
        }
    }
}
