package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.CollectedAnswer;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.session.Session;
import io.shardway.router.ErrorCode;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.sql.QuotedName;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Map;

/**
 * SAVEPOINT, ROLLBACK TO and RELEASE SAVEPOINT, wherever the transaction has begun. Confined to its
 * event loop.
 */
final class Savepoints {

    private final StatementRunner runner;
    private final Session session;

    Savepoints(StatementRunner runner) {
        this.runner = runner;
        this.session = runner.session();
    }

    void set(String name) {
        if (refuseFailed()) {
            return;
        }
        if (!session.transaction().isExplicit() && session.profile().autocommit()) {
            runner.ok();
            return;
        }
        onEachShard(
                "SAVEPOINT " + QuotedName.of(name),
                () -> {
                    session.transaction().addSavepoint(name);
                    runner.ok();
                });
    }

    void rollbackTo(String name) {
        if (refuseFailed()) {
            return;
        }
        if (session.transaction().rollbackTo(name)) {
            onEachShard("ROLLBACK TO SAVEPOINT " + QuotedName.of(name), runner::ok);
        } else {
            unknownSavepoint(name);
        }
    }

    void release(String name) {
        if (refuseFailed()) {
            return;
        }
        if (session.transaction().release(name)) {
            onEachShard("RELEASE SAVEPOINT " + QuotedName.of(name), runner::ok);
        } else {
            unknownSavepoint(name);
        }
    }

    private boolean refuseFailed() {
        if (session.transaction().isFailed()) {
            runner.fail(ErrorCode.TRANSACTION_FAILED, "");
            return true;
        }
        return false;
    }

    private void unknownSavepoint(String name) {
        String message = "SAVEPOINT " + name + " does not exist";
        runner.failWith(new ErrPacket(1305, "42000", message.getBytes(UTF_8)));
    }

    /**
     * Runs a savepoint statement wherever the transaction has begun; a shard lost on the way fails
     * it.
     */
    private void onEachShard(String sql, Runnable done) {
        var pending = new ArrayDeque<>(new ArrayList<>(session.transaction().leases().entrySet()));
        onNextShard(pending, sql, done);
    }

    private void onNextShard(
            ArrayDeque<Map.Entry<ShardId, BackendConnection>> pending, String sql, Runnable done) {
        var lease = pending.poll();
        if (lease == null) {
            done.run();
            return;
        }
        if (!lease.getValue().inTransaction()) {
            onNextShard(pending, sql, done);
            return;
        }
        lease.getValue()
                .query(
                        sql,
                        answer -> {
                            if (answer instanceof CollectedAnswer.Ok) {
                                onNextShard(pending, sql, done);
                                return;
                            }
                            if (answer instanceof CollectedAnswer.Lost) {
                                session.transaction().leases().remove(lease.getKey());
                            }
                            session.transaction().fail();
                            runner.failWith(
                                    Borrow.errorOf(
                                            answer,
                                            ErrorCode.BACKEND_LOST,
                                            "shard " + lease.getKey()));
                        });
    }
}
