package io.shardway.proxy.execution;

import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.CollectedAnswer;
import io.shardway.proxy.backend.LeaseReceiver;
import io.shardway.proxy.backend.NodePool;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.session.Session;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.Traits;
import java.util.function.Consumer;

/**
 * A connection with the session's schema and settings, for a command of the proxy's own: the
 * session's if it holds one on the shard, else a leased one. Confined to its event loop.
 */
final class Borrow implements LeaseReceiver {

    private static final int ATTEMPTS_MAX = 3;

    private final StatementRunner runner;
    private final ShardId shard;
    private final Consumer<BackendConnection> action;
    private final Consumer<ErrPacket> failed;
    private CallScope scope;
    private Traits traits = Traits.NONE;
    private boolean beginning;
    private BackendCommand command = NoCommand.INSTANCE;
    private int attempts;

    private Borrow(
            StatementRunner runner,
            ShardId shard,
            Consumer<BackendConnection> action,
            Consumer<ErrPacket> failed) {
        this.runner = runner;
        this.shard = shard;
        this.action = action;
        this.failed = failed;
        this.scope = runner.scopes().ofSession();
    }

    /**
     * @param action must call {@link #giveBack} when it is done with the connection
     */
    static void borrow(
            StatementRunner runner,
            ShardId shard,
            Consumer<BackendConnection> action,
            Consumer<ErrPacket> failed) {
        new Borrow(runner, shard, action, failed).start();
    }

    /** As {@link #borrow}; what these traits need is made ready on the connection. */
    static void borrow(
            StatementRunner runner,
            ShardId shard,
            Traits traits,
            Consumer<BackendConnection> action,
            Consumer<ErrPacket> failed) {
        var borrow = new Borrow(runner, shard, action, failed);
        borrow.traits = traits;
        borrow.start();
    }

    /** As above; the session's transaction begins there if it has not yet. */
    static void borrowBegun(
            StatementRunner runner,
            ShardId shard,
            Traits traits,
            Consumer<BackendConnection> action,
            Consumer<ErrPacket> failed) {
        var borrow = new Borrow(runner, shard, action, failed);
        borrow.traits = traits;
        borrow.beginning = true;
        borrow.start();
    }

    /** Under the serving account; what this command needs is made ready on the connection. */
    static void borrowServing(
            StatementRunner runner,
            ShardId shard,
            Traits traits,
            BackendCommand command,
            Consumer<BackendConnection> action,
            Consumer<ErrPacket> failed) {
        var borrow = new Borrow(runner, shard, action, failed);
        borrow.traits = traits;
        borrow.command = command;
        borrow.scope = runner.scopes().serving();
        borrow.start();
    }

    static void giveBack(StatementRunner runner, ShardId shard, BackendConnection connection) {
        if (runner.session().transaction().leases().get(shard) == connection) {
            return;
        }
        if (connection.isUsable() && connection.inTransaction()) {
            runner.session().transaction().leases().put(shard, connection);
        } else {
            runner.giveBack(shard, connection);
        }
    }

    private void start() {
        Session session = runner.session();
        BackendConnection held = session.transaction().leases().get(shard);
        if (held != null && held.isUsable() && !held.flavour().account().equals(scope.account())) {
            runner.count(ErrorCode.OTHER_KEYSPACE_HELD);
            failed.accept(ErrPacket.of(ErrorCode.OTHER_KEYSPACE_HELD, runner.heldBy(held)));
            return;
        }
        if (held != null && held.isUsable()) {
            ready(held);
            return;
        }
        if (held != null) {
            lostHeld(held);
            return;
        }
        lease();
    }

    /**
     * A connection the session held is gone, and with it the transaction, the cursor or what it was
     * pinned for.
     */
    private void lostHeld(BackendConnection held) {
        boolean open = runner.session().transaction().isExplicit() || held.inTransaction();
        HeldLeases.lost(runner, shard, open);
        runner.count(ErrorCode.BACKEND_LOST);
        failed.accept(ErrPacket.of(ErrorCode.BACKEND_LOST, "shard " + shard));
    }

    private void lease() {
        attempts++;
        NodePool pool = runner.loop().primaries().get(shard);
        if (pool == null) {
            failed.accept(ErrPacket.of(ErrorCode.BACKEND_UNAVAILABLE, "unknown shard " + shard));
            return;
        }
        pool.lease(scope.flavour(), runner.session().profile(), this);
    }

    @Override
    public void leased(BackendConnection connection) {
        connection.usedBy(runner::bug);
        ready(connection);
    }

    @Override
    public void refused(ShardwayException reason) {
        runner.count(reason.code());
        failed.accept(ErrPacket.of(reason.code(), reason.detail()));
    }

    private void ready(BackendConnection connection) {
        var steps =
                new MakeReady(
                                runner.session(),
                                connection,
                                traits,
                                command,
                                () -> action.accept(connection),
                                answer -> notReadied(connection, answer))
                        .in(scope);
        (beginning ? steps : steps.withoutBeginning()).next();
    }

    private void notReadied(BackendConnection connection, CollectedAnswer answer) {
        if (answer instanceof CollectedAnswer.Lost) {
            if (runner.session().transaction().leases().get(shard) == connection) {
                lostHeld(connection);
                return;
            }
            if (attempts < ATTEMPTS_MAX) {
                lease();
                return;
            }
        }
        giveBack(runner, shard, connection);
        failed.accept(errorOf(answer, ErrorCode.BACKEND_UNAVAILABLE, "shard " + shard));
    }

    /** MySQL's own error, or ours for a lost connection. */
    static ErrPacket errorOf(CollectedAnswer answer, ErrorCode ifLost, String detail) {
        return switch (answer) {
            case CollectedAnswer.Refused(int code, String state, byte[] message) ->
                    new ErrPacket(code, state, message);
            case CollectedAnswer.Lost _ -> ErrPacket.of(ifLost, detail);
            case CollectedAnswer.Ok _, CollectedAnswer.Rows _, CollectedAnswer.Prepared _ ->
                    ErrPacket.of(ErrorCode.BUG, "a success is no error");
        };
    }
}
