package io.shardway.proxy.execution;

import io.shardway.proxy.execution.ReferenceCopy.Failure;
import io.shardway.proxy.protocol.OkPacket;
import io.shardway.proxy.session.Diagnostics;
import io.shardway.proxy.session.Transaction;
import io.shardway.router.ErrorCode;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.InsertId;
import io.shardway.router.plan.Plan;
import io.shardway.router.plan.ReferenceTable;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * One statement on every copy of a reference table. Confined to its event loop.
 *
 * <p>Each shard has a row that numbers the writes of its copy; it is changed in the transaction
 * that changes the copy. The default shard's row is locked first, so its lock puts all writes of a
 * table in one order. When the statement did the same on every copy, the default shard commits:
 * that decides. A copy whose commit fails has the number of an earlier write, and is repaired from
 * the default shard's by whoever sees that.
 */
final class ReferenceWrite {

    private final StatementRunner runner;
    private final ReferenceCopies copies;
    private final ReferenceTable table;
    private final Plan.WriteReference plan;
    private final BackendCommand command;
    private final byte[] writeId = newId();
    private final ReferenceLeases leases;
    private Optional<ReferenceQueue.Turn> turn = Optional.empty();
    private Optional<ReferenceCopy> executing = Optional.empty();
    private Optional<ReferenceState> found = Optional.empty();
    private Optional<OkPacket> outcome = Optional.empty();
    private Diagnostics warnings = Diagnostics.NONE;
    private boolean interrupted;
    private String stage = "waiting for the reference table";

    ReferenceWrite(
            StatementRunner runner,
            ReferenceCopies copies,
            Plan.WriteReference plan,
            BackendCommand command) {
        this.runner = runner;
        this.copies = copies;
        this.table = plan.table();
        this.plan = plan;
        this.command = command;
        this.leases = new ReferenceLeases(runner, plan.traits(), command, copies.queue().timeout());
    }

    private static byte[] newId() {
        UUID random = UUID.randomUUID();
        return ByteBuffer.allocate(16)
                .putLong(random.getMostSignificantBits())
                .putLong(random.getLeastSignificantBits())
                .array();
    }

    void start() {
        Transaction transaction = runner.session().transaction();
        if (transaction.isFailed()) {
            refuse(ErrorCode.TRANSACTION_FAILED, "");
        } else if (transaction.isOpen() || !runner.session().profile().autocommit()) {
            refuse(ErrorCode.REFERENCE_WRITE_IN_TRANSACTION, table.toString());
        } else if (!transaction.leases().isEmpty()) {
            refuse(
                    ErrorCode.REFERENCE_WRITE,
                    "the session keeps state on one connection: a cursor, temporary tables,"
                            + " GET_LOCK or the like");
        } else {
            turn =
                    Optional.of(
                            copies.queue()
                                    .enter(
                                            table,
                                            runner.client().eventLoop(),
                                            this::begin,
                                            code -> refuse(code, table.toString())));
        }
    }

    private void refuse(ErrorCode code, String detail) {
        command.release();
        runner.writeDone();
        runner.fail(code, detail);
    }

    private void begin() {
        Optional<String> obstacle = copies.obstacle(table);
        if (obstacle.isPresent()) {
            copies.queue().done(table);
            refuse(ErrorCode.REFERENCE_WRITE, obstacle.get());
            return;
        }
        ShardId decider = runner.loop().serving().topology().defaultShard();
        List<ShardId> rest =
                runner.loop().serving().topology().shards().keySet().stream()
                        .filter(shard -> !shard.equals(decider))
                        .sorted()
                        .toList();
        Optional<ShardId> lacking =
                rest.stream().filter(shard -> copies.isFenced(shard, Set.of(table))).findFirst();
        if (lacking.isPresent()) {
            copies.queue().done(table);
            refuse(ErrorCode.REFERENCE_COPY_BEHIND, "shard " + lacking.get() + ": " + table);
            return;
        }
        stage = "waiting for connections";
        leases.take(decider, rest)
                .thenCompose(_ -> onFirst(leases.first()))
                .thenCompose(_ -> ReferenceLeases.each(leases.others(), this::onOther))
                .thenCompose(_ -> decide(leases.first()))
                .whenComplete(this::executed);
    }

    private CompletionStage<OkPacket> onFirst(ReferenceCopy copy) {
        return lock(copy)
                .thenCompose(state -> {
                    found = Optional.of(state);
                    return copy.rows(ReferenceSql.columns(table));
                })
                .thenCompose(columns -> {
                    ReferenceState.requireEqualColumns(columns);
                    return setTime(copy);
                })
                .thenCompose(_ -> execute(copy))
                .thenCompose(ok -> {
                    outcome = Optional.of(ok);
                    return readWarnings(copy, ok);
                })
                .thenCompose(ok -> requireNoDrawnId(copy, ok))
                .thenCompose(_ -> note(copy));
    }

