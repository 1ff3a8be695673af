package io.shardway.proxy.execution;

import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.session.Transaction;
import io.shardway.router.keyspace.ShardId;

/** What becomes of a session's connection to a shard once it was used or lost. Stateless. */
final class HeldLeases {

    private HeldLeases() {}

    /** After a statement: it stays with the session if anything keeps it there, else goes back. */
    static void used(StatementRunner runner, ShardId shard, BackendConnection connection) {
        Transaction transaction = runner.session().transaction();
        if (!connection.inTransaction()) {
            transaction.hasNothingOn(shard);
        }
        if (connection.inTransaction()
                || transaction.isPinned()
                || runner.hasCursorOn(connection)) {
            transaction.leases().put(shard, connection);
        } else {
            transaction.leases().remove(shard);
            runner.giveBack(shard, connection);
        }
    }

    /**
     * It broke behind an answer. The client has that answer; if anything was lost with the
     * connection, its next command on the shard hears of it.
     */
    static void brokeAfterwards(
            StatementRunner runner, ShardId shard, BackendConnection connection, boolean open) {
        Transaction transaction = runner.session().transaction();
        connection.close();
        if (open || transaction.isPinned() || runner.hasCursorOn(connection)) {
            transaction.leases().put(shard, connection);
        } else {
            transaction.leases().remove(shard);
        }
    }

    /**
     * After a part of a read over shards.
     *
     * @param joined whether the part belongs to the session's transaction
     */
    static void partDone(
            StatementRunner runner, ShardId shard, BackendConnection connection, boolean joined) {
        boolean held = runner.session().transaction().leases().get(shard) == connection;
        if (!connection.isUsable() && (held || joined)) {
            lost(runner, shard, joined);
        }
        Borrow.giveBack(runner, shard, connection);
    }

    /**
     * Whether a part of the session's transaction was open when this error came; if the node says
     * now that there is none, it has rolled it back. With autocommit off a part can begin, and end,
     * with one read.
     */
    static boolean partWasOpen(BackendConnection connection, boolean joined, int errorCode) {
        return joined && (connection.inTransaction() || RelayedEnd.mayHaveRolledBack(errorCode));
    }

    /**
     * A connection the session held is gone, and with it the transaction, the cursor or what it was
     * pinned for.
     *
     * @param open a transaction was open on it
     */
    static void lost(StatementRunner runner, ShardId shard, boolean open) {
        Transaction transaction = runner.session().transaction();
        BackendConnection gone = transaction.leases().remove(shard);
        if (gone != null) {
            runner.cursorsLost(gone);
        }
        transaction.unpin();
        if (open) {
            transaction.fail();
        }
    }
}
