package io.shardway.proxy.execution;

import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.protocol.OkPacket;
import io.shardway.proxy.session.Diagnostics;
import io.shardway.router.ErrorCode;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Takes a write on several shards back that failed on one: the statement where its transaction can
 * go on, else the transaction. Confined to its event loop.
 */
final class SpreadEnd {

    private static final int DEADLOCK = 1213;

    private final StatementRunner runner;
    private final List<SpreadPart> parts;

    SpreadEnd(StatementRunner runner, List<SpreadPart> parts) {
        this.runner = runner;
        this.parts = parts;
    }

    /** What the client hears, and what SHOW WARNINGS tells; empty for the error alone. */
    record Told(ErrPacket packet, List<Diagnostics.Condition> conditions) {
        Told {
            conditions = List.copyOf(conditions);
        }
    }

    CompletionStage<List<Diagnostics.Condition>> readConditions(SpreadPart part) {
        return part.rows("SHOW WARNINGS")
                .thenApply(rows ->
                        DiagnosticsReader.read(
                                        rows,
                                        runner.session().profile(),
                                        runner.diagnosticsBytesMax())
                                .conditions()
                                .stream()
                                .map(each -> SpreadAnswer.renumbered(part, each))
                                .toList());
    }

    CompletionStage<?> setTimesBack() {
        return ReferenceLeases.each(
                parts.stream().filter(SpreadPart::isTimed).toList(),
                part -> part.run(SpreadSql.OWN_TIME));
    }

    /**
     * All parts are carried out: commits what is a transaction of its own, else leaves them to the
     * session's.
     *
     * @param connected a part for each shard
     */
    void finish(
            boolean own,
            Collection<SpreadPart> connected,
            Runnable succeeded,
            Consumer<Told> failed) {
        if (own) {
            new TransactionEnd(
                            runner,
                            true,
                            problem ->
                                    problem.ifPresentOrElse(
                                            packet -> failed.accept(new Told(packet, List.of())),
                                            succeeded))
                    .start();
            return;
        }
        for (SpreadPart part : connected) {
            HeldLeases.used(runner, part.shard(), part.connection());
        }
        if (!runner.session().transaction().isOpen()) {
            runner.session().transaction().notBegun();
        }
        succeeded.run();
    }

    /**
     * @param own the statement is a transaction of its own
     * @param cause why it failed, as its node said
     */
    CompletionStage<Void> undo(boolean own, ErrPacket cause, Consumer<Told> told) {
        Optional<SpreadPart> failed =
                parts.stream()
                        .filter(part -> part.isConnected() && part.outcome().isEmpty())
                        .findFirst()
                        .filter(part -> !part.isLost());
        return undo(own, failed, cause, told);
    }

    /**
     * @param failed the part on which it failed, unless its connection is lost
     */
    CompletionStage<Void> undo(
            boolean own, Optional<SpreadPart> failed, ErrPacket cause, Consumer<Told> told) {
        ErrPacket error = failed.map(part -> SpreadCall.renumbered(part, cause)).orElse(cause);
        boolean wasIn = failed.map(part -> part.connection().inTransaction()).orElse(false);
        CompletionStage<List<Diagnostics.Condition>> read =
                failed.map(this::readConditions)
                        .orElseGet(() -> CompletableFuture.completedStage(List.of()))
                        .exceptionally(_ -> List.of());
        return read.thenCompose(conditions -> {
            var answer = new Told(error, ofError(conditions, error));
            boolean deadlock =
                    error.code() == DEADLOCK
                            || (wasIn
                                    && failed.stream()
                                            .anyMatch(part -> !part.connection().inTransaction()));
            if (own) {
                return rollBackOwn(answer, told);
            }
            if (parts.stream().anyMatch(SpreadPart::isLost)) {
                return failed.isPresent()
                        ? rollBackAll(rolledBack(answer), told)
                        : fail(answer, told);
            }
            return deadlock ? rollBackAll(answer, told) : backToMarks(answer, told);
        });
    }

