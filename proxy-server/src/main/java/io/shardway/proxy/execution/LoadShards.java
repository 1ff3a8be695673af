package io.shardway.proxy.execution;

import io.netty.buffer.ByteBuf;
import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.CollectedAnswer;
import io.shardway.proxy.backend.SettingsProfile;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.protocol.OkPacket;
import io.shardway.proxy.session.Session;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.Access;
import io.shardway.router.plan.TransactionMode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * The shards' parts of one loaded file: begins each with its first record, sends its statements,
 * and reads back after each what would be gone with the next. Confined to its event loop.
 */
final class LoadShards {

    /** A node waits so long for records while others get theirs: an hour. */
    private static final String WAIT_SECONDS = "3600";

    private final StatementRunner runner;
    private final Session session;
    private final LoadStatement statement;
    private final Listener listener;
    private final Map<ShardId, LoadPart> parts = new TreeMap<>();
    private final List<SpreadPart> spreads = new ArrayList<>();
    private final SpreadEnd end;
    private final SpreadSettings settings;
    private final LoadTold told;
    private Optional<String> time = Optional.empty();
    private Optional<Borrow> waiting = Optional.empty();

    /** Hears of the parts. */
    interface Listener {
        /** One can take records, or more of them. */
        void canGoOn();

        /** One has carried a statement out. */
        void carriedOut();

        /**
         * @param part on whose node it failed
         */
        void failed(ErrPacket reason, Optional<LoadPart> part);
    }

    LoadShards(StatementRunner runner, LoadStatement statement, Listener listener) {
        this.runner = runner;
        this.session = runner.session();
        this.statement = statement;
        this.listener = listener;
        this.end = new SpreadEnd(runner, spreads);
        this.settings = new SpreadSettings(runner);
        this.told = new LoadTold(session.profile().literal("max_error_count"));
    }

    Optional<LoadPart> of(ShardId shard) {
        return Optional.ofNullable(parts.get(shard));
    }

    Collection<LoadPart> all() {
        return parts.values();
    }

    List<SpreadPart> spreads() {
        return spreads;
    }

    /** Undoes them. */
    SpreadEnd end() {
        return end;
    }

    boolean areQuiet() {
        return parts.values().stream().allMatch(LoadPart::isQuiet);
    }

    LoadTold.Answer answer() {
        return told.answer(parts.values(), runner.status());
    }

    /** The statement failed: nothing goes on, on any node. */
    void breakOff() {
        if (waiting.isPresent() && waiting.get().forget()) {
            parts.values().stream()
                    .filter(part -> part.stage() == LoadPart.Stage.STARTING)
                    .forEach(part -> part.stageIs(LoadPart.Stage.FAILED));
        }
        for (LoadPart part : parts.values()) {
            if (part.isExecuting()) {
                part.breakOff();
                runner.killer().interrupt(part.connection());
            }
        }
    }

    /**
     * @param shard has no part yet
     * @param record of the file that is its first one
     */
    void requireAllowed(ShardId shard, long record) {
        if (runner.transactionMode() == TransactionMode.SINGLE && !parts.isEmpty()) {
            throw new ShardwayException(
                    ErrorCode.DIFFERENT_KEYS,
                    "record %d of the file belongs to shard %s, those before it to %s"
                            .formatted(record, shard, TransactionRules.names(parts.keySet())));
        }
        if (!parts.isEmpty()) {
            runner.requireScatter(
                    statement.text(),
                    session.profile().dialect(),
                    "records of the file belong to several shards");
        }
        Optional<ShardwayException> forbidden =
                TransactionRules.forbids(session, runner.transactionMode(), Access.WRITE, shard);
        if (forbidden.isPresent()) {
            throw forbidden.get();
        }
    }

    /**
     * @param own the statement is a transaction of its own; else the part needs a savepoint
     */
    void begin(ShardId shard, boolean own) {
        var part = new LoadPart(shard, listener::canGoOn);
        parts.put(shard, part);
        spreads.add(part.spread());
        lease(part.spread())
                .thenCompose(_ -> settings.require(part.spread()))
                .thenCompose(_ -> setTime(part.spread()))
                .thenCompose(_ -> own ? done() : part.spread().mark(SpreadSql.MARK))
                .whenComplete((_, problem) -> guarded(() -> begun(part, problem)));
    }

    private void begun(LoadPart part, Throwable problem) {
        waiting = Optional.empty();
        if (problem != null) {
            part.stageIs(LoadPart.Stage.FAILED);
            failed(problem, Optional.empty());
        } else {
            part.stageIs(LoadPart.Stage.IDLE);
            listener.carriedOut();
        }
    }

