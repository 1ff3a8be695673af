package io.shardway.proxy.execution;

import io.netty.buffer.ByteBuf;
import io.shardway.proxy.backend.AnswerKind;
import io.shardway.proxy.backend.PreparedKey;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.Access;
import io.shardway.router.plan.ParameterValues;
import io.shardway.router.plan.Plan;
import io.shardway.router.plan.SpreadTarget;
import io.shardway.router.sql.Lexer;
import io.shardway.router.sql.SqlDialect;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Routes writes of rows of several keys: relayed where one shard has all of them, else in parts.
 * Confined to its event loop.
 */
final class SpreadWriting {

    private final StatementRunner runner;
    private final SeveralKeys keys;
    private final SeveralIds ids;

    SpreadWriting(StatementRunner runner, ProxyServices services) {
        this.runner = runner;
        this.keys = new SeveralKeys(runner, services);
        this.ids = new SeveralIds(runner, services);
    }

    /**
     * A statement that came as text; the loop's lexer has read it.
     *
     * @param framed taken over, unless this throws
     */
    void run(Plan.SpreadWrite plan, ByteBuf framed, byte[] text, int from) {
        Lexer lexer = runner.loop().lexer();
        if (drawing(plan) instanceof SpreadTarget.Rows rows) {
            drawing(
                    plan,
                    rows,
                    new SeveralKeys.Source(
                            () -> Arrays.copyOfRange(text, from, lexer.statementEnd()),
                            dialect(),
                            ParameterValues.NONE,
                            textCommand(framed),
                            (texts, own, drawn) -> {
                                byte[] part = texts.of(own, row -> number(drawn[row]));
                                return textCommand(runner.commandOf(part, 0, part.length));
                            }));
            return;
        }
        SortedMap<ShardId, List<Integer>> shards = route(plan, lexer, ParameterValues.NONE);
        if (shards.size() == 1) {
            relay(plan, shards, textCommand(framed), false);
            return;
        }
        byte[] own = Arrays.copyOfRange(text, from, lexer.statementEnd());
        runner.requireScatter(own, dialect(), plan.why());
        if (!(plan.target() instanceof SpreadTarget.Rows target)) {
            same(plan, shards, textCommand(framed));
            return;
        }
        var texts = new SpreadTexts(own, dialect(), target);
        framed.release();
        var parts = new ArrayList<SpreadPart>();
        shards.forEach((shard, rows) -> {
            byte[] part = texts.of(rows);
            parts.add(
                    new SpreadPart(
                            shard, rows, textCommand(runner.commandOf(part, 0, part.length))));
        });
        runner.start(
                new SpreadCall(
                        runner,
                        SpreadStatement.of(
                                plan,
                                parts,
                                () -> parts.forEach(part -> part.command().release()))));
    }

    private void drawing(Plan.SpreadWrite plan, SpreadTarget.Rows rows, SeveralKeys.Source source) {
        if (rows.drawsKeys()) {
            keys.run(plan, rows, source);
        } else {
            ids.run(plan, rows, source);
        }
    }

    /** The target, if the proxy can draw for its rows. */
    private static @Nullable SpreadTarget drawing(Plan.SpreadWrite plan) {
        return plan.target() instanceof SpreadTarget.Rows rows && rows.drawn().isPresent()
                ? rows
                : null;
    }

    private static String number(long drawn) {
        return drawn == 0 ? "" : Long.toString(drawn);
    }

    private SqlDialect dialect() {
        return runner.session().profile().dialect();
    }

    private TextCommand textCommand(ByteBuf framed) {
        return new TextCommand(framed, AnswerKind.RESULTS, runner.eofPackets());
    }

    private SortedMap<ShardId, List<Integer>> route(
            Plan.SpreadWrite plan, Lexer lexer, ParameterValues values) {
        return SpreadRoute.of(plan.target(), lexer, values, runner.loop().serving().topology());
    }

    private void relay(
            Plan.SpreadWrite plan,
            SortedMap<ShardId, List<Integer>> shards,
            BackendCommand command,
            boolean cursor) {
        var call = new ShardCall(runner, shards.firstKey(), Access.WRITE, plan.traits(), command);
        runner.start(
                cursor && command instanceof ExecuteCommand execute
                        ? call.withCursorOf(execute.statement())
                        : call);
    }

