package io.shardway.proxy.execution;

import io.shardway.proxy.backend.AnswerKind;
import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.CollectedAnswer;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.protocol.OkPacket;
import io.shardway.proxy.session.Diagnostics;
import io.shardway.router.ErrorCode;
import io.shardway.router.keyspace.ShardId;
import java.io.Serial;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/**
 * What one shard does in a write of rows of several keys. The futures complete on the event loop to
 * which it is confined.
 */
final class SpreadPart {

    private final ShardId shard;
    private final List<Integer> rows;
    private final BackendCommand command;
    private Optional<BackendConnection> connection = Optional.empty();
    private Optional<OkPacket> outcome = Optional.empty();
    private final boolean continues;
    private OptionalLong stores = OptionalLong.empty();
    private Predicate<Diagnostics.Condition> allowed = _ -> false;
    private boolean timed;
    private boolean marked;

    /**
     * @param rows which ones of the statement's, counted from 0; none where it has the whole text
     */
    SpreadPart(ShardId shard, List<Integer> rows, BackendCommand command) {
        this(shard, rows, command, false);
    }

    /**
     * @param continues whether the shard has a part before this one
     */
    SpreadPart(ShardId shard, List<Integer> rows, BackendCommand command, boolean continues) {
        this.shard = shard;
        this.rows = rows;
        this.command = command;
        this.continues = continues;
    }

    /** A step that did not succeed. */
    static final class Failure extends RuntimeException {
        @Serial private static final long serialVersionUID = 1;

        private final transient ErrPacket packet;

        Failure(ErrPacket packet) {
            super(packet.text(), null, false, false);
            this.packet = packet;
        }

        ErrPacket packet() {
            return packet;
        }
    }

    ShardId shard() {
        return shard;
    }

    List<Integer> rows() {
        return rows;
    }

    /**
     * It must say that it wrote so many rows.
     *
     * @param harmless which warnings do not tell that a row was stored otherwise than it is
     */
    SpreadPart storing(long count, Predicate<Diagnostics.Condition> harmless) {
        stores = OptionalLong.of(count);
        allowed = harmless;
        return this;
    }

    /** Whether that is what it did. */
    boolean hasStored(OkPacket ok, List<Diagnostics.Condition> told) {
        return stores.isEmpty()
                || ok.affectedRows() == stores.getAsLong()
                        && ok.warnings() == told.size()
                        && told.stream().allMatch(allowed);
    }

    /** It has, so that nobody need hear of its warnings. */
    OkPacket withoutWarnings(OkPacket ok) {
        var quiet =
                new OkPacket(
                        ok.affectedRows(),
                        ok.lastInsertId(),
                        ok.status(),
                        0,
                        ok.info(),
                        ok.changes());
        outcome = Optional.of(quiet);
        return quiet;
    }

    boolean isStoring() {
        return stores.isPresent();
    }

    boolean continues() {
        return continues;
    }

    BackendCommand command() {
        return command;
    }

    void connectedBy(BackendConnection leased) {
        connection = Optional.of(leased);
    }

    boolean isConnected() {
        return connection.isPresent();
    }

    BackendConnection connection() {
        return connection.orElseThrow();
    }

    boolean isLost() {
        return connection.isPresent() && !connection.get().isUsable();
    }

    /** Its time must be set back. */
    boolean isTimed() {
        return timed;
    }

    /** It has a savepoint from before the statement. */
    boolean isMarked() {
        return marked;
    }

    /** What it answered; empty until it has succeeded. */
    Optional<OkPacket> outcome() {
        return outcome;
    }

    CompletableFuture<OkPacket> setTime(String sql) {
        timed = true;
        return run(sql);
    }

    CompletableFuture<OkPacket> mark(String sql) {
        return run(sql).thenApply(ok -> {
            marked = true;
            return ok;
        });
    }

    CompletableFuture<OkPacket> run(String sql) {
        var done = new CompletableFuture<OkPacket>();
        connection().query(sql, answer -> finish(done, answer));
        return done;
    }

    /** A KILL meant for the statement must not hit what comes after it. */
    CompletableFuture<OkPacket> execute() {
        var done = new CompletableFuture<OkPacket>();
        command.send(
                connection(),
                BackendConnection.collector(
                        AnswerKind.RESULTS,
                        answer -> connection().whenNoKillIsUnderWay(() -> finish(done, answer))),
                0);
        return done.thenApply(ok -> {
            outcome = Optional.of(ok);
            return ok;
        });
    }

    CompletableFuture<CollectedAnswer.Rows> rows(String sql) {
        var done = new CompletableFuture<CollectedAnswer.Rows>();
        connection()
                .query(
                        sql,
                        answer -> {
                            if (answer instanceof CollectedAnswer.Rows rowsRead) {
                                connection().statusIs(rowsRead.status());
                                done.complete(rowsRead);
                            } else {
                                done.completeExceptionally(failure(answer));
                            }
                        });
        return done;
    }

    private void finish(CompletableFuture<OkPacket> done, CollectedAnswer answer) {
        if (answer instanceof CollectedAnswer.Ok(var packet)) {
            connection().statusIs(packet.status());
            done.complete(packet);
        } else {
            done.completeExceptionally(failure(answer));
        }
    }

    private Failure failure(CollectedAnswer answer) {
        return new Failure(Borrow.errorOf(answer, ErrorCode.BACKEND_LOST, "shard " + shard));
    }
}
