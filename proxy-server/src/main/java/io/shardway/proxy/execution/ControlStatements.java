package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.protocol.OkPacket;
import io.shardway.proxy.protocol.ServerStatus;
import io.shardway.proxy.protocol.SessionChange;
import io.shardway.proxy.session.CloseReason;
import io.shardway.proxy.session.Session;
import io.shardway.proxy.session.Transaction;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.LiteralText;
import io.shardway.router.plan.Needs;
import io.shardway.router.plan.SessionCommand;
import io.shardway.router.plan.SessionStatements;
import io.shardway.router.plan.StatementTraits;
import io.shardway.router.plan.Traits;
import io.shardway.router.plan.TransactionMode;
import io.shardway.router.plan.ValueRef;
import io.shardway.router.schema.ServerSchemas;
import io.shardway.router.sql.Lexer;
import io.shardway.router.sql.SessionFunctions;
import io.shardway.router.sql.SessionValues;
import io.shardway.router.sql.SqlDialect;
import io.shardway.router.sql.Token;
import io.shardway.router.sql.Tokens;
import io.shardway.router.topology.AccountRight;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/** The statements a session carries out or answers itself. Confined to its event loop. */
public final class ControlStatements {

    private static final String SNAPSHOT_ADVICE =
            "WITH CONSISTENT SNAPSHOT: shards have no moment in common; START TRANSACTION, and each"
                    + " shard's snapshot is that of the first read there; mysqldump"
                    + " --single-transaction goes to each node itself";

    private final StatementRunner runner;
    private final ProxyServices services;
    private final Session session;
    private final Savepoints savepoints;

    ControlStatements(StatementRunner runner, ProxyServices services) {
        this.runner = runner;
        this.services = services;
        this.session = runner.session();
        this.savepoints = new Savepoints(runner);
    }

    /**
     * @param framed the whole command; taken over
     */
    void run(SessionCommand command, ByteBuf framed, byte[] text, int from, Lexer lexer) {
        if (command instanceof SessionCommand.SetVariables set) {
            setVariables(set, framed, text, from, lexer.statementEnd());
            return;
        }
        framed.release();
        switch (command) {
            case SessionCommand.Begin begin -> begin(begin);
            case SessionCommand.Commit(boolean chain, boolean release) -> end(true, chain, release);
            case SessionCommand.Rollback(boolean chain, boolean release) ->
                    end(false, chain, release);
            case SessionCommand.Savepoint(String name) -> savepoints.set(name);
            case SessionCommand.RollbackTo(String name) -> savepoints.rollbackTo(name);
            case SessionCommand.ReleaseSavepoint(String name) -> savepoints.release(name);
            case SessionCommand.SetNextTransaction(String characteristics) ->
                    setNext(characteristics);
            case SessionCommand.SetTransactionMode(var mode) -> setMode(mode);
            case SessionCommand.SetScatter(boolean on) -> setScatter(on);
            case SessionCommand.Use(String keyspace) -> use(keyspace);
            case SessionCommand.Kill(boolean queryOnly, ValueRef id) ->
                    new KillStatement(runner, services.killRouter()).run(queryOnly, id, lexer);
            case SessionCommand.ShowDiagnostics show ->
                    new DiagnosticsAnswer(runner)
                            .show(show.errorsOnly(), show.offset(), show.limit());
            case SessionCommand.CountDiagnostics count ->
                    new DiagnosticsAnswer(runner).count(count.errorsOnly(), count.columnName());
            case SessionCommand.GetDiagnostics get -> new DiagnosticsItems(runner).get(get, lexer);
            case SessionCommand.GetStackedDiagnostics _ -> new DiagnosticsItems(runner).noHandler();
            case SessionCommand.ShowProcesses(boolean full) ->
                    services.admin().processes(full, session, this::administered);
            case SessionCommand.ShowKeyspaces(var like) ->
                    new KeyspaceAnswer(runner)
                            .show(like.flatMap(each -> LiteralText.of(lexer, each.index())));
            case SessionCommand.PrepareNamed prepare -> runner.named().prepare(prepare, lexer);
            case SessionCommand.ExecuteNamed execute -> runner.named().execute(execute);
            case SessionCommand.DeallocateNamed named -> runner.named().deallocate(named);
            case SessionCommand.ShowGrants _ -> new KeyspaceAnswer(runner).grants();
            case SessionCommand.UnlockTables _ -> {
                if (session.transaction().isTablesLocked()) {
                    runner.fail(ErrorCode.OTHER_KEYSPACE_HELD, "locked tables");
                } else {
                    runner.ok();
                }
            }
            case SessionCommand.SetVariables _ -> throw new IllegalStateException("handled above");
        }
    }

