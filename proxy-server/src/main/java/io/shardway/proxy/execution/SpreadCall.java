package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.execution.SpreadPart.Failure;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.protocol.OkPacket;
import io.shardway.proxy.session.Diagnostics;
import io.shardway.proxy.session.Session;
import io.shardway.proxy.session.Transaction;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.plan.TransactionMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * One statement that writes on several shards: all of it or nothing. Confined to its event loop.
 *
 * <p>Its parts run one after the other in the order of the shards, so that two such statements wait
 * for each other on the first shard and not crosswise. Outside of a transaction it is one of its
 * own, committed as any over several shards; inside, each shard has a savepoint from before it.
 */
final class SpreadCall implements RunningCall {

    private final StatementRunner runner;
    private final Session session;
    private final SpreadStatement statement;
    private final List<SpreadPart> parts;
    private final SpreadEnd end;
    private final List<List<Diagnostics.Condition>> conditions = new ArrayList<>();
    private Optional<Borrow> waiting = Optional.empty();
    private Optional<SpreadPart> executing = Optional.empty();
    private Prior prior = Prior.NONE;
    private Optional<Consumer<Optional<SpreadEnd.Told>>> whenEnded = Optional.empty();
    private boolean own;
    private boolean drawn;
    private long firstStored;
    private boolean released;
    private boolean interrupted;
    private String stage = "routing";

    /**
     * What was done before the parts. Immutable.
     *
     * @param own a transaction of the statement's own has begun
     * @param time what sets the time that has been used; empty if the session has its own
     * @param warnings how many were counted
     * @param conditions what they were
     * @param text of the statement
     * @param answer of the statement, which the parts only store; empty where they answer
     */
    record Prior(
            boolean own,
            Optional<String> time,
            int warnings,
            List<Diagnostics.Condition> conditions,
            Optional<String> text,
            Optional<OkPacket> answer) {
        static final Prior NONE =
                new Prior(
                        false, Optional.empty(), 0, List.of(), Optional.empty(), Optional.empty());

        Prior {
            conditions = List.copyOf(conditions);
        }
    }

    SpreadCall(StatementRunner runner, SpreadStatement statement) {
        this.runner = runner;
        this.session = runner.session();
        this.statement = statement;
        this.parts = statement.parts();
        this.end = new SpreadEnd(runner, parts);
    }

    @Override
    public void start() {
        Transaction transaction = session.transaction();
        Optional<ShardwayException> forbidden =
                TransactionRules.forbidsSpread(session, "a write on several shards");
        boolean single = runner.transactionMode() == TransactionMode.SINGLE;
        if (single && statement.firsts().size() > 1 && !transaction.isFailed()) {
            refuse(
                    statement.rows() > 0 ? ErrorCode.DIFFERENT_KEYS : ErrorCode.CROSS_SHARD_WRITE,
                    statement.why()
                            + "; shards "
                            + TransactionRules.names(
                                    parts.stream().map(SpreadPart::shard).toList()));
        } else if (forbidden.isPresent()) {
            refuse(forbidden.get().code(), forbidden.get().detail());
        } else {
            own = !TransactionRules.isInTransaction(session);
            if (own) {
                transaction.begin("START TRANSACTION");
            }
            run();
        }
    }

    /**
     * Somebody else answers the client.
     *
     * @param listener hears why it failed, if it did
     */
    SpreadCall endingWith(Consumer<Optional<SpreadEnd.Told>> listener) {
        whenEnded = Optional.of(listener);
        return this;
    }

    /** Stores rows in a transaction in which they were read. */
    void goOn(Prior before) {
        prior = before;
        own = before.own();
        conditions.add(before.conditions());
        run();
    }

    private void refuse(ErrorCode code, String detail) {
        release();
        runner.fail(code, detail);
    }

    private void release() {
        if (!released) {
            released = true;
            statement.release().run();
        }
    }

    private void run() {
        ReferenceLeases.each(statement.firsts(), this::lease)
                .thenCompose(_ -> sameSettings())
                .thenCompose(_ -> time())
                .thenCompose(time -> ReferenceLeases.each(parts, part -> carryOut(part, time)))
                .thenCompose(_ -> end.setTimesBack())
                .thenRun(this::requireNotInterrupted)
                .whenComplete((_, problem) -> ended(problem));
    }

    private CompletionStage<?> sameSettings() {
        List<SpreadPart> firsts = statement.firsts();
        var settings = new SpreadSettings(runner);
        return firsts.size() < 2
                ? CompletableFuture.completedStage(firsts)
                : ReferenceLeases.each(firsts, settings::require);
    }

