package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.CollectedAnswer;
import io.shardway.proxy.backend.SettingsProfile;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.protocol.OkPacket;
import io.shardway.proxy.session.Diagnostics;
import io.shardway.proxy.session.Session;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.DiagnosticsField;
import io.shardway.router.plan.SessionCommand;
import io.shardway.router.plan.Traits;
import io.shardway.router.sql.Lexer;
import io.shardway.router.sql.QuotedName;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * GET DIAGNOSTICS, answered from what the session kept: a node knows only what ran last on one
 * connection. Confined to its event loop.
 */
final class DiagnosticsItems {

    private static final int CONDITIONS_MAX = 1024;

    private final StatementRunner runner;
    private final Session session;

    DiagnosticsItems(StatementRunner runner) {
        this.runner = runner;
        this.session = runner.session();
    }

    /** MySQL leaves the diagnostics as they were. */
    void noHandler() {
        String message = "GET STACKED DIAGNOSTICS when handler not active";
        var packet = new ErrPacket(3004, "0Z002", message.getBytes(UTF_8));
        session.rowCountIs(-1);
        runner.client().write(Answers.error(runner.client(), runner.nextSequence(), packet));
        runner.client().flush();
        runner.callDone(true);
    }

    void get(SessionCommand.GetDiagnostics command, Lexer lexer) {
        Diagnostics kept = session.diagnostics();
        Optional<Diagnostics.Condition> condition = Optional.empty();
        if (command.condition().isPresent()) {
            long number = numberOf(lexer, command.condition().getAsInt());
            if (number < 1 || number > kept.count()) {
                noSuchCondition(kept);
                return;
            }
            if (number > kept.conditions().size()) {
                runner.fail(
                        ErrorCode.NOT_OFFERED,
                        "the condition was not kept: raise session.diagnostics-bytes-max");
                return;
            }
            condition = Optional.of(kept.conditions().get((int) number - 1));
        }
        try {
            assign(values(command.items(), kept, condition));
        } catch (ShardwayException refused) {
            runner.fail(refused.code(), refused.detail());
        }
    }

    private Map<String, Optional<String>> values(
            List<SessionCommand.DiagnosticsItem> items,
            Diagnostics kept,
            Optional<Diagnostics.Condition> condition) {
        var values = new LinkedHashMap<String, Optional<String>>();
        for (SessionCommand.DiagnosticsItem item : items) {
            values.put("@" + item.variable(), Optional.of(literal(item.field(), kept, condition)));
        }
        return values;
    }

    private static long numberOf(Lexer lexer, int literal) {
        int start = lexer.start(literal);
        return Long.parseLong(new String(lexer.text(), start, lexer.end(literal) - start, UTF_8));
    }

    private String literal(
            DiagnosticsField field, Diagnostics kept, Optional<Diagnostics.Condition> condition) {
        return switch (field) {
            case NUMBER -> unsigned(kept.count());
            case ROW_COUNT -> Long.toString(session.rowCount());
            case MYSQL_ERRNO -> unsigned(condition.orElseThrow().code());
            case MESSAGE_TEXT -> text(message(condition.orElseThrow()));
            case RETURNED_SQLSTATE ->
                    text(
                            condition
                                    .orElseThrow()
                                    .sqlState()
                                    .orElseThrow(() ->
                                            refused(
                                                    "RETURNED_SQLSTATE is kept of the error that"
                                                            + " ended a statement only; use"
                                                            + " MYSQL_ERRNO")));
        };
    }

    private static String unsigned(long number) {
        return UserVariables.unsigned(Long.toString(number));
    }

    private static String text(String value) {
        return "_utf8mb3 X'%s' COLLATE utf8mb3_general_ci"
                .formatted(HexFormat.of().withUpperCase().formatHex(value.getBytes(UTF_8)));
    }

    /** It came in character_set_results, where a question mark may stand for anything else. */
    private String message(Diagnostics.Condition condition) {
        String charset =
                session.profile()
                        .literal("character_set_results")
                        .orElse("'utf8mb4'")
                        .replace("'", "");
        String message = condition.message();
        boolean whole = charset.startsWith("utf8") || charset.equals("NULL");
        boolean ascii = message.chars().allMatch(letter -> letter < 0x80 && letter != '?');
        if (!whole && !ascii) {
            throw refused("MESSAGE_TEXT was read in " + charset + "; SET NAMES utf8mb4 first");
        }
        return message;
    }

    private static ShardwayException refused(String detail) {
        return new ShardwayException(ErrorCode.NOT_OFFERED, detail);
    }

    /** On a connection, as SET would: a procedure may have changed the variable on it. */
    private void assign(Map<String, Optional<String>> values) {
        SettingsProfile now = session.profile().with(values);
        if (runner.holdsTooMuch(now)) {
            runner.fail(ErrorCode.TOO_MANY_SETTINGS, now.userVariableChars() / 2 + " bytes");
            return;
        }
        ShardId shard =
                runner.scopes().inPlain()
                        ? runner.defaultShard()
                        : runner.anyShard(runner.loop().serving());
        var assignments = new StringJoiner(", ", "SET ", "");
        values.forEach((name, literal) ->
                assignments.add(
                        "@%s = %s"
                                .formatted(
                                        QuotedName.of(name.substring(1)), literal.orElseThrow())));
        Borrow.borrow(
                runner,
                shard,
                Borrow.Want.of(Traits.NONE),
                connection ->
                        connection.query(
                                assignments.toString(),
                                answer -> assigned(shard, connection, answer, values)),
                runner::failWith);
    }

    private void assigned(
            ShardId shard,
            BackendConnection connection,
            CollectedAnswer answer,
            Map<String, Optional<String>> values) {
        boolean done = answer instanceof CollectedAnswer.Ok;
        if (done) {
            VariableChanges.set(session, connection, values);
        }
        Borrow.giveBack(runner, shard, connection);
        if (done) {
            ok(0);
        } else {
            runner.failWith(
                    Borrow.errorOf(answer, ErrorCode.BACKEND_UNAVAILABLE, "shard " + shard));
        }
    }

    /** A warning to MySQL, though its level is Error. */
    private void noSuchCondition(Diagnostics kept) {
        long max =
                session.profile()
                        .literal("max_error_count")
                        .map(Long::parseLong)
                        .orElse((long) CONDITIONS_MAX);
        if (kept.count() < max && kept.count() == kept.conditions().size()) {
            var conditions = new ArrayList<>(kept.conditions());
            conditions.add(
                    new Diagnostics.Condition(
                            "Error", 1758, "Invalid condition number", Optional.of("35000")));
            session.diagnosticsAre(new Diagnostics(conditions));
        }
        ok(session.diagnostics().count());
    }

    /** Neither ROW_COUNT nor the diagnostics change. */
    private void ok(int warnings) {
        ByteBuf packet =
                Answers.ok(
                        runner.client(),
                        session,
                        runner.nextSequence(),
                        new OkPacket(0, 0, runner.status(), warnings, new byte[0], List.of()));
        runner.answer(packet, Answers.lastSequence(packet));
    }
}