    private void guarded(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException bug) {
            runner.bug(bug);
        }
    }

    private static CompletionStage<OkPacket> done() {
        return CompletableFuture.completedStage(OkPacket.of(0));
    }

    private CompletionStage<?> lease(SpreadPart part) {
        var leased = new CompletableFuture<BackendConnection>();
        var want =
                new Borrow.Want(
                        statement.traits(), NoCommand.INSTANCE, true, true, LoadShards::patient);
        waiting =
                Optional.of(
                        Borrow.borrow(
                                runner,
                                part.shard(),
                                want,
                                new Borrow.Result() {
                                    @Override
                                    public void borrowed(BackendConnection connection) {
                                        leased.complete(connection);
                                    }

                                    @Override
                                    public void notBorrowed(ErrPacket reason) {
                                        leased.completeExceptionally(
                                                new SpreadPart.Failure(reason));
                                    }
                                }));
        return leased.thenAccept(connection -> {
            part.connectedBy(connection);
            session.transaction().leases().put(part.shard(), connection);
        });
    }

    private static SettingsProfile patient(SettingsProfile ofSession) {
        return ofSession.with(Map.of("net_read_timeout", Optional.of(WAIT_SECONDS)));
    }

    /** One time for all shards; a session that set its own has it already. */
    private CompletionStage<OkPacket> setTime(SpreadPart part) {
        if (session.profile().literal("timestamp").isPresent()) {
            return done();
        }
        CompletionStage<String> known =
                time.isPresent()
                        ? CompletableFuture.completedStage(time.get())
                        : part.rows(SpreadSql.READ_TIME)
                                .thenApply(rows -> SpreadSql.time(ReferenceState.number(rows, 0)));
        return known.thenCompose(sql -> {
            time = Optional.of(sql);
            return part.setTime(sql);
        });
    }

    /** Sends a part that is idle its next statement. */
    void ask(LoadPart part, byte[] text) {
        session.transaction().writes(part.spread().shard());
        ByteBuf command = runner.commandOf(text, 0, text.length);
        part.ask(command, listener::canGoOn, answer -> guarded(() -> answered(part, answer)));
    }

    private void answered(LoadPart part, CollectedAnswer answer) {
        if (answer instanceof CollectedAnswer.Ok(var ok)) {
            part.connection().statusIs(ok.status());
            part.done(ok);
            readVariables(part, () -> readConditions(part, ok));
        } else {
            ErrPacket packet = Borrow.errorOf(answer, ErrorCode.BACKEND_LOST, describe(part));
            readVariables(part, () -> fail(part, packet));
        }
    }

    private static String describe(LoadPart part) {
        return "shard " + part.spread().shard();
    }

    private void fail(LoadPart part, ErrPacket packet) {
        part.stageIs(LoadPart.Stage.FAILED);
        listener.failed(packet, Optional.of(part));
    }

    /** The node keeps them on the connection, so the proxy must know of them. */
    private void readVariables(LoadPart part, Runnable then) {
        List<String> names = statement.traits().assignedVariables();
        if (names.isEmpty() || !part.connection().isUsable()) {
            then.run();
            return;
        }
        UserVariables.read(
                part.connection(),
                names,
                values -> {
                    if (values.isEmpty()) {
                        part.connection().close();
                    } else {
                        part.variablesAre(values.get());
                        part.connection().profileIs(part.connection().profile().with(values.get()));
                    }
                    then.run();
                });
    }

    private void readConditions(LoadPart part, OkPacket ok) {
        if (!part.connection().isUsable()) {
            fail(part, ErrPacket.of(ErrorCode.BACKEND_LOST, describe(part)));
        } else if (ok.warnings() == 0) {
            part.stageIs(LoadPart.Stage.IDLE);
            listener.carriedOut();
        } else {
            end.readConditions(part.spread())
                    .whenComplete((found, problem) ->
                            guarded(() -> {
                                if (problem != null) {
                                    part.stageIs(LoadPart.Stage.FAILED);
                                    failed(problem, Optional.of(part));
                                } else {
                                    told.add(found);
                                    part.stageIs(LoadPart.Stage.IDLE);
                                    listener.carriedOut();
                                }
                            }));
        }
    }

    /** A step of the proxy's own did not succeed. */
    void failed(Throwable problem, Optional<LoadPart> part) {
        Throwable cause =
                problem instanceof CompletionException && problem.getCause() != null
                        ? problem.getCause()
                        : problem;
        if (cause instanceof SpreadPart.Failure refused) {
            listener.failed(refused.packet(), part);
        } else {
            runner.bug(cause);
        }
    }
}
