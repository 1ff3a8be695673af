package io.shardway.proxy.execution;

import io.netty.buffer.ByteBuf;
import io.shardway.proxy.backend.AnswerSink;
import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.CollectedAnswer;
import io.shardway.proxy.backend.LeaseReceiver;
import io.shardway.proxy.backend.NodePool;
import io.shardway.proxy.backend.ResultEnd;
import io.shardway.proxy.protocol.Capabilities;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.protocol.ServerStatus;
import io.shardway.proxy.session.ClientChannel;
import io.shardway.proxy.session.CloseReason;
import io.shardway.proxy.session.PreparedStatement;
import io.shardway.proxy.session.Session;
import io.shardway.proxy.session.Transaction;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.Access;
import io.shardway.router.plan.Traits;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One statement on one shard, relayed: lease, make ready, send, pass the answer on, settle.
 * Confined to its event loop.
 *
 * <p>The client's answer is passed on before the call settles; the next command waits until it has.
 */
final class ShardCall implements RunningCall, LeaseReceiver, AnswerSink, ClientChannel.Flow {

    private static final int ATTEMPTS_MAX = 3;

    private final StatementRunner runner;
    private final Session session;
    private final ClientChannel client;
    private final ShardId shard;
    private final Access access;
    private final Traits traits;
    private final BackendCommand command;

    private CallScope scope;
    private Runnable whenDone = () -> {};
    private Optional<LocalFile> localFile = Optional.empty();
    private boolean localFileRefused;
    private @Nullable BackendConnection connection;
    private CallStage stage = CallStage.NEW;
    private int attempts;
    private boolean relayed;
    private boolean wasInTransaction;
    private boolean slow;
    private boolean abandoned;
    private final RelayedEnd end;

    ShardCall(
            StatementRunner runner,
            ShardId shard,
            Access access,
            Traits traits,
            BackendCommand command) {
        this.runner = runner;
        this.session = runner.session();
        this.client = runner.client();
        this.shard = shard;
        this.access = access;
        this.traits = traits;
        this.command = command;
        this.scope = runner.scopes().serving();
        this.end = new RelayedEnd(runner, traits, command);
    }

    /** The call runs under this account and in this schema. */
    ShardCall in(CallScope other) {
        scope = other;
        return this;
    }

    /** The call executes this statement, whose cursor stays open if the node says so. */
    ShardCall withCursorOf(PreparedStatement statement) {
        end.cursorOf(statement);
        return this;
    }

    /** The statement stores this key that the proxy drew; 0 for none. */
    ShardCall drew(long key) {
        end.drew(key);
        return this;
    }

    /** Called when the node has carried the statement out, before its connection goes back. */
    ShardCall whenDone(Runnable action) {
        whenDone = action;
        return this;
    }

    ShardId shard() {
        return shard;
    }

    @Override
    public void closeConnections() {
        if (connection != null) {
            connection.close();
        }
    }

    @Override
    public void start() {
        Optional<ShardwayException> forbidden =
                TransactionRules.forbids(session, runner.transactionMode(), access, shard)
                        .or(this::forbiddenBySnapshot);
        if (forbidden.isPresent()) {
            refuse(forbidden.get().code(), forbidden.get().detail());
            return;
        }
        if (runner.references().isFenced(shard, traits.references())) {
            refuse(
                    ErrorCode.REFERENCE_COPY_BEHIND,
                    "shard %s: %s".formatted(shard, traits.references()));
            return;
        }
        BackendConnection held = session.transaction().leases().get(shard);
        if (held == null) {
            lease();
            return;
        }
        if (held.isUsable() && !held.flavour().account().equals(scope.account())) {
            refuse(ErrorCode.OTHER_KEYSPACE_HELD, runner.heldBy(held));
            return;
        }
        connection = held;
        wasInTransaction = held.inTransaction();
        if (held.isUsable()) {
            ready();
        } else {
            lostHeld();
        }
    }

    private Optional<ShardwayException> forbiddenBySnapshot() {
        return isPlain()
                ? Optional.empty()
                : TransactionRules.forbidsBesideSnapshot(session, access, traits, command.text());
    }

    private boolean isPlain() {
        return scope.account().isPlain();
    }

    private void lease() {
        stage = CallStage.LEASING;
        attempts++;
        NodePool pool = runner.loop().primaries().get(shard);
        if (pool == null) {
            refuse(ErrorCode.BACKEND_UNAVAILABLE, "shard " + shard + " is not in the topology");
            return;
        }
        pool.lease(scope.flavour(), session.profile(), this);
    }

    @Override
    public void leased(BackendConnection leased) {
        if (stage != CallStage.LEASING) {
            giveBack(leased);
            return;
        }
        connection = leased;
        leased.usedBy(runner::bug);
        ready();
    }

    @Override
    public void refused(ShardwayException reason) {
        if (stage == CallStage.LEASING) {
            refuse(reason.code(), reason.detail());
        }
    }