    /** All shards get the same. */
    private void same(
            Plan.SpreadWrite plan,
            SortedMap<ShardId, List<Integer>> shards,
            BackendCommand command) {
        List<SpreadPart> parts =
                shards.keySet().stream()
                        .map(shard -> new SpreadPart(shard, List.of(), command))
                        .toList();
        runner.start(new SpreadCall(runner, SpreadStatement.of(plan, parts, command::release)));
    }

    /**
     * A prepared statement.
     *
     * @param command taken over, unless this throws
     */
    void run(Plan.SpreadWrite plan, ExecuteCommand command) {
        Lexer lexer = runner.loop().lexer();
        PreparedKey key = command.statement().key();
        lexer.scan(key.sql(), 0, key.sql().length, key.profile().dialect());
        if (drawing(plan) instanceof SpreadTarget.Rows rows) {
            command.parameters().valueOffsets(); // Throws where the client cut its command short.
            drawing(plan, rows, source(command));
            return;
        }
        SortedMap<ShardId, List<Integer>> shards = route(plan, lexer, command.parameters());
        if (shards.size() == 1) {
            relay(plan, shards, command, true);
            return;
        }
        runner.requireScatter(key.sql(), key.profile().dialect(), plan.why());
        if (plan.target() instanceof SpreadTarget.Rows target) {
            command.parameters().valueOffsets(); // Throws where the client cut its command short.
            var texts = new SpreadTexts(key.sql(), key.profile().dialect(), target);
            var parts = new ArrayList<SpreadPart>();
            shards.forEach((shard, rows) -> {
                var own = new PreparedKey(texts.of(rows), key.schema(), key.profile());
                int[] parameters =
                        texts.parametersOf(rows, command.statement().parameterCount(), _ -> false);
                parts.add(
                        new SpreadPart(
                                shard,
                                rows,
                                new PartExecuteCommand(command, own, parameters, new long[0])));
            });
            runner.start(new SpreadCall(runner, SpreadStatement.of(plan, parts, command::release)));
        } else {
            same(plan, shards, command);
        }
    }

    /** A drawn key is one more parameter, so that what a node prepares serves again. */
    private static SeveralKeys.Source source(ExecuteCommand command) {
        PreparedKey key = command.statement().key();
        int count = command.statement().parameterCount();
        return new SeveralKeys.Source(
                key::sql,
                key.profile().dialect(),
                command.parameters(),
                command,
                (texts, rows, drawn) ->
                        new PartExecuteCommand(
                                command,
                                new PreparedKey(
                                        texts.of(rows, row -> drawn[row] == 0 ? "" : "?"),
                                        key.schema(),
                                        key.profile()),
                                texts.parametersOf(rows, count, row -> drawn[row] != 0),
                                drawn));
    }

    /** A statement that SQL's PREPARE gave a name; the loop's lexer has read it. */
    void run(Plan.SpreadWrite plan, NamedCommand command, ParameterValues values) {
        PreparedKey key = command.key();
        if (drawing(plan) instanceof SpreadTarget.Rows rows) {
            drawing(
                    plan,
                    rows,
                    new SeveralKeys.Source(
                            key::sql,
                            key.profile().dialect(),
                            values,
                            command,
                            (texts, own, drawn) -> part(command, texts, own, drawn)));
            return;
        }
        SortedMap<ShardId, List<Integer>> shards = route(plan, runner.loop().lexer(), values);
        if (shards.size() == 1) {
            relay(plan, shards, command, false);
            return;
        }
        runner.requireScatter(key.sql(), key.profile().dialect(), plan.why());
        if (plan.target() instanceof SpreadTarget.Rows target) {
            var texts = new SpreadTexts(key.sql(), key.profile().dialect(), target);
            var none = new long[target.rows().size()];
            var parts = new ArrayList<SpreadPart>();
            shards.forEach((shard, rows) ->
                    parts.add(new SpreadPart(shard, rows, part(command, texts, rows, none))));
            runner.start(new SpreadCall(runner, SpreadStatement.of(plan, parts, () -> {})));
        } else {
            same(plan, shards, command);
        }
    }

    private static NamedCommand part(
            NamedCommand command, SpreadTexts texts, List<Integer> rows, long[] drawn) {
        int[] parameters =
                texts.parametersOf(rows, command.variables().size(), row -> drawn[row] != 0);
        byte[] sql = texts.of(rows, row -> number(drawn[row]));
        return new NamedCommand(
                new PreparedKey(sql, command.key().schema(), command.key().profile()),
                Arrays.stream(parameters)
                        .filter(at -> at >= 0)
                        .mapToObj(command.variables()::get)
                        .toList(),
                command.eofPackets());
    }
}
