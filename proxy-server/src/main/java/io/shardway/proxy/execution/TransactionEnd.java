package io.shardway.proxy.execution;

import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.CollectedAnswer;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.session.Transaction;
import io.shardway.router.ErrorCode;
import io.shardway.router.keyspace.ShardId;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Commits or rolls back on every shard of a transaction, one after the other, the written ones
 * first, then gives the connections back. Confined to its event loop.
 *
 * <p>Where several were written, a problem before the first is committed rolls back all that is
 * left. After the first, the others are committed all the same: the client hears which were not.
 */
final class TransactionEnd {

    private final StatementRunner runner;
    private final boolean commit;
    private final Consumer<Optional<ErrPacket>> ended;
    private final ArrayDeque<Map.Entry<ShardId, BackendConnection>> pending = new ArrayDeque<>();
    private final CommitOutcomes outcomes = new CommitOutcomes();
    private Optional<ErrPacket> problem = Optional.empty();

    /**
     * @param ended hears the first problem; the transaction is over, except that one which has
     *     failed before stays so until it is rolled back
     */
    TransactionEnd(StatementRunner runner, boolean commit, Consumer<Optional<ErrPacket>> ended) {
        this.runner = runner;
        this.commit = commit;
        this.ended = ended;
    }

    void start() {
        Transaction transaction = runner.session().transaction();
        if (commit && transaction.isFailed()) {
            ended.accept(Optional.of(ErrPacket.of(ErrorCode.TRANSACTION_FAILED, "")));
            return;
        }
        if (commit) {
            findLost(transaction);
        }
        transaction.leases().entrySet().stream()
                .map(lease -> Map.entry(lease.getKey(), lease.getValue()))
                .sorted(order())
                .forEach(pending::add);
        next();
    }

    private Comparator<Map.Entry<ShardId, BackendConnection>> order() {
        return Comparator.comparing(
                        (Map.Entry<ShardId, BackendConnection> lease) -> !isWritten(lease.getKey()))
                .thenComparing(Map.Entry::getKey);
    }

    private boolean isWritten(ShardId shard) {
        return runner.session().transaction().writtenShards().contains(shard);
    }

    /**
     * A part that is gone took its rows and locks along: nothing of the transaction may be
     * committed.
     */
    private void findLost(Transaction transaction) {
        for (var lease : transaction.leases().entrySet()) {
            if (lease.getValue().inTransaction() && !lease.getValue().isUsable()) {
                problem = lostPart(lease.getKey());
                return;
            }
        }
        if (transaction.writtenShards().size() > 1) {
            transaction.writtenShards().stream()
                    .filter(shard -> !transaction.leases().containsKey(shard))
                    .findFirst()
                    .ifPresent(shard -> problem = lostPart(shard));
        }
    }

    private static Optional<ErrPacket> lostPart(ShardId shard) {
        return Optional.of(ErrPacket.of(ErrorCode.BACKEND_LOST, "shard " + shard));
    }

    private void next() {
        Map.Entry<ShardId, BackendConnection> lease = pending.poll();
        if (lease == null) {
            outcomes.problem(runner, problem).ifPresent(whole -> problem = Optional.of(whole));
            runner.session().transaction().ended();
            ended.accept(problem);
            return;
        }
        ShardId shard = lease.getKey();
        BackendConnection connection = lease.getValue();
        if (!connection.isUsable()) {
            lost(shard, connection, false);
            return;
        }
        if (!connection.inTransaction()) {
            settle(shard, connection);
            return;
        }
        boolean reallyCommit = commit && (problem.isEmpty() || outcomes.anyCommitted());
        connection.query(
                reallyCommit ? ReferenceSql.COMMIT : ReferenceSql.ROLLBACK,
                answer -> {
                    switch (answer) {
                        case CollectedAnswer.Ok(var packet) -> {
                            connection.statusIs(packet.status());
                            note(shard, reallyCommit ? CommitOutcome.DONE : CommitOutcome.NOT_DONE);
                            settle(shard, connection);
                        }
                        case CollectedAnswer.Refused refused ->
                                refused(shard, connection, refused, reallyCommit);
                        case CollectedAnswer.Lost _ -> lost(shard, connection, reallyCommit);
                        case CollectedAnswer.Rows _, CollectedAnswer.Prepared _ ->
                                throw new IllegalStateException("COMMIT answered with rows");
                    }
                });
    }

    private void note(ShardId shard, CommitOutcome outcome) {
        if (commit && isWritten(shard)) {
            outcomes.note(shard, outcome);
        }
    }

    /**
     * MySQL refused to commit: what became of the transaction is not asked further, its connection
     * goes.
     */
    private void refused(
            ShardId shard,
            BackendConnection connection,
            CollectedAnswer.Refused refused,
            boolean committing) {
        if (problem.isEmpty() && (!commit || decides(shard))) {
            problem = Optional.of(Borrow.errorOf(refused, ErrorCode.BUG, ""));
        }
        note(shard, committing ? CommitOutcome.ofError(refused.code()) : CommitOutcome.NOT_DONE);
        runner.session().transaction().leases().remove(shard);
        connection.close();
        next();
    }

    /** Once the written parts are committed, no other one makes a COMMIT fail. */
    private boolean decides(ShardId shard) {
        return isWritten(shard) || runner.session().transaction().writtenShards().isEmpty();
    }

    private void lost(ShardId shard, BackendConnection connection, boolean committing) {
        Transaction transaction = runner.session().transaction();
        boolean written = isWritten(shard);
        if (problem.isEmpty() && commit && decides(shard)) {
            ErrorCode code =
                    written && committing ? ErrorCode.OUTCOME_UNKNOWN : ErrorCode.BACKEND_LOST;
            problem = Optional.of(ErrPacket.of(code, "shard " + shard));
        }
        note(shard, committing ? CommitOutcome.UNKNOWN : CommitOutcome.NOT_DONE);
        transaction.leases().remove(shard);
        transaction.unpin();
        runner.cursorsLost(connection);
        connection.close();
        next();
    }

    private void settle(ShardId shard, BackendConnection connection) {
        Transaction transaction = runner.session().transaction();
        if (!transaction.isPinned() && !runner.hasCursorOn(connection)) {
            transaction.leases().remove(shard);
            runner.giveBack(shard, connection);
        }
        next();
    }
}
