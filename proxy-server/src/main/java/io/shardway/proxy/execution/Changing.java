package io.shardway.proxy.execution;

import io.netty.buffer.ByteBuf;
import io.shardway.proxy.backend.AnswerKind;
import io.shardway.proxy.backend.PreparedKey;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.Access;
import io.shardway.router.plan.AssembledTable;
import io.shardway.router.plan.AssembledText;
import io.shardway.router.plan.KeyResolver;
import io.shardway.router.plan.ParameterValues;
import io.shardway.router.plan.Plan;
import io.shardway.router.sql.SqlDialect;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * Starts UPDATE and DELETE that MySQL does on one node with rows of several shards. Confined to its
 * event loop.
 */
final class Changing {

    private final StatementRunner runner;
    private final ProxyServices services;

    Changing(StatementRunner runner, ProxyServices services) {
        this.runner = runner;
        this.services = services;
    }

    /**
     * A statement that came as text; the loop's lexer has read it.
     *
     * @param framed taken over, unless this throws
     */
    void run(Plan.Change plan, ByteBuf framed, byte[] text, int from) {
        var whole = new TextCommand(framed, AnswerKind.RESULTS, runner.eofPackets());
        if (relayed(plan, whole, ParameterValues.NONE)) {
            return;
        }
        byte[] own = Arrays.copyOfRange(text, from, runner.loop().lexer().statementEnd());
        SqlDialect dialect = runner.session().profile().dialect();
        runner.requireScatter(own, dialect, plan.why());
        List<AssembledTable> pulled = plan.read().tables();
        byte[] written =
                AssembledText.write(own, 0, own.length, dialect, AssembledText.copies(pulled));
        var asked = AssembledStatement.askedOf(pulled, own, dialect, ParameterValues.NONE, false);
        var shards =
                AssembledStatement.shardsOf(
                        pulled,
                        own,
                        dialect,
                        ParameterValues.NONE,
                        runner.loop().serving().topology());
        framed.release();
        var command =
                new TextCommand(
                        runner.commandOf(written, 0, written.length),
                        AnswerKind.RESULTS,
                        runner.eofPackets());
        start(
                plan,
                new AssembledStatement(
                        pulled,
                        own,
                        runner.session().schema(),
                        runner.session().profile(),
                        command,
                        plan.traits(),
                        asked,
                        shards,
                        Optional.empty(),
                        AssembledStatement.Sparing.NONE));
    }

    /**
     * A prepared statement.
     *
     * @param command taken over, unless this throws
     */
    void run(Plan.Change plan, ExecuteCommand command) {
        byte[] sql = command.statement().key().sql();
        SqlDialect dialect = command.statement().key().profile().dialect();
        runner.loop().lexer().scan(sql, 0, sql.length, dialect);
        if (relayed(plan, command, command.parameters())) {
            return;
        }
        prepared(
                plan,
                command.statement().key(),
                command.parameters(),
                (key, chosen) -> AssembledExecuteCommand.of(command, key, chosen),
                Optional.of(command::reading));
    }

    /** A statement that SQL's PREPARE gave a name; the loop's lexer has read it. */
    void run(Plan.Change plan, NamedCommand command, ParameterValues values) {
        if (relayed(plan, command, values)) {
            return;
        }
        prepared(plan, command.key(), values, command::preparedAs, Optional.empty());
    }

    /** Whether all values are one key; the loop's lexer has read the text. */
    private boolean relayed(Plan.Change plan, BackendCommand command, ParameterValues values) {
        if (plan.together().isEmpty()) {
            return false;
        }
        Plan.Keyed one = plan.together().get();
        ShardId shard;
        try {
            int bucket = KeyResolver.bucketOf(one.pin(), runner.loop().lexer(), values);
            shard = runner.shardOf(bucket, runner.loop().serving());
        } catch (ShardwayException _) {
            return false; // The rows will tell.
        }
        runner.planned(one);
        runner.start(new ShardCall(runner, shard, Access.WRITE, one.traits(), command));
        return true;
    }

    private void prepared(
            Plan.Change plan,
            PreparedKey key,
            ParameterValues values,
            BiFunction<PreparedKey, int[], BackendCommand> command,
            Optional<BiFunction<PreparedKey, int[], BackendCommand>> reading) {
        byte[] sql = key.sql();
        SqlDialect dialect = key.profile().dialect();
        runner.requireScatter(sql, dialect, plan.why());
        start(
                plan,
                AssembledStatement.prepared(key, plan.read(), runner, values, command, reading));
    }

    private void start(Plan.Change plan, AssembledStatement assembled) {
        runner.start(new ChangeCall(runner, services, plan, assembled));
    }
}
