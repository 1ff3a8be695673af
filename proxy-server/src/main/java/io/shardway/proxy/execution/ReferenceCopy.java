package io.shardway.proxy.execution;

import io.shardway.proxy.backend.AnswerKind;
import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.CollectedAnswer;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.protocol.OkPacket;
import io.shardway.router.ErrorCode;
import io.shardway.router.keyspace.ShardId;
import java.io.Serial;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * One shard's connection in a write of a reference table. The futures complete on the event loop to
 * which it is confined.
 */
final class ReferenceCopy {

    private final ShardId shard;
    private final BackendConnection connection;
    private final Optional<Duration> stepMax;
    private boolean timed;

    /**
     * @param stepMax how long a step may take, but for the client's command; then the connection is
     *     closed, which fails the step
     */
    ReferenceCopy(ShardId shard, BackendConnection connection, Optional<Duration> stepMax) {
        this.shard = shard;
        this.connection = connection;
        this.stepMax = stepMax;
    }

    /** A step that did not succeed. */
    static final class Failure extends RuntimeException {
        @Serial private static final long serialVersionUID = 1;

        private final transient ErrPacket packet;
        private final transient Optional<ErrorCode> code;

        private Failure(ErrPacket packet, Optional<ErrorCode> code) {
            super(packet.text(), null, false, false);
            this.packet = packet;
            this.code = code;
        }

        Failure(ErrPacket packet) {
            this(packet, Optional.empty());
        }

        Failure(ErrorCode code, String detail) {
            this(ErrPacket.of(code, detail), Optional.of(code));
        }

        /** Empty for an error of the node's, or one that is counted. */
        Optional<ErrorCode> code() {
            return code;
        }

        ErrPacket packet() {
            return packet;
        }
    }

    ShardId shard() {
        return shard;
    }

    BackendConnection connection() {
        return connection;
    }

    /** Whether its time must be set back. */
    boolean isTimed() {
        return timed;
    }

    CompletableFuture<OkPacket> run(String sql) {
        var done = new CompletableFuture<OkPacket>();
        connection.query(sql, answer -> finish(done, answer));
        return bounded(done);
    }

    CompletableFuture<OkPacket> setTime(String sql) {
        timed = true;
        return run(sql);
    }

    CompletableFuture<OkPacket> execute(BackendCommand command) {
        var done = new CompletableFuture<OkPacket>();
        command.send(
                connection,
                BackendConnection.collector(AnswerKind.RESULTS, answer -> finish(done, answer)),
                0);
        return done;
    }

    CompletableFuture<CollectedAnswer.Rows> rows(String sql) {
        var done = new CompletableFuture<CollectedAnswer.Rows>();
        connection.query(
                sql,
                answer -> {
                    if (answer instanceof CollectedAnswer.Rows rows) {
                        connection.statusIs(rows.status());
                        done.complete(rows);
                    } else {
                        done.completeExceptionally(failure(answer));
                    }
                });
        return bounded(done);
    }

    private <T> CompletableFuture<T> bounded(CompletableFuture<T> done) {
        if (stepMax.isPresent() && !done.isDone()) {
            Future<?> end =
                    connection
                            .eventLoop()
                            .schedule(
                                    connection::close,
                                    stepMax.get().toMillis(),
                                    TimeUnit.MILLISECONDS);
            done.whenComplete((_, _) -> end.cancel(false));
        }
        return done;
    }

    private void finish(CompletableFuture<OkPacket> done, CollectedAnswer answer) {
        if (answer instanceof CollectedAnswer.Ok(var packet)) {
            connection.statusIs(packet.status());
            done.complete(packet);
        } else {
            done.completeExceptionally(failure(answer));
        }
    }

    private Failure failure(CollectedAnswer answer) {
        return answer instanceof CollectedAnswer.Lost
                ? new Failure(
                        ErrorCode.BACKEND_UNAVAILABLE, "shard " + shard + ", nothing was written")
                : new Failure(Borrow.errorOf(answer, ErrorCode.BACKEND_UNAVAILABLE, ""));
    }
}
