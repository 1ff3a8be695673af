package io.shardway.proxy.execution;

import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.execution.ReferenceCopy.Failure;
import io.shardway.proxy.protocol.OkPacket;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.Traits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The connections of one write of a reference table: the default shard's, and the others' in the
 * order of shards. Confined to its event loop.
 */
final class ReferenceLeases {

    private final StatementRunner runner;
    private final Traits traits;
    private final BackendCommand command;
    private final Duration timeout;
    private final List<ReferenceCopy> others = new ArrayList<>();
    private Optional<ReferenceCopy> first = Optional.empty();

    /**
     * @param timeout for each step on another shard than the first, but for the client's command:
     *     nobody else can hold there what the first shard's lock keeps others from
     */
    ReferenceLeases(
            StatementRunner runner, Traits traits, BackendCommand command, Duration timeout) {
        this.runner = runner;
        this.timeout = timeout;
        this.traits = traits;
        this.command = command;
    }

    /** One step after the other. */
    static <T> CompletionStage<Void> each(List<T> all, Function<T, CompletionStage<?>> step) {
        CompletionStage<Void> done = CompletableFuture.completedStage(null);
        for (T one : all) {
            done = done.thenCompose(_ -> step.apply(one)).thenApply(_ -> null);
        }
        return done;
    }

    /** All of them before the first lock is taken. */
    CompletionStage<Void> take(ShardId decider, List<ShardId> rest) {
        return lease(decider, Optional.empty())
                .thenCompose(copy -> {
                    first = Optional.of(copy);
                    return each(
                            rest,
                            shard -> lease(shard, Optional.of(timeout)).thenAccept(others::add));
                });
    }

    private CompletableFuture<ReferenceCopy> lease(ShardId shard, Optional<Duration> stepMax) {
        var leased = new CompletableFuture<ReferenceCopy>();
        Borrow.borrow(
                runner,
                shard,
                Borrow.Want.serving(traits, command),
                connection -> leased.complete(new ReferenceCopy(shard, connection, stepMax)),
                packet -> leased.completeExceptionally(new Failure(packet)));
        return leased;
    }

    /** The default shard's. */
    ReferenceCopy first() {
        return first.orElseThrow();
    }

    List<ReferenceCopy> others() {
        return others;
    }

    Set<ShardId> otherShards() {
        return others.stream().map(ReferenceCopy::shard).collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Ends the others' transactions, all at once.
     *
     * @param then hears where that failed
     */
    void end(String sql, Consumer<Set<ShardId>> then) {
        var failed = new LinkedHashSet<ShardId>();
        var steps = new ArrayList<CompletableFuture<?>>();
        for (ReferenceCopy copy : others) {
            steps.add(
                    copy.run(sql)
                            .exceptionally(_ -> {
                                copy.connection().close();
                                failed.add(copy.shard());
                                return OkPacket.of(0);
                            }));
        }
        CompletableFuture.allOf(steps.toArray(CompletableFuture[]::new))
                .thenRun(() -> then.accept(failed));
    }

    /** A connection that cannot be brought in order is closed. */
    CompletionStage<Void> giveBack() {
        var all = new ArrayList<>(others);
        first.ifPresent(all::add);
        return each(all, this::giveBack);
    }

    private CompletionStage<Void> giveBack(ReferenceCopy copy) {
        BackendConnection connection = copy.connection();
        CompletableFuture<?> ended =
                connection.isUsable() && connection.inTransaction()
                        ? copy.run(ReferenceSql.ROLLBACK)
                        : CompletableFuture.completedFuture(null);
        return ended.thenCompose(_ ->
                        connection.isUsable() && copy.isTimed()
                                ? copy.run(ReferenceSql.OWN_TIME)
                                : CompletableFuture.completedFuture(null))
                .handle((_, problem) -> {
                    if (problem != null) {
                        connection.close();
                    }
                    var free = new CompletableFuture<Void>();
                    connection.whenNoKillIsUnderWay(() -> {
                        runner.giveBack(copy.shard(), connection);
                        free.complete(null);
                    });
                    return free;
                })
                .thenCompose(free -> free);
    }
}