    private CompletionStage<?> lease(SpreadPart part) {
        requireNotInterrupted();
        stage = "waiting for " + part.shard();
        var leased = new CompletableFuture<BackendConnection>();
        var borrow =
                Borrow.borrow(
                        runner,
                        part.shard(),
                        Borrow.Want.writing(statement.traits(), part.command())
                                .under(statement.settings()),
                        new Borrow.Result() {
                            @Override
                            public void borrowed(BackendConnection connection) {
                                connection.whenNoKillIsUnderWay(() -> leased.complete(connection));
                            }

                            @Override
                            public void notBorrowed(ErrPacket reason) {
                                leased.completeExceptionally(new Failure(reason));
                            }
                        });
        waiting = Optional.of(borrow);
        return leased.thenAccept(connection -> {
            waiting = Optional.empty();
            part.connectedBy(connection);
            session.transaction().leases().put(part.shard(), connection);
        });
    }

    private void requireNotInterrupted() {
        if (interrupted) {
            throw interruption();
        }
    }

    private Failure interruption() {
        runner.count(ErrorCode.QUERY_INTERRUPTED);
        return new Failure(ErrPacket.of(ErrorCode.QUERY_INTERRUPTED, ""));
    }

    /** One time for all shards; a session that set its own has it already. */
    private CompletionStage<Optional<String>> time() {
        if (prior.time().isPresent()) {
            return CompletableFuture.completedStage(prior.time());
        }
        if (session.profile().literal("timestamp").isPresent() || parts.isEmpty()) {
            return CompletableFuture.completedStage(Optional.empty());
        }
        return parts.getFirst()
                .rows(SpreadSql.READ_TIME)
                .thenApply(rows -> Optional.of(SpreadSql.time(ReferenceState.number(rows, 0))));
    }

    private CompletionStage<?> carryOut(SpreadPart part, Optional<String> time) {
        CompletionStage<OkPacket> ready = CompletableFuture.completedStage(OkPacket.of(0));
        if (part.continues()) {
            return lease(part)
                    .thenCompose(_ -> execute(part))
                    .thenCompose(ok -> readWarnings(part, ok))
                    .thenCompose(ok -> readId(part, ok));
        }
        if (time.isPresent()) {
            ready = part.setTime(time.get());
        }
        if (!own) {
            ready = ready.thenCompose(_ -> part.mark(SpreadSql.MARK));
        }
        return ready.thenCompose(_ -> execute(part))
                .thenCompose(ok -> readWarnings(part, ok))
                .thenCompose(ok -> readId(part, ok));
    }

    private CompletionStage<OkPacket> execute(SpreadPart part) {
        requireNotInterrupted();
        stage = "executing on " + part.shard();
        executing = Optional.of(part);
        session.transaction().writes(part.shard());
        return part.execute().whenComplete((_, _) -> executing = Optional.empty());
    }

    /** What was made of locked rows must be all that happens to them. */
    private void requireStored(SpreadPart part, OkPacket ok, List<Diagnostics.Condition> told) {
        if (part.hasStored(ok, told)) {
            return;
        }
        runner.count(ErrorCode.ASSEMBLY_FAILED);
        throw new Failure(
                ErrPacket.of(
                        ErrorCode.ASSEMBLY_FAILED,
                        "shard %s stored rows otherwise than they were made (%d rows, %d warnings)"
                                .formatted(part.shard(), ok.affectedRows(), ok.warnings())));
    }

    /** The first id that the statement drew becomes LAST_INSERT_ID(). */
    private CompletionStage<OkPacket> readId(SpreadPart part, OkPacket ok) {
        if (statement.ids().isPresent()) {
            return firstStored(statement.ids().get(), part).thenApply(_ -> ok);
        }
        if (!statement.draws() || ok.lastInsertId() == 0) {
            return CompletableFuture.completedStage(ok);
        }
        long before = session.lastInsertId();
        var read = new CompletableFuture<OkPacket>();
        InsertIds.read(
                session,
                part.connection(),
                false,
                good -> {
                    if (!good) {
                        part.connection().close();
                    } else if (drawn) {
                        session.lastInsertIdIs(before);
                    }
                    drawn = true;
                    read.complete(ok);
                });
        return read;
    }

    /** The nodes know drawn keys as given ones. */
    private CompletionStage<?> firstStored(DrawnIds ids, SpreadPart part) {
        OptionalLong first = ids.first(part.rows());
        if (first.isEmpty() || !DrawnIds.mayMiss(statement.kind())) {
            first.ifPresent(this::stored);
            return CompletableFuture.completedStage(part);
        }
        return part.rows(ids.firstStored(part.rows()))
                .thenAccept(rows -> stored(ReferenceState.number(rows, 0)));
    }