    private BackendConnection connected() {
        if (connection == null) {
            throw new IllegalStateException("the call has no connection");
        }
        return connection;
    }

    private void ready() {
        stage = CallStage.PREPARING;
        BackendConnection ready = connected();
        if (MakeReady.isNeeded(session, ready, traits, command, scope)) {
            var steps =
                    new MakeReady(session, ready, traits, command, this::readied, this::notReadied)
                            .in(scope);
            (TransactionRules.beginsNothing(session, traits, isPlain())
                            ? steps.withoutBeginning()
                            : steps)
                    .next();
        } else {
            sendCommand();
        }
    }

    private void readied() {
        if (stage != CallStage.PREPARING) {
            return;
        }
        if (abandoned) {
            end.failed();
            release(true);
        } else {
            sendCommand();
        }
    }

    private void sendCommand() {
        stage = CallStage.SENT;
        BackendConnection ready = connected();
        if (access == Access.WRITE) {
            session.transaction().writes(shard);
        }
        command.send(ready, this, runner.sequenceShift());
    }

    /** A step before the command failed; nothing of the client's was sent. */
    private void notReadied(CollectedAnswer answer) {
        switch (answer) {
            case CollectedAnswer.Lost(Throwable cause) -> lostBeforeSending(cause);
            case CollectedAnswer.Refused(int code, String state, byte[] message) -> {
                relayed = true;
                end.failed();
                runner.tell(new ErrPacket(code, state, message));
                stage = CallStage.SETTLING;
                connected().whenNoKillIsUnderWay(this::settleUnready);
            }
            case CollectedAnswer.Ok _, CollectedAnswer.Rows _, CollectedAnswer.Prepared _ ->
                    throw new IllegalStateException("a step that succeeded is no failure");
        }
    }

    private void settleUnready() {
        if (session.transaction().isExplicit() && !connected().inTransaction()) {
            connected().close();
            release(false);
        } else {
            readBack();
        }
    }

    private void lostBeforeSending(Throwable cause) {
        if (session.transaction().leases().containsKey(shard)) {
            lostHeld();
        } else if (attempts < ATTEMPTS_MAX && !abandoned) {
            connection = null;
            lease();
        } else {
            refuse(ErrorCode.BACKEND_UNAVAILABLE, String.valueOf(cause.getMessage()));
        }
    }

    private void lostHeld() {
        boolean open = wasInTransaction || session.transaction().isExplicit();
        HeldLeases.lost(runner, shard, open);
        connection = null;
        refuse(ErrorCode.BACKEND_LOST, "shard " + shard);
    }

    @Override
    public void bytes(ByteBuf bytes, boolean last) {
        if (stage != CallStage.SENT || !client.isOpen() || localFileRefused) {
            bytes.release();
            return;
        }
        relayed = true;
        client.write(bytes);
        if (last) {
            client.flush();
        } else if (!client.isWritable() && !slow) {
            slow = true;
            client.flow(this);
            connected().readOn(false);
        }
    }

    /** LOAD DATA LOCAL: only a client that announced so gives its files away. */
    @Override
    public void localFileAsked(int sequence) {
        if (session.can(Capabilities.LOCAL_FILES)) {
            var file = new LocalFile(client, connected(), runner.sequenceShift());
            localFile = Optional.of(file);
            client.upload(file);
        } else {
            localFileRefused = true;
            LocalFile.refuse(connected(), sequence);
        }
    }

    @Override
    public void resumed() {
        if (slow) {
            slow = false;
            connected().readOn(true);
        }
    }

    @Override
    public void readComplete() {
        if (relayed) {
            client.flush();
        }
    }

    @Override
    public int statusMeanwhile() {
        boolean begins = !session.profile().autocommit() && traits.tables();
        return session.status()
                | (begins ? ServerStatus.IN_TRANS : 0)
                | (runner.hasMoreStatements() ? ServerStatus.MORE_RESULTS : 0);
    }

    @Override
    public void resultEnded(ResultEnd result) {
        end.resultEnded(result, connected());
    }

    @Override
    public void answered(BackendConnection answering) {
        stage = CallStage.SETTLING;
        if (slow) {
            slow = false;
            answering.readOn(true);
        }
        localFile.ifPresent(LocalFile::release);
        if (localFileRefused) {
            refuseLocalFile();
            return;
        }
        runner.answeredUpTo(answering.lastSequence());
        end.keepCursor(answering);
        answering.whenNoKillIsUnderWay(this::settle);
    }

    /** The node was given an empty file; the client hears why. */
    private void refuseLocalFile() {
        end.failed();
        runner.count(ErrorCode.LOCAL_FILES_OFF);
        runner.tell(ErrPacket.of(ErrorCode.LOCAL_FILES_OFF, ""));
        release(true);
    }

    /** A KILL meant for the statement must not hit what comes after it on the connection. */
    private void settle() {
        end.forgetDiagnostics();
        if (end.mustReadBack()) {
            readBack();
        } else {
            release(true);
        }
    }

    private void readBack() {
        new Settling(runner, connected(), traits, command, end.answered(), this::release).start();
    }

