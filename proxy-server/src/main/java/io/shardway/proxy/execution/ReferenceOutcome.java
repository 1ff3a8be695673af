package io.shardway.proxy.execution;

import io.shardway.proxy.backend.BackendConnection;
import io.shardway.router.ErrorCode;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.ReferenceTable;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the default shard what became of a commit whose answer was lost, until it tells. It locks
 * the row the commit was to change, so it waits for a commit that is still under way. Confined to
 * its event loop.
 */
final class ReferenceOutcome {

    static final Logger LOG = LoggerFactory.getLogger(ReferenceOutcome.class);

    private static final int PAUSE_MILLIS = 200;

    private final StatementRunner runner;
    private final ReferenceTable table;
    private final byte[] writeId;
    private final ShardId shard;
    private final long endNanos;

    ReferenceOutcome(
            StatementRunner runner, ReferenceTable table, byte[] writeId, Duration timeout) {
        this.runner = runner;
        this.table = table;
        this.writeId = writeId.clone();
        this.shard = runner.loop().serving().topology().defaultShard();
        this.endNanos = System.nanoTime() + timeout.toNanos();
    }

    /**
     * @param decided hears whether the write is there; fails with OUTCOME_UNKNOWN if that cannot be
     *     found out in time
     */
    void ask(CompletableFuture<Boolean> decided) {
        Borrow.borrow(runner, shard, connection -> read(connection, decided), _ -> again(decided));
    }

    private void read(BackendConnection connection, CompletableFuture<Boolean> decided) {
        var copy = new ReferenceCopy(shard, connection);
        copy.run("START TRANSACTION")
                .thenCompose(_ -> copy.run(ReferenceSql.claim(table)))
                .thenCompose(_ -> copy.rows(ReferenceSql.read(table)))
                .thenCompose(rows -> copy.run(ReferenceSql.ROLLBACK).thenApply(_ -> rows))
                .whenComplete((rows, problem) -> {
                    if (problem != null) {
                        connection.close();
                    }
                    runner.giveBack(shard, connection);
                    if (problem == null) {
                        decided.complete(ReferenceState.of(shard, rows).isWrite(writeId));
                    } else {
                        again(decided);
                    }
                });
    }

    private void again(CompletableFuture<Boolean> decided) {
        if (System.nanoTime() > endNanos) {
            decided.completeExceptionally(
                    new ReferenceCopy.Failure(
                            ErrorCode.OUTCOME_UNKNOWN,
                            "%s on shard %s; the other shards follow what it has"
                                    .formatted(table, shard)));
            return;
        }
        runner.client()
                .eventLoop()
                .schedule(() -> ask(decided), PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }
}
