package io.shardway.proxy.execution;

import io.shardway.proxy.backend.BackendConnection;
import io.shardway.router.ErrorCode;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.ReferenceTable;
import io.shardway.router.plan.Traits;
import java.time.Duration;
import java.util.Optional;
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
    private final ReferenceState before;
    private final ShardId shard;
    private final Duration timeout;
    private final long endNanos;

    /**
     * @param before what the write found at the default shard
     */
    ReferenceOutcome(
            StatementRunner runner,
            ReferenceTable table,
            byte[] writeId,
            ReferenceState before,
            Duration timeout) {
        this.runner = runner;
        this.table = table;
        this.writeId = writeId.clone();
        this.before = before;
        this.shard = before.shard();
        this.timeout = timeout;
        this.endNanos = System.nanoTime() + timeout.toNanos();
    }

    /**
     * @param decided hears whether the write is there; fails with OUTCOME_UNKNOWN if that cannot be
     *     found out in time
     */
    void ask(CompletableFuture<Boolean> decided) {
        Borrow.borrow(
                runner,
                shard,
                Borrow.Want.serving(Traits.NONE, NoCommand.INSTANCE),
                connection -> read(connection, decided),
                _ -> again(decided));
    }

    private void read(BackendConnection connection, CompletableFuture<Boolean> decided) {
        var copy = new ReferenceCopy(shard, connection, Optional.of(timeout));
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
                        tell(ReferenceState.of(shard, rows), decided);
                    } else {
                        again(decided);
                    }
                });
    }

    private void tell(ReferenceState now, CompletableFuture<Boolean> decided) {
        Optional<Boolean> done = now.has(before, writeId);
        if (done.isPresent()) {
            decided.complete(done.get());
        } else {
            decided.completeExceptionally(unknown());
        }
    }

    private ReferenceCopy.Failure unknown() {
        return new ReferenceCopy.Failure(
                ErrorCode.OUTCOME_UNKNOWN,
                "%s on shard %s; the other shards follow what it has".formatted(table, shard));
    }

    private void again(CompletableFuture<Boolean> decided) {
        if (System.nanoTime() > endNanos) {
            decided.completeExceptionally(unknown());
            return;
        }
        runner.client()
                .eventLoop()
                .schedule(() -> ask(decided), PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }
}
