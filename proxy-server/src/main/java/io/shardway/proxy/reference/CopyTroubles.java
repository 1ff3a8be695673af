package io.shardway.proxy.reference;

import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.ReferenceTable;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Tells the log of copies about which a person may have to do something, once. Thread-safe. */
final class CopyTroubles {

    private final Set<Trouble> told = ConcurrentHashMap.newKeySet();

    /** What keeps a copy fenced. */
    enum Kind {
        /** Its shard cannot be asked. */
        AWAY,
        /** It has a write that the default shard has not. */
        AHEAD,
        /** Somebody holds the row that numbers its writes. */
        NOT_LOCKED,
        /** What it lacks could not be brought to it. */
        NOT_REPAIRED
    }

    private record Trouble(ShardId shard, Optional<ReferenceTable> table, Kind kind) {}

    void tell(ShardId shard, Optional<ReferenceTable> table, Kind kind, String text) {
        if (told.add(new Trouble(shard, table, kind))) {
            CopyRepair.LOG.warn(
                    "event=reference-copy-fenced shard={} table={} kind={} reason={}",
                    shard,
                    table.map(ReferenceTable::toString).orElse("all"),
                    kind,
                    text);
        }
    }

    /** The shard answers. */
    void answers(ShardId shard) {
        told.remove(new Trouble(shard, Optional.empty(), Kind.AWAY));
    }

    /** The copy is current. */
    void over(ShardId shard, ReferenceTable table) {
        told.removeIf(trouble ->
                trouble.shard().equals(shard) && trouble.table().equals(Optional.of(table)));
    }
}
