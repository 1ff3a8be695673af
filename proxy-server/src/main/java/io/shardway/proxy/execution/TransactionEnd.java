package io.shardway.proxy.execution;

import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.CollectedAnswer;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.session.Transaction;
import io.shardway.router.ErrorCode;
import io.shardway.router.keyspace.ShardId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Commits or rolls back on every shard of a transaction, the written one first, then gives the
 * connections back. Confined to its event loop.
 */
final class TransactionEnd {

    private final StatementRunner runner;
    private final boolean commit;
    private final Consumer<Optional<ErrPacket>> ended;
    private final ArrayDeque<Map.Entry<ShardId, BackendConnection>> pending = new ArrayDeque<>();
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
        for (var lease : new ArrayList<>(transaction.leases().entrySet())) {
            if (transaction.writtenShard().isPresent()
                    && transaction.writtenShard().get().equals(lease.getKey())) {
                pending.addFirst(Map.entry(lease.getKey(), lease.getValue()));
            } else {
                pending.addLast(Map.entry(lease.getKey(), lease.getValue()));
            }
        }
        next();
    }

    /**
     * A part that is gone took its rows and locks along: nothing of the transaction may be
     * committed.
     */
    private void findLost(Transaction transaction) {
        for (var lease : transaction.leases().entrySet()) {
            if (lease.getValue().inTransaction() && !lease.getValue().isUsable()) {
                problem =
                        Optional.of(
                                ErrPacket.of(ErrorCode.BACKEND_LOST, "shard " + lease.getKey()));
                return;
            }
        }
    }

    private void next() {
        Map.Entry<ShardId, BackendConnection> lease = pending.poll();
        if (lease == null) {
            runner.session().transaction().ended();
            ended.accept(problem);
            return;
        }
        BackendConnection connection = lease.getValue();
        if (!connection.isUsable()) {
            lost(lease.getKey(), connection, false);
            return;
        }
        if (!connection.inTransaction()) {
            settle(lease.getKey(), connection);
            return;
        }
        boolean reallyCommit = commit && problem.isEmpty();
        connection.query(
                reallyCommit ? ReferenceSql.COMMIT : ReferenceSql.ROLLBACK,
                answer -> {
                    switch (answer) {
                        case CollectedAnswer.Ok(var packet) -> {
                            connection.statusIs(packet.status());
                            settle(lease.getKey(), connection);
                        }
                        case CollectedAnswer.Refused refused ->
                                refused(lease.getKey(), connection, refused);
                        case CollectedAnswer.Lost _ ->
                                lost(lease.getKey(), connection, reallyCommit);
                        case CollectedAnswer.Rows _, CollectedAnswer.Prepared _ ->
                                throw new IllegalStateException("COMMIT answered with rows");
                    }
                });
    }

    /**
     * MySQL refused to commit: what became of the transaction is not asked further, its connection
     * goes.
     */
    private void refused(
            ShardId shard, BackendConnection connection, CollectedAnswer.Refused refused) {
        if (problem.isEmpty()) {
            problem = Optional.of(Borrow.errorOf(refused, ErrorCode.BUG, ""));
        }
        runner.session().transaction().leases().remove(shard);
        connection.close();
        next();
    }

    private void lost(ShardId shard, BackendConnection connection, boolean committing) {
        Transaction transaction = runner.session().transaction();
        boolean written = transaction.writtenShard().map(shard::equals).orElse(false);
        if (problem.isEmpty() && commit && written) {
            problem =
                    Optional.of(
                            ErrPacket.of(
                                    committing ? ErrorCode.OUTCOME_UNKNOWN : ErrorCode.BACKEND_LOST,
                                    "shard " + shard));
        } else if (problem.isEmpty() && commit && transaction.writtenShard().isEmpty()) {
            problem = Optional.of(ErrPacket.of(ErrorCode.BACKEND_LOST, "shard " + shard));
        }
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