    private void release(boolean healthy) {
        end.keepDrawnKey();
        BackendConnection used = connected();
        Transaction transaction = session.transaction();
        stage = CallStage.DONE;
        command.release();
        if (!healthy || !used.isUsable()) {
            boolean open = wasInTransaction || transaction.isExplicit() || used.inTransaction();
            HeldLeases.brokeAfterwards(runner, shard, used, open);
            runner.callDone(end.isFailure());
            return;
        }
        if (traits.pins()) {
            // A procedure that failed may hold a lock all the same.
            transaction.pin();
        }
        if (!end.isFailure()) {
            whenDone.run();
        }
        boolean joined = !transaction.isSnapshot() || isPlain();
        // With autocommit off a node's part may have begun, and ended, with this statement.
        boolean wasOpen =
                transaction.isExplicit()
                        || wasInTransaction
                        || (end.mayHaveRolledBack() && transaction.isOpen());
        boolean over = joined && wasOpen && !used.inTransaction();
        HeldLeases.used(runner, shard, used);
        runner.callDone(end.isFailure(), over);
    }

    private void giveBack(BackendConnection used) {
        runner.giveBack(shard, used);
    }

    @Override
    public void lost(BackendConnection lost, boolean answerBegun, Throwable cause) {
        slow = false;
        localFile.ifPresent(LocalFile::release);
        Transaction transaction = session.transaction();
        boolean held = transaction.leases().remove(shard) != null;
        boolean open =
                wasInTransaction
                        || transaction.isExplicit()
                        || (held && lost.inTransaction())
                        || (access == Access.WRITE
                                && !traits.implicitCommit()
                                && !session.profile().autocommit());
        if (held) {
            transaction.unpin();
        }
        runner.cursorsLost(lost);
        connection = null;
        if (open) {
            transaction.fail();
        }
        if (relayed) {
            stage = CallStage.DONE;
            command.release();
            runner.count(ErrorCode.ANSWER_CUT);
            client.close(CloseReason.ANSWER_CUT);
            runner.callDone(true);
            return;
        }
        if (open) {
            refuse(ErrorCode.BACKEND_LOST, "shard " + shard);
        } else if (access == Access.READ && !held && mayRepeat()) {
            lease();
        } else if (access == Access.WRITE) {
            refuse(ErrorCode.OUTCOME_UNKNOWN, "shard " + shard);
        } else {
            refuse(ErrorCode.BACKEND_LOST, "shard " + shard);
        }
    }

    /** In a plain keyspace a view may call a function that writes. */
    private boolean mayRepeat() {
        return attempts < ATTEMPTS_MAX && !abandoned && !isPlain();
    }

    private void refuse(ErrorCode code, String detail) {
        stage = CallStage.DONE;
        command.release();
        if (connection != null && !session.transaction().leases().containsValue(connection)) {
            giveBack(connection);
        }
        runner.fail(code, detail);
    }

    @Override
    public String describe() {
        return switch (stage) {
            case NEW -> "routing";
            case LEASING -> "waiting for " + shard;
            case PREPARING -> "preparing " + shard;
            case SENT -> slow ? "sending to client" : "executing on " + shard;
            case SETTLING -> "settling " + shard;
            case DONE -> "";
        };
    }

    @Override
    public boolean answerBegun() {
        return relayed;
    }

    @Override
    public Optional<String> text() {
        return command.text();
    }

    @Override
    public void interrupt() {
        switch (stage) {
            case LEASING -> {
                leaveQueue();
                refuse(ErrorCode.QUERY_INTERRUPTED, "");
            }
            case PREPARING, SENT -> runner.killer().interrupt(connected());
            case NEW, SETTLING, DONE -> {}
        }
    }

    private void leaveQueue() {
        NodePool pool = runner.loop().primaries().get(shard);
        if (pool != null) {
            pool.forget(this);
        }
    }

    @Override
    public void abandon() {
        abandoned = true;
        switch (stage) {
            case LEASING -> {
                leaveQueue();
                stage = CallStage.DONE;
                command.release();
                runner.callDone(true);
            }
            case SENT -> {
                if (localFile.isPresent()) {
                    // The rest of the file will never come.
                    connected().close();
                } else if (access != Access.WRITE) {
                    cutOff(connected());
                }
                if (slow) {
                    slow = false;
                    connected().readOn(true);
                }
            }
            case NEW, PREPARING, SETTLING, DONE -> {}
        }
    }

    /**
     * KILL does not end every read: MySQL looks for it here and there only, and has been seen to
     * say nothing more at all. Nobody waits for the answer, so that its connection may go.
     */
    private void cutOff(BackendConnection reading) {
        runner.killer().interrupt(reading);
        client.eventLoop()
                .schedule(
                        () -> {
                            if (stage == CallStage.SENT && connection == reading) {
                                reading.close();
                            }
                        },
                        runner.killTimeout().toMillis(),
                        TimeUnit.MILLISECONDS);
    }
}
