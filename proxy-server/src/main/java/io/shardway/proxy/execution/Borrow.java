package io.shardway.proxy.execution;

import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.CollectedAnswer;
import io.shardway.proxy.backend.LeaseReceiver;
import io.shardway.proxy.backend.NodePool;
import io.shardway.proxy.backend.SettingsProfile;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.session.Session;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.Traits;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

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
    private final Want want;
    private final CallScope scope;
    private int attempts;
    private boolean waiting;
    private Optional<BackendConnection> readying = Optional.empty();

    private Borrow(
            StatementRunner runner,
            ShardId shard,
            Want want,
            Consumer<BackendConnection> action,
            Consumer<ErrPacket> failed) {
        this.runner = runner;
        this.shard = shard;
        this.want = want;
        this.action = action;
        this.failed = failed;
        this.scope = want.serving() ? runner.scopes().serving() : runner.scopes().ofSession();
    }

    /**
     * What is made ready on the connection besides the session's schema and settings. Immutable.
     *
     * @param traits what these need
     * @param command what this needs
     * @param begun the session's transaction begins there if it has not yet
     * @param serving under the serving account, whatever the session's keyspace is
     * @param another than the one the session may hold, whose transaction must not see the command
     * @param settings makes those of the connection from the session's
     */
    record Want(
            Traits traits,
            BackendCommand command,
            boolean begun,
            boolean serving,
            boolean another,
            UnaryOperator<SettingsProfile> settings) {

        Want(
                Traits traits,
                BackendCommand command,
                boolean begun,
                boolean serving,
                UnaryOperator<SettingsProfile> settings) {
            this(traits, command, begun, serving, false, settings);
        }

        static Want of(Traits traits) {
            return new Want(traits, NoCommand.INSTANCE, false, false, UnaryOperator.identity());
        }

        static Want begun(Traits traits) {
            return new Want(traits, NoCommand.INSTANCE, true, false, UnaryOperator.identity());
        }

        static Want serving(Traits traits, BackendCommand command) {
            return new Want(traits, command, false, true, UnaryOperator.identity());
        }

        /** For a part of a write in sharded keyspaces. */
        static Want writing(Traits traits, BackendCommand command) {
            return new Want(traits, command, true, true, UnaryOperator.identity());
        }

        Want under(UnaryOperator<SettingsProfile> changed) {
            return new Want(traits, command, begun, serving, another, changed);
        }

        /** For a part of a statement in sharded keyspaces. */
        static Want part(boolean begun, UnaryOperator<SettingsProfile> settings) {
            return new Want(Traits.ON_TABLES, NoCommand.INSTANCE, begun, true, settings);
        }

        Want onAnother() {
            return new Want(traits, command, begun, serving, true, settings);
        }
    }

    /**
     * @param action must call {@link #giveBack} when it is done with the connection
     */
    static void borrow(
            StatementRunner runner,
            ShardId shard,
            Want want,
            Consumer<BackendConnection> action,
            Consumer<ErrPacket> failed) {
        new Borrow(runner, shard, want, action, failed).start();
    }

    /** As above, for one who may stop waiting. */
    static Borrow borrow(StatementRunner runner, ShardId shard, Want want, Result result) {
        var borrow = new Borrow(runner, shard, want, result::borrowed, result::notBorrowed);
        borrow.start();
        return borrow;
    }

    /** Hears of the connection, or why there is none. */
    interface Result {
        void borrowed(BackendConnection connection);

        void notBorrowed(ErrPacket reason);
    }

    /** Nobody waits for the connection any more; false if it is not waited for. */
    boolean forget() {
        NodePool pool = runner.loop().primaries().get(shard);
        if (!waiting || pool == null) {
            return false;
        }
        waiting = false;
        pool.forget(this);
        return true;
    }

    /** Stops what it has begun on a connection, such as a PREPARE that waits for a table. */
    void interrupt() {
        readying.ifPresent(runner.killer()::interrupt);
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
        BackendConnection held = want.another() ? null : session.transaction().leases().get(shard);
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
        waiting = true;
        pool.lease(scope.flavour(), want.settings().apply(runner.session().profile()), this);
    }

    @Override
    public void leased(BackendConnection connection) {
        waiting = false;
        connection.usedBy(runner::bug);
        ready(connection);
    }

    @Override
    public void refused(ShardwayException reason) {
        waiting = false;
        runner.count(reason.code());
        failed.accept(ErrPacket.of(reason.code(), reason.detail()));
    }

    private void ready(BackendConnection connection) {
        readying = Optional.of(connection);
        var steps =
                new MakeReady(
                                runner.session(),
                                connection,
                                want.traits(),
                                want.command(),
                                () -> {
                                    readying = Optional.empty();
                                    action.accept(connection);
                                },
                                answer ->
                                        connection.whenNoKillIsUnderWay(
                                                () -> notReadied(connection, answer)))
                        .in(scope)
                        .under(want.settings());
        (want.begun() ? steps : steps.withoutBeginning()).next();
    }

    private void notReadied(BackendConnection connection, CollectedAnswer answer) {
        readying = Optional.empty();
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