    private void setVariables(
            SessionCommand.SetVariables set, ByteBuf framed, byte[] text, int from, int to) {
        SqlDialect dialect = session.profile().dialect();
        boolean plain = runner.scopes().inPlain();
        Traits traits = traitsOf(Tokens.of(text, from, to, dialect), plain);
        ByteBuf sent = framed;
        if (traits.sessionFunctions()) {
            byte[] written = SessionFunctions.substitute(text, from, to, dialect, sessionValues());
            framed.release();
            sent = runner.commandOf(written, 0, written.length);
        }
        var names = new LinkedHashSet<>(set.userVariables());
        names.addAll(traits.assignedVariables());
        var command = new SessionCommand.SetVariables(set.autocommit(), List.copyOf(names));
        String sql = new String(text, from, to - from, UTF_8);
        new SetStatement(runner, services, command, traits, sent, sql).start();
    }

    private static Traits traitsOf(List<Token> tokens, boolean plain) {
        return plain ? SessionStatements.traitsInPlain(tokens) : StatementTraits.of(tokens);
    }

    SessionValues sessionValues() {
        return new SessionValues(
                session.id(),
                session.identity().userAtHost(),
                session.identity().currentUser(),
                session.rowCount(),
                session.foundRows(),
                session.timeoutSeconds("wait_timeout"),
                session.timeoutSeconds("interactive_timeout"));
    }

    private void begin(SessionCommand.Begin begin) {
        boolean snapshot = begin.consistentSnapshot();
        boolean keyspaceLater = session.schema().isEmpty();
        if (snapshot && !runner.scopes().inPlain() && !keyspaceLater) {
            runner.fail(ErrorCode.NOT_OFFERED, SNAPSHOT_ADVICE);
            return;
        }
        endTransaction(
                true,
                () -> {
                    var mode = new StringJoiner(", ", " ", "").setEmptyValue("");
                    if (snapshot) {
                        mode.add("WITH CONSISTENT SNAPSHOT");
                    }
                    begin.readOnly().ifPresent(only -> mode.add(only ? "READ ONLY" : "READ WRITE"));
                    boolean locks = session.transaction().isTablesLocked();
                    session.transaction().begin("START TRANSACTION" + mode);
                    if ((snapshot && !keyspaceLater) || locks) {
                        beginAtOnce();
                    } else {
                        runner.ok();
                    }
                },
                () -> {});
    }

    /** A snapshot is taken now, and table locks are released now, not with the next statement. */
    private void beginAtOnce() {
        ShardId shard = runner.defaultShard();
        Borrow.borrow(
                runner,
                shard,
                Borrow.Want.begun(Traits.NONE),
                connection -> {
                    session.transaction().tablesLockedIs(false);
                    Borrow.giveBack(runner, shard, connection);
                    runner.ok();
                },
                packet -> {
                    session.transaction().ended();
                    runner.failWith(packet);
                });
    }

    private void end(boolean commit, boolean chain, boolean release) {
        Transaction transaction = session.transaction();
        String begin = transaction.isExplicit() ? transaction.beginText() : "START TRANSACTION";
        String characteristics = transaction.characteristics();
        new TransactionEnd(
                        runner,
                        commit,
                        problem -> {
                            if (problem.isPresent()) {
                                runner.failWith(problem.get());
                                return;
                            }
                            if (chain) {
                                if (!characteristics.isEmpty()) {
                                    transaction.setNext(characteristics);
                                }
                                transaction.begin(begin);
                            }
                            runner.ok();
                            if (release) {
                                runner.client().close(CloseReason.RELEASED);
                            }
                        })
                .start();
    }

    /**
     * Ends the open transaction, if any, before something else happens.
     *
     * @param failed called after the client was told of a problem
     */
    void endTransaction(boolean commit, Runnable done, Runnable failed) {
        if (!session.transaction().isOpen()) {
            done.run();
            return;
        }
        new TransactionEnd(
                        runner,
                        commit,
                        problem -> {
                            if (problem.isPresent()) {
                                failed.run();
                                runner.failWith(problem.get());
                            } else {
                                done.run();
                            }
                        })
                .start();
    }

    private void setNext(String characteristics) {
        if (refuseInTransaction()) {
            return;
        }
        session.transaction().setNext(characteristics);
        runner.ok();
    }

    private void setMode(TransactionMode mode) {
        if (refuseInTransaction()) {
            return;
        }
        session.transactionModeIs(mode);
        runner.ok();
    }

    private void setScatter(boolean on) {
        if (on && session.account().isScatterOff()) {
            runner.fail(ErrorCode.SCATTER_OFF, "for the whole account");
        } else {
            session.scatterIs(on);
            runner.ok();
        }
    }

    private boolean refuseInTransaction() {
        if (!session.transaction().isOpen()) {
            return false;
        }
        String message =
                "Transaction characteristics can't be changed while a transaction is in progress";
        runner.failWith(new ErrPacket(1568, "25001", message.getBytes(UTF_8)));
        return true;
    }