    private CompletionStage<OkPacket> onOther(ReferenceCopy copy) {
        return lock(copy)
                .thenCompose(state -> {
                    requireSameState(state);
                    return setTime(copy);
                })
                .thenCompose(_ -> execute(copy))
                .thenCompose(ok -> {
                    requireSameOutcome(copy, ok);
                    return note(copy);
                });
    }

    private CompletionStage<ReferenceState> lock(ReferenceCopy copy) {
        stage = "locking on " + copy.shard();
        executing = Optional.of(copy);
        requireNotInterrupted();
        String once = runner.session().transaction().nextCharacteristics();
        CompletionStage<OkPacket> ready =
                once.isEmpty()
                        ? CompletableFuture.completedStage(OkPacket.of(0))
                        : copy.run("SET TRANSACTION " + once);
        return ready.thenCompose(_ -> copy.run("START TRANSACTION"))
                .thenCompose(_ -> copy.run(ReferenceSql.claim(table)))
                .thenCompose(_ -> copy.rows(ReferenceSql.read(table)))
                .thenApply(rows -> ReferenceState.of(copy.shard(), rows));
    }

    private void requireNotInterrupted() {
        if (interrupted) {
            throw new Failure(ErrorCode.QUERY_INTERRUPTED, "");
        }
    }

    private void requireSameState(ReferenceState state) {
        ReferenceState at = found.orElseThrow();
        at.requireSameSettings(state);
        if (!state.hasSameWrites(at)) {
            copies.lacking(table, Set.of(state.shard()), _ -> {});
            throw new Failure(
                    ErrorCode.REFERENCE_COPY_BEHIND,
                    "shard %s has write %d, shard %s write %d of %s"
                            .formatted(
                                    state.shard(), state.writes(), at.shard(), at.writes(), table));
        }
    }

    /** One time for all; a session that set its own has it already. */
    private CompletionStage<OkPacket> setTime(ReferenceCopy copy) {
        return runner.session().profile().literal("timestamp").isPresent()
                ? CompletableFuture.completedStage(OkPacket.of(0))
                : copy.setTime(ReferenceSql.time(found.orElseThrow().micros()));
    }

    private CompletionStage<OkPacket> execute(ReferenceCopy copy) {
        requireNotInterrupted();
        stage = "executing on " + copy.shard();
        return copy.execute(command);
    }

    private CompletionStage<OkPacket> readWarnings(ReferenceCopy copy, OkPacket ok) {
        if (ok.warnings() == 0) {
            return CompletableFuture.completedStage(ok);
        }
        return copy.rows("SHOW WARNINGS")
                .thenApply(rows -> {
                    warnings =
                            DiagnosticsReader.read(
                                    rows, runner.session().profile(), runner.diagnosticsBytesMax());
                    return ok;
                });
    }

    /** An OK packet reports given ids too; LAST_INSERT_ID() only what was drawn. */
    private CompletionStage<OkPacket> requireNoDrawnId(ReferenceCopy copy, OkPacket ok) {
        if (ok.lastInsertId() == 0 || plan.traits().insertId() == InsertId.KEPT) {
            return CompletableFuture.completedStage(ok);
        }
        return copy.rows(ReferenceSql.DRAWN_ID)
                .thenApply(rows -> {
                    copy.connection().insertIdLeft(0);
                    if (ReferenceState.number(rows, 0) != 0) {
                        throw new Failure(
                                ErrorCode.REFERENCE_WRITE,
                                "the AUTO_INCREMENT column must be given a value: each shard would"
                                        + " draw");
                    }
                    return ok;
                });
    }

    private void requireSameOutcome(ReferenceCopy copy, OkPacket ok) {
        OkPacket expected = outcome.orElseThrow();
        boolean same =
                ok.affectedRows() == expected.affectedRows()
                        && ok.warnings() == expected.warnings()
                        && Arrays.equals(ok.info(), expected.info());
        if (!same) {
            throw new Failure(
                    ErrorCode.REFERENCE_COPIES_DIFFER,
                    "%s: %d rows and %d warnings on shard %s, %d and %d on shard %s"
                            .formatted(
                                    table,
                                    expected.affectedRows(),
                                    expected.warnings(),
                                    leases.first().shard(),
                                    ok.affectedRows(),
                                    ok.warnings(),
                                    copy.shard()));
        }
    }

