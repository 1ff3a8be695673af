package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.shardway.proxy.backend.AnswerKind;
import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.CollectedAnswer;
import io.shardway.proxy.backend.SettingsProfile;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.protocol.OkPacket;
import io.shardway.proxy.session.Session;
import io.shardway.proxy.session.Transaction;
import io.shardway.router.ErrorCode;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.SessionCommand;
import io.shardway.router.plan.Traits;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * SET of session and user variables: MySQL itself carries it out on one backend, and what it tells
 * of the result becomes the session's. A refused SET changes nothing. Confined to its event loop.
 */
final class SetStatement {

    private static final Pattern TIMESTAMP_DEFAULT =
            Pattern.compile("(?is).*\\btimestamp\\b`?\\s*:?=\\s*(default|0)\\b.*");

    /** A value that is read from tables belongs to the session's transaction. */
    private static final Pattern READS = Pattern.compile("(?i)\\b(from|table)\\b");

    private final StatementRunner runner;
    private final ProxyServices services;
    private final SessionCommand.SetVariables command;
    private final Traits traits;
    private final ByteBuf framed;
    private final String text;
    private final ShardId shard;
    private final boolean autocommitBefore;

    private Optional<OkPacket> shown = Optional.empty();
    private Optional<OkPacket> ok = Optional.empty();
    private final Map<String, Optional<String>> variables = new HashMap<>();

    SetStatement(
            StatementRunner runner,
            ProxyServices services,
            SessionCommand.SetVariables command,
            Traits traits,
            ByteBuf framed,
            String text) {
        this.runner = runner;
        this.services = services;
        this.command = command;
        this.traits = traits;
        this.framed = framed;
        this.text = text;
        this.shard =
                runner.scopes().inPlain()
                        ? runner.defaultShard()
                        : runner.anyShard(runner.loop().serving());
        this.autocommitBefore = runner.session().profile().autocommit();
    }

    void start() {
        Borrow.Want want = readsTables() ? Borrow.Want.begun(traits) : Borrow.Want.of(traits);
        if (commits()) {
            want = want.onAnother();
        }
        Borrow.borrow(runner, shard, want, this::send, this::failed);
    }

    /**
     * MySQL commits when autocommit is set, before anybody could look whether all parts of the
     * transaction are there, and a lost answer would not tell: COMMIT must do it.
     */
    private boolean commits() {
        return command.autocommit()
                && !autocommitBefore
                && !traits.pins()
                && !readsTables()
                && !runner.session().transaction().writtenShards().isEmpty();
    }

    private boolean readsTables() {
        return runner.scopes().inPlain() && READS.matcher(text).find();
    }

    private void failed(ErrPacket packet) {
        framed.release();
        runner.failWith(packet);
    }

    private void send(BackendConnection connection) {
        connection.collect(
                framed,
                AnswerKind.RESULTS,
                answer -> {
                    switch (answer) {
                        case CollectedAnswer.Ok(var packet) -> {
                            connection.statusIs(packet.status());
                            shown = Optional.of(packet);
                            if (namesTracking()) {
                                TrackingRequest.read(
                                        runner.session(),
                                        connection,
                                        text,
                                        packet,
                                        complete ->
                                                complete.ifPresentOrElse(
                                                        all -> changed(connection, all),
                                                        () -> broken(connection)));
                            } else {
                                changed(connection, packet);
                            }
                        }
                        case CollectedAnswer.Refused _ -> refused(connection, answer);
                        case CollectedAnswer.Lost _ -> fail(connection, answer);
                        case CollectedAnswer.Rows _, CollectedAnswer.Prepared _ ->
                                broken(connection);
                    }
                });
    }

    /** An assignment within an expression may have happened all the same. */
    private void refused(BackendConnection connection, CollectedAnswer answer) {
        if (command.userVariables().isEmpty()) {
            fail(connection, answer);
            return;
        }
        UserVariables.read(
                connection,
                command.userVariables(),
                values -> {
                    if (values.isEmpty()
                            || runner.holdsTooMuch(runner.session().profile().with(values.get()))) {
                        drop(connection);
                    } else {
                        VariableChanges.set(runner.session(), connection, values.get());
                    }
                    fail(connection, answer);
                });
    }

    private void fail(BackendConnection connection, CollectedAnswer answer) {
        if (traits.pins() && connection.isUsable()) {
            pin(connection);
        }
        Borrow.giveBack(runner, shard, connection);
        runner.failWith(Borrow.errorOf(answer, ErrorCode.BACKEND_UNAVAILABLE, "shard " + shard));
    }

    /** A function may have left something on the connection. */
    private void pin(BackendConnection connection) {
        runner.session().transaction().pin();
        runner.session().transaction().leases().put(shard, connection);
    }

    private boolean namesTracking() {
        return text.toLowerCase(Locale.ROOT).contains("session_track_");
    }