    /** USE and COM_INIT_DB. */
    public void use(String keyspace) {
        if (keyspace.isEmpty()) {
            runner.fail(ErrorCode.NO_KEYSPACE, "");
            return;
        }
        if (!mayUse(keyspace) || ServerSchemas.isHidden(keyspace)) {
            runner.fail(
                    ErrorCode.KEYSPACE_DENIED,
                    "'%s' to database '%s'".formatted(session.identity().currentUser(), keyspace));
            return;
        }
        if (!exists(keyspace)) {
            String message = "Unknown database '" + keyspace + "'";
            runner.failWith(new ErrPacket(1049, "42000", message.getBytes(UTF_8)));
            return;
        }
        session.schemaIs(keyspace);
        List<SessionChange> changes =
                Answers.visibleTo(session, List.of(new SessionChange.Schema(keyspace)));
        runner.ok(new OkPacket(0, 0, runner.status(), 0, new byte[0], changes));
    }

    /** Throws what is wrong with a keyspace that a login names. */
    public void requireUsable(String keyspace) {
        if (!mayUse(keyspace)) {
            throw new ShardwayException(
                    ErrorCode.KEYSPACE_DENIED,
                    "'%s' to database '%s'".formatted(session.identity().currentUser(), keyspace));
        }
        if (!exists(keyspace)) {
            throw new ShardwayException(ErrorCode.UNKNOWN_KEYSPACE, keyspace);
        }
    }

    private boolean mayUse(String keyspace) {
        return needsToUse(keyspace).metBy(session.account().rights());
    }

    /** All see information_schema; the server's other schemas tell of all keyspaces. */
    Needs needsToUse(String keyspace) {
        String lower = keyspace.toLowerCase(java.util.Locale.ROOT);
        if (keyspace.isEmpty() || lower.equals("information_schema")) {
            return Needs.NONE;
        }
        return ServerSchemas.isReserved(keyspace)
                ? Needs.everywhere(AccountRight.READ)
                : Needs.of(keyspace, AccountRight.READ);
    }

    private boolean exists(String keyspace) {
        return runner.scopes().exists(keyspace);
    }

    /** COM_PROCESS_KILL. */
    public void kill(long connectionId, boolean queryOnly) {
        new KillStatement(runner, services.killRouter()).run(connectionId, queryOnly);
    }

    /** It may change the topology, which is served only when no statement is on its way before. */
    void administer(String sql) {
        runner.routeDone();
        services.admin().administer(sql, session, this::administered);
    }

    /** COM_PROCESS_INFO. */
    public void processes() {
        services.admin().processes(false, session, this::administered);
    }

    private void administered(AdminGate.Answer answer) {
        runner.client()
                .eventLoop()
                .execute(() -> {
                    switch (answer) {
                        case AdminGate.Answer.Table table -> new TableAnswer(runner).send(table);
                        case AdminGate.Answer.Done(String message) ->
                                runner.ok(
                                        new OkPacket(
                                                0,
                                                0,
                                                session.status()
                                                        | (runner.hasMoreStatements()
                                                                ? ServerStatus.MORE_RESULTS
                                                                : 0),
                                                0,
                                                message.getBytes(UTF_8),
                                                List.of()));
                        case AdminGate.Answer.Refused(ErrorCode code, String detail) ->
                                runner.fail(code, detail);
                    }
                });
    }

    /**
     * COM_RESET_CONNECTION and COM_CHANGE_USER: ends everything, then goes on with these settings.
     */
    public void reset(Runnable done) {
        new TransactionEnd(
                        runner,
                        false,
                        _ -> {
                            dropLeases();
                            session.reset(session.loginProfile());
                            done.run();
                        })
                .start();
    }

    /** The client is gone: rolls back and gives everything back. */
    void dropEverything() {
        session.statements()
                .values()
                .forEach(statement -> {
                    statement.clearLongData();
                    statement.cursorClosed(false);
                });
        boolean pinned = session.transaction().isPinned();
        if (pinned) {
            dropLeases();
        }
        new TransactionEnd(runner, false, _ -> dropLeases()).start();
    }

    /** After a fault of our own: nothing is given back, all of it is closed. */
    void closeEverything() {
        session.statements()
                .values()
                .forEach(statement -> {
                    statement.clearLongData();
                    statement.cursorClosed(false);
                });
        dropLeases();
        session.transaction().ended();
    }

    private void dropLeases() {
        Map<ShardId, BackendConnection> leases = session.transaction().leases();
        leases.values().forEach(BackendConnection::close);
        leases.clear();
        session.transaction().unpin();
    }

    /** Answers a simple command with OK. */
    public void ok() {
        runner.okOfCommand(Answers.okPacket(session, false));
    }

    /** Answers a command with an error. */
    public void fail(ErrorCode code, String detail) {
        runner.fail(code, detail);
    }

    /** For commands whose answer is one packet without a header byte. */
    public void raw(ByteBuf framed) {
        runner.answer(framed, Answers.lastSequence(framed));
    }

    public int nextSequence() {
        return runner.nextSequence();
    }

    /**
     * Nothing in the way of a transaction or a statement: the session may be closed by a draining
     * proxy.
     */
    public boolean isIdle() {
        return !session.transaction().isOpen() && !session.transaction().isPinned();
    }
}
