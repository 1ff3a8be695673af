package io.shardway.proxy.execution;

import io.netty.buffer.ByteBuf;
import io.shardway.proxy.backend.AnswerKind;
import io.shardway.proxy.backend.PreparedKey;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
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

/**
 * Routes writes of rows of several keys: relayed where one shard has all of them, else in parts.
 * Confined to its event loop.
 */
final class SpreadWriting {

    private final StatementRunner runner;

    SpreadWriting(StatementRunner runner) {
        this.runner = runner;
    }

    /**
     * A statement that came as text; the loop's lexer has read it.
     *
     * @param framed taken over, unless this throws
     */
    void run(Plan.SpreadWrite plan, ByteBuf framed, byte[] text, int from) {
        Lexer lexer = runner.loop().lexer();
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
                int[] parameters = texts.parametersOf(rows, command.statement().parameterCount());
                parts.add(
                        new SpreadPart(
                                shard, rows, new PartExecuteCommand(command, own, parameters)));
            });
            runner.start(new SpreadCall(runner, SpreadStatement.of(plan, parts, command::release)));
        } else {
            same(plan, shards, command);
        }
    }

    /** A statement that SQL's PREPARE gave a name; the loop's lexer has read it. */
    void run(Plan.SpreadWrite plan, NamedCommand command, ParameterValues values) {
        SortedMap<ShardId, List<Integer>> shards = route(plan, runner.loop().lexer(), values);
        if (shards.size() == 1) {
            relay(plan, shards, command, false);
            return;
        }
        PreparedKey key = command.key();
        runner.requireScatter(key.sql(), key.profile().dialect(), plan.why());
        if (plan.target() instanceof SpreadTarget.Rows) {
            throw new ShardwayException(
                    ErrorCode.CROSS_SHARD_WRITE,
                    plan.why() + "; EXECUTE ... USING writes rows of one shard");
        } else {
            same(plan, shards, command);
        }
    }
}
