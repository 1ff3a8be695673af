package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.shardway.proxy.backend.CollectedAnswer;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.protocol.OkPacket;
import io.shardway.proxy.session.Diagnostics;
import io.shardway.proxy.session.Session;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * What writes have in common whose rows MySQL makes on the scratch connection before their owners
 * store them: the transaction, the time, the client's statement there, its conditions and its end.
 * Confined to its event loop.
 */
final class ScratchWrite {

    /** Under these MySQL does not lock what it selects, either. */
    private static final Set<String> UNLOCKED = Set.of("'READ-COMMITTED'", "'READ-UNCOMMITTED'");

    private final StatementRunner runner;
    private final Session session;
    private final Assembly assembly;
    private final BackendCommand command;
    private final UnaryOperator<String> named;
    private Optional<String> time = Optional.empty();
    private List<Diagnostics.Condition> conditions = List.of();
    private boolean own;
    private boolean interrupted;

    /**
     * @param named gives messages the names that the client knows
     */
    ScratchWrite(
            StatementRunner runner,
            Assembly assembly,
            BackendCommand command,
            UnaryOperator<String> named) {
        this.runner = runner;
        this.session = runner.session();
        this.assembly = assembly;
        this.command = command;
        this.named = named;
    }

    /**
     * Begins to assemble, in a transaction of the statement's own where there is none.
     *
     * @param joins whether it takes part in the session's transaction
     * @param what the statement is, for the one who wrote it
     */
    void start(boolean joins, String what) {
        Optional<ShardwayException> forbidden = TransactionRules.forbidsSpread(session, what);
        if (forbidden.isPresent()) {
            command.release();
            runner.fail(forbidden.get().code(), forbidden.get().detail());
            return;
        }
        own = joins && !TransactionRules.isInTransaction(session);
        if (own) {
            session.transaction().begin("START TRANSACTION");
        }
        assembly.start();
    }

    /** A transaction of the statement's own has begun. */
    boolean isOwn() {
        return own;
    }

    /** KILL QUERY, or the client is gone: nothing more of it begins. */
    void interrupt() {
        interrupted = true;
    }

    /**
     * @throws ShardwayException QUERY_INTERRUPTED
     */
    void requireNotInterrupted() {
        if (interrupted) {
            throw new ShardwayException(ErrorCode.QUERY_INTERRUPTED, "");
        }
    }

    boolean locks() {
        return session.profile()
                .literal("transaction_isolation")
                .filter(UNLOCKED::contains)
                .isEmpty();
    }

    /** What sets the time that was used; empty if the session has its own. */
    Optional<String> time() {
        return time;
    }

    /** What MySQL has told last. */
    List<Diagnostics.Condition> conditions() {
        return conditions;
    }

    void conditionsAre(List<Diagnostics.Condition> all) {
        conditions = List.copyOf(all);
    }

    /** Gives the scratch connection the time that the owners will have. */
    void setTime(Scratch scratch, Runnable then) {
        if (session.profile().literal("timestamp").isPresent()) {
            then.run();
            return;
        }
        scratch.query(
                SpreadSql.READ_TIME,
                read -> {
                    if (read instanceof CollectedAnswer.Rows rows) {
                        time = Optional.of(SpreadSql.time(ReferenceState.number(rows, 0)));
                        scratch.setTime(time.get(), then);
                    } else {
                        assembly.stop(
                                Borrow.errorOf(
                                        read, ErrorCode.BACKEND_LOST, "the scratch connection"));
                    }
                });
    }

    /**
     * Has MySQL carry the client's statement out, and tells its answer with its conditions read.
     */
    void carryOut(Scratch scratch, Consumer<OkPacket> then) {
        scratch.send(
                command,
                answer -> {
                    if (scratch.connected().isUsable()) {
                        Assembly.forgetPrepared(scratch.connected(), command);
                    }
                    if (answer instanceof CollectedAnswer.Ok(OkPacket ok)) {
                        conditions = List.of();
                        readConditions(scratch, ok.warnings() > 0, () -> then.accept(ok));
                        return;
                    }
                    boolean refused = answer instanceof CollectedAnswer.Refused;
                    ErrPacket error =
                            Borrow.errorOf(
                                    answer,
                                    ErrorCode.BACKEND_LOST,
                                    "shard " + runner.defaultShard());
                    if (!refused) {
                        runner.count(ErrorCode.BACKEND_LOST);
                    }
                    readConditions(scratch, refused, () -> assembly.stop(named(error)));
                });
    }

    private ErrPacket named(ErrPacket error) {
        String message = named.apply(error.text());
        return message.equals(error.text())
                ? error
                : new ErrPacket(error.code(), error.sqlState(), message.getBytes(UTF_8));
    }

    void readConditions(Scratch scratch, boolean any, Runnable then) {
        if (!any) {
            then.run();
            return;
        }
        scratch.query(
                "SHOW WARNINGS",
                answer -> {
                    if (answer instanceof CollectedAnswer.Rows rows) {
                        conditions =
                                DiagnosticsReader.read(
                                                rows,
                                                session.profile(),
                                                runner.diagnosticsBytesMax())
                                        .conditions()
                                        .stream()
                                        .map(this::named)
                                        .toList();
                    }
                    then.run();
                });
    }

    private Diagnostics.Condition named(Diagnostics.Condition condition) {
        return new Diagnostics.Condition(
                condition.level(),
                condition.code(),
                named.apply(condition.message()),
                condition.sqlState());
    }

    /** Undoes what is the statement's own, and tells why. */
    void failed(ErrPacket reason, boolean rolledBack) {
        if (own || rolledBack) {
            new TransactionEnd(runner, false, _ -> tell(reason)).start();
            return;
        }
        if (!session.transaction().isOpen()) {
            session.transaction().notBegun();
        }
        tell(reason);
    }

    void tell(ErrPacket reason) {
        runner.tell(reason);
        if (conditions.stream().anyMatch(each -> each.code() == reason.code())) {
            session.diagnosticsAre(
                    new Diagnostics(conditions).endedBy(reason.code(), reason.sqlState()));
        }
        runner.callDone(true);
    }
}