    private void changed(BackendConnection connection, OkPacket packet) {
        ok = Optional.of(packet);
        variables.putAll(VariableChanges.literals(packet.changes()));
        Optional<String> unreadable = VariableChanges.unreadableCharset(packet.changes());
        if (unreadable.isPresent()) {
            takeBack(connection, unreadable.get());
            return;
        }
        if (variables.containsKey("timestamp") && TIMESTAMP_DEFAULT.matcher(text).matches()) {
            variables.put("timestamp", Optional.empty());
        }
        restoreTimeouts(connection, packet);
    }

    /**
     * A character set that came in through a variable, in which the proxy could not read the
     * statements.
     */
    private void takeBack(BackendConnection connection, String charset) {
        command.userVariables().forEach(name -> variables.put("@" + name, Optional.of("?")));
        Session session = runner.session();
        String undo =
                session.profile().differenceFrom(session.profile().with(variables)).orElseThrow();
        connection.query(
                undo,
                answer -> {
                    if (answer instanceof CollectedAnswer.Ok) {
                        Borrow.giveBack(runner, shard, connection);
                        runner.fail(
                                ErrorCode.NOT_OFFERED,
                                "use utf8mb4 for this connection, not " + charset);
                    } else {
                        broken(connection);
                    }
                });
    }

    /**
     * The connection is in a state nobody knows: it goes, and the client hears that its SET did not
     * happen.
     */
    private void broken(BackendConnection connection) {
        drop(connection);
        runner.failWith(ErrPacket.of(ErrorCode.BACKEND_UNAVAILABLE, "shard " + shard));
    }

    /** An open transaction on it is lost with it. */
    private void drop(BackendConnection connection) {
        Transaction transaction = runner.session().transaction();
        boolean open = transaction.isOpen() || connection.inTransaction();
        connection.close();
        boolean held = transaction.leases().remove(shard, connection);
        if (open && (held || !commits())) {
            transaction.fail();
        }
    }

    private void restoreTimeouts(BackendConnection connection, OkPacket packet) {
        if (!VariableChanges.touchClientTimeouts(packet.changes())) {
            readCollation(connection, packet);
            return;
        }
        connection.query(
                "SET @@SESSION.wait_timeout = DEFAULT, @@SESSION.interactive_timeout = DEFAULT",
                answer -> {
                    if (answer instanceof CollectedAnswer.Ok) {
                        readCollation(connection, packet);
                    } else {
                        broken(connection);
                    }
                });
    }

    private void readCollation(BackendConnection connection, OkPacket packet) {
        if (!VariableChanges.touchCollation(packet.changes())) {
            readUserVariables(connection);
            return;
        }
        connection.query(
                "SELECT @@SESSION.collation_connection",
                answer -> {
                    if (answer instanceof CollectedAnswer.Rows rows && rows.rowCount() == 1) {
                        byte[] name = rows.cell(0, 0);
                        if (name != null) {
                            variables.put(
                                    "collation_connection",
                                    Optional.of("'" + new String(name, UTF_8) + "'"));
                        }
                        readUserVariables(connection);
                    } else {
                        broken(connection);
                    }
                });
    }

    private void readUserVariables(BackendConnection connection) {
        if (command.userVariables().isEmpty()) {
            settle(connection);
            return;
        }
        UserVariables.read(
                connection,
                command.userVariables(),
                values -> {
                    if (values.isPresent()) {
                        variables.putAll(values.get());
                        settle(connection);
                    } else {
                        broken(connection);
                    }
                });
    }

    private void settle(BackendConnection connection) {
        DiagnosticsReader.ask(
                runner,
                connection,
                ok.orElseThrow().warnings(),
                known -> {
                    if (known) {
                        readInsertId(connection);
                    } else {
                        broken(connection);
                    }
                });
    }

    private void readInsertId(BackendConnection connection) {
        if (!traits.lastInsertId()) {
            takeOver(connection);
            return;
        }
        InsertIds.read(
                runner.session(),
                connection,
                true,
                healthy -> {
                    if (healthy) {
                        takeOver(connection);
                    } else {
                        broken(connection);
                    }
                });
    }

    private void takeOver(BackendConnection connection) {
        Session session = runner.session();
        SettingsProfile now = session.profile().with(variables);
        if (runner.holdsTooMuch(now)) {
            drop(connection);
            runner.fail(
                    ErrorCode.TOO_MANY_SETTINGS,
                    now.size() + " variables, " + now.userVariableChars() / 2 + " bytes");
            return;
        }
        VariableChanges.set(session, connection, variables);
        session.timeoutsAre(VariableChanges.timeouts(ok.orElseThrow().changes()));
        if (traits.pins()) {
            pin(connection);
        }
        Borrow.giveBack(runner, shard, connection);
        boolean committed =
                command.autocommit() && !autocommitBefore && session.profile().autocommit();
        if (committed) {
            new TransactionEnd(
                            runner,
                            true,
                            problem -> problem.ifPresentOrElse(runner::failWith, this::answer))
                    .start();
        } else {
            answer();
        }
    }

    private void answer() {
        OkPacket packet = shown.orElseThrow();
        Session session = runner.session();
        runner.ok(Answers.forClient(session, packet, runner.status()));
    }
}