    /** The node's own list holds the error, unless it was not the statement that failed. */
    private static List<Diagnostics.Condition> ofError(
            List<Diagnostics.Condition> conditions, ErrPacket error) {
        return conditions.stream().anyMatch(each -> each.code() == error.code())
                ? conditions
                : List.of();
    }

    /**
     * Says whether all is undone: of tables that know no transactions MySQL warns here that they
     * keep their changes.
     */
    private CompletionStage<Boolean> undoEach(List<SpreadPart> changed, String sql) {
        var whole = new boolean[] {true};
        return ReferenceLeases.each(
                        changed,
                        part ->
                                part.run(sql)
                                        .exceptionally(_ -> {
                                            part.connection().close();
                                            return OkPacket.of(0);
                                        })
                                        .thenAccept(ok -> whole[0] &= ok.warnings() == 0))
                .thenApply(_ -> whole[0]);
    }

    private List<SpreadPart> usable() {
        return parts.stream()
                .filter(part -> part.isConnected() && !part.isLost() && !part.continues())
                .toList();
    }

    private CompletionStage<Void> rollBackOwn(Told answer, Consumer<Told> told) {
        List<SpreadPart> usable = usable();
        return undoEach(usable, SpreadSql.ROLLBACK)
                .thenCompose(whole -> timesBackOrClosed().thenApply(_ -> whole))
                .thenAccept(whole ->
                        new TransactionEnd(
                                        runner,
                                        false,
                                        _ -> told.accept(whole ? answer : halfDone(answer)))
                                .start());
    }

    private Told halfDone(Told answer) {
        runner.count(ErrorCode.OUTCOME_UNKNOWN);
        return new Told(
                ErrPacket.of(
                        ErrorCode.OUTCOME_UNKNOWN,
                        "a table without transactions keeps what was changed before the error: "
                                + answer.packet().text()),
                List.of());
    }

    private CompletionStage<Void> timesBackOrClosed() {
        return ReferenceLeases.each(
                usable().stream().filter(SpreadPart::isTimed).toList(),
                part ->
                        part.run(SpreadSql.OWN_TIME)
                                .exceptionally(_ -> {
                                    part.connection().close();
                                    return OkPacket.of(0);
                                }));
    }

    /** Nothing of the transaction can be kept: every statement is refused until ROLLBACK. */
    private CompletionStage<Void> fail(Told answer, Consumer<Told> told) {
        parts.stream()
                .filter(part -> part.isLost() && !part.continues())
                .forEach(part -> HeldLeases.lost(runner, part.shard(), true));
        return timesBackOrClosed()
                .thenAccept(_ -> {
                    keepUsed();
                    runner.count(ErrorCode.BACKEND_LOST);
                    told.accept(answer);
                });
    }

    private void keepUsed() {
        for (SpreadPart part : usable()) {
            HeldLeases.used(runner, part.shard(), part.connection());
        }
    }

    private CompletionStage<Void> rollBackAll(Told answer, Consumer<Told> told) {
        return timesBackOrClosed()
                .thenAccept(
                        _ -> new TransactionEnd(runner, false, _ -> told.accept(answer)).start());
    }

    private CompletionStage<Void> backToMarks(Told answer, Consumer<Told> told) {
        List<SpreadPart> marked = parts.stream().filter(SpreadPart::isMarked).toList();
        return undoEach(marked, SpreadSql.BACK_TO_MARK)
                .thenCompose(whole -> timesBackOrClosed().thenApply(_ -> whole))
                .thenCompose(whole -> {
                    if (!whole) {
                        return rollBackAll(halfDone(answer), told);
                    }
                    if (parts.stream().anyMatch(SpreadPart::isLost)) {
                        return rollBackAll(rolledBack(answer), told);
                    }
                    keepUsed();
                    told.accept(answer);
                    return CompletableFuture.<Void>completedStage(null);
                });
    }

    private Told rolledBack(Told answer) {
        runner.count(ErrorCode.PARTLY_ROLLED_BACK);
        return new Told(
                ErrPacket.of(
                        ErrorCode.PARTLY_ROLLED_BACK,
                        "the statement failed with: " + answer.packet().text()),
                List.of());
    }
}