    private void stored(long key) {
        if (key != 0 && (firstStored == 0 || key < firstStored)) {
            firstStored = key;
        }
    }

    private CompletionStage<OkPacket> readWarnings(SpreadPart part, OkPacket ok) {
        if (ok.warnings() == 0) {
            requireStored(part, ok, List.of());
            return CompletableFuture.completedStage(ok);
        }
        return end.readConditions(part)
                .thenApply(found -> {
                    requireStored(part, ok, found);
                    if (part.isStoring()) {
                        return part.withoutWarnings(ok);
                    }
                    conditions.add(new ArrayList<>(found));
                    return ok;
                });
    }

    private void ended(Throwable problem) {
        try {
            settle(problem);
        } catch (RuntimeException fault) {
            bug(fault);
        }
    }

    private void bug(Throwable fault) {
        release();
        runner.bug(fault);
    }

    private void settle(Throwable problem) {
        stage = "settling";
        if (problem == null) {
            finish();
            return;
        }
        Throwable cause =
                problem instanceof CompletionException && problem.getCause() != null
                        ? problem.getCause()
                        : problem;
        if (cause instanceof Failure failure) {
            end.undo(own, failure.packet(), this::answer)
                    .whenComplete((_, fault) -> {
                        if (fault != null) {
                            bug(fault);
                        }
                    });
        } else {
            bug(cause);
        }
    }

    private void finish() {
        if (own) {
            stage = "committing";
        }
        end.finish(own, statement.firsts(), this::succeed, this::answer);
    }

    private void succeed() {
        if (whenEnded.isPresent()) {
            release();
            whenEnded.get().accept(Optional.empty());
            return;
        }
        if (prior.answer().isPresent()) {
            OkPacket made = prior.answer().get();
            release();
            session.diagnosticsAre(new Diagnostics(prior.conditions()));
            runner.ok(
                    new OkPacket(
                            made.affectedRows(),
                            0,
                            runner.status(),
                            made.warnings(),
                            made.info(),
                            List.of()));
            return;
        }
        int told = conditions.stream().mapToInt(List::size).sum();
        conditions.stream()
                .skip(prior == Prior.NONE ? 0 : 1)
                .forEach(found -> found.removeAll(prior.conditions()));
        List<Diagnostics.Condition> merged = SpreadAnswer.merged(conditions);
        int repeated = told - merged.size() - prior.warnings();
        OkPacket answer = SpreadAnswer.of(statement, repeated, firstStored, runner.status());
        if (firstStored != 0) {
            session.lastInsertIdIs(firstStored);
        }
        release();
        session.diagnosticsAre(
                SpreadAnswer.kept(merged, session.profile().literal("max_error_count")));
        runner.ok(answer);
    }

    private void answer(SpreadEnd.Told told) {
        release();
        if (whenEnded.isPresent()) {
            whenEnded.get().accept(Optional.of(told));
            return;
        }
        runner.tell(told.packet());
        if (!told.conditions().isEmpty()) {
            session.diagnosticsAre(
                    new Diagnostics(told.conditions())
                            .endedBy(told.packet().code(), told.packet().sqlState()));
        }
        runner.callDone(true);
    }

    @Override
    public boolean answerBegun() {
        return false;
    }

    @Override
    public String describe() {
        return stage;
    }

    @Override
    public Optional<String> text() {
        return prior == Prior.NONE ? parts.getFirst().command().text() : prior.text();
    }

    @Override
    public void interrupt() {
        interrupted = true;
        if (waiting.isPresent() && waiting.get().forget()) {
            waiting = Optional.empty();
            ended(interruption());
        } else {
            waiting.ifPresent(Borrow::interrupt);
            executing.ifPresent(part -> runner.killer().interrupt(part.connection()));
        }
    }

    /** The client is gone: what is begun goes on to its end. */
    @Override
    public void abandon() {
        if (waiting.isPresent()) {
            interrupt();
        }
    }

    @Override
    public void closeConnections() {
        for (SpreadPart part : parts) {
            if (part.isConnected()) {
                part.connection().close();
            }
        }
    }

    static ErrPacket renumbered(SpreadPart part, ErrPacket packet) {
        String message = SpreadAnswer.renumbered(part, packet.text());
        return message.equals(packet.text())
                ? packet
                : new ErrPacket(packet.code(), packet.sqlState(), message.getBytes(UTF_8));
    }
}