    private CompletionStage<OkPacket> note(ReferenceCopy copy) {
        return copy.run(ReferenceSql.note(table, found.orElseThrow().writes() + 1, writeId));
    }

    /** What becomes of the default shard's commit is what becomes of the write. */
    private CompletionStage<Boolean> decide(ReferenceCopy copy) {
        requireNotInterrupted();
        executing = Optional.empty();
        stage = "committing on " + copy.shard();
        var decided = new CompletableFuture<Boolean>();
        copy.run(ReferenceSql.COMMIT)
                .whenComplete((_, problem) -> {
                    if (problem == null) {
                        decided.complete(true);
                    } else {
                        copy.connection().close();
                        stage = "asking " + copy.shard() + " for the outcome";
                        new ReferenceOutcome(
                                        runner,
                                        table,
                                        writeId,
                                        found.orElseThrow(),
                                        copies.queue().timeout())
                                .ask(decided);
                    }
                });
        return decided;
    }

    private void executed(Boolean decided, Throwable problem) {
        executing = Optional.empty();
        if (problem != null) {
            Throwable cause =
                    problem instanceof CompletionException && problem.getCause() != null
                            ? problem.getCause()
                            : problem;
            Failure failure = cause instanceof Failure known ? known : bug(cause);
            if (failure.code().equals(Optional.of(ErrorCode.OUTCOME_UNKNOWN))) {
                copies.lacking(table, leases.otherShards(), _ -> {});
            }
            leases.end(ReferenceSql.ROLLBACK, _ -> finish(() -> fail(failure)));
        } else if (decided) {
            leases.end(ReferenceSql.COMMIT, this::committed);
        } else {
            var failure =
                    new Failure(
                            ErrorCode.BACKEND_UNAVAILABLE,
                            "the default shard did not commit, nothing was written");
            leases.end(ReferenceSql.ROLLBACK, _ -> finish(() -> fail(failure)));
        }
    }

    private static Failure bug(Throwable cause) {
        ReferenceOutcome.LOG.error("event=bug code={}", ErrorCode.BUG.id(), cause);
        return new Failure(ErrorCode.BUG, String.valueOf(cause.getMessage()));
    }

    private void committed(Set<ShardId> failed) {
        if (failed.isEmpty()) {
            finish(this::succeed);
            return;
        }
        stage = "repairing " + failed;
        copies.lacking(
                table,
                failed,
                lacking ->
                        runner.client()
                                .eventLoop()
                                .execute(() -> finish(() -> answerAfterRepair(lacking))));
    }

    private void answerAfterRepair(Set<ShardId> lacking) {
        if (lacking.isEmpty()) {
            succeed();
        } else {
            runner.writeDone();
            runner.fail(ErrorCode.REFERENCE_WRITE_UNFINISHED, "%s on %s".formatted(table, lacking));
        }
    }

    private void succeed() {
        OkPacket ok = outcome.orElseThrow();
        runner.session().diagnosticsAre(warnings);
        int status = Answers.okPacket(runner.session(), runner.hasMoreStatements()).status();
        runner.writeDone();
        runner.ok(
                new OkPacket(
                        ok.affectedRows(),
                        ok.lastInsertId(),
                        status,
                        ok.warnings(),
                        ok.info(),
                        List.of()));
    }

    private void fail(Failure failure) {
        runner.writeDone();
        failure.code().ifPresent(runner::count);
        runner.failWith(failure.packet());
    }

    /** Gives everything back; a connection that cannot be brought in order is closed. */
    private void finish(Runnable answer) {
        stage = "settling";
        command.release();
        if (!runner.session().transaction().nextCharacteristics().isEmpty()) {
            runner.session().transaction().useNext();
            runner.session().transaction().ended();
        }
        leases.giveBack()
                .whenComplete((_, _) -> {
                    copies.queue().done(table);
                    answer.run();
                });
    }

    /** KILL QUERY: nothing is undone that is decided. */
    void interrupt() {
        if (turn.isPresent() && copies.queue().leave(turn.get())) {
            refuse(ErrorCode.QUERY_INTERRUPTED, "");
            return;
        }
        interrupted = true;
        executing.ifPresent(copy -> runner.killer().interrupt(copy.connection()));
    }

    /** The client is gone: what is begun goes on to its end. */
    void abandon() {
        if (turn.isPresent() && copies.queue().leave(turn.get())) {
            command.release();
            runner.writeDone();
            runner.callDone(true);
        }
    }

    String describe() {
        return stage;
    }

    Optional<String> text() {
        return command.text();
    }
}
