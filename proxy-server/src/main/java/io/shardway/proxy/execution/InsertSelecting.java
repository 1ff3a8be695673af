package io.shardway.proxy.execution;

import io.netty.buffer.ByteBuf;
import io.shardway.proxy.backend.AnswerKind;
import io.shardway.proxy.backend.PreparedKey;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.Access;
import io.shardway.router.plan.AssembledTable;
import io.shardway.router.plan.AssembledText;
import io.shardway.router.plan.InsertSelectText;
import io.shardway.router.plan.KeyResolver;
import io.shardway.router.plan.ParameterValues;
import io.shardway.router.plan.Plan;
import io.shardway.router.sql.Lexer;
import io.shardway.router.sql.SqlDialect;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * Routes INSERT and REPLACE ... SELECT: relayed where all values are one key, else the rows are
 * made on one node and stored by their owners. Confined to its event loop.
 */
final class InsertSelecting {

    private final StatementRunner runner;
    private final ProxyServices services;

    InsertSelecting(StatementRunner runner, ProxyServices services) {
        this.runner = runner;
        this.services = services;
    }

    /**
     * A statement that came as text; the loop's lexer has read it.
     *
     * @param framed taken over, unless this throws
     */
    void run(Plan.InsertSelect plan, ByteBuf framed, byte[] text, int from) {
        Lexer lexer = runner.loop().lexer();
        byte[] own = Arrays.copyOfRange(text, from, lexer.statementEnd());
        var relayed = new TextCommand(framed, AnswerKind.RESULTS, runner.eofPackets());
        if (relayed(plan, relayed, ParameterValues.NONE)) {
            return;
        }
        SqlDialect dialect = runner.session().profile().dialect();
        runner.requireScatter(own, dialect, plan.why());
        var texts = new InsertSelectText(own, dialect, plan.target());
        List<AssembledTable> pulled = plan.read().tables();
        byte[] making = texts.making(AssembledText.copies(pulled));
        framed.release();
        var command =
                new TextCommand(
                        runner.commandOf(making, 0, making.length),
                        AnswerKind.RESULTS,
                        runner.eofPackets());
        var assembled =
                new AssembledStatement(
                        pulled,
                        own,
                        runner.session().schema(),
                        runner.session().profile(),
                        command,
                        plan.traits(),
                        AssembledStatement.askedOf(
                                pulled, own, dialect, ParameterValues.NONE, false),
                        shardsOf(pulled, own, dialect, ParameterValues.NONE),
                        Optional.empty(),
                        AssembledStatement.Sparing.NONE);
        start(plan, assembled, texts);
    }

    private List<List<ShardId>> shardsOf(
            List<AssembledTable> pulled, byte[] sql, SqlDialect dialect, ParameterValues values) {
        return AssembledStatement.shardsOf(
                pulled, sql, dialect, values, runner.loop().serving().topology());
    }

    private void start(
            Plan.InsertSelect plan, AssembledStatement assembled, InsertSelectText texts) {
        runner.start(new InsertSelectCall(runner, services, plan, assembled, texts));
    }

    /** Whether all values are one key; the loop's lexer has read the text. */
    private boolean relayed(
            Plan.InsertSelect plan, BackendCommand command, ParameterValues values) {
        Optional<ShardId> shard = owner(plan, values);
        shard.ifPresent(one ->
                runner.start(
                        new ShardCall(
                                runner,
                                one,
                                Access.WRITE,
                                plan.together().orElseThrow().traits(),
                                command)));
        return shard.isPresent();
    }

    private Optional<ShardId> owner(Plan.InsertSelect plan, ParameterValues values) {
        if (plan.together().isEmpty()) {
            return Optional.empty();
        }
        try {
            int bucket =
                    KeyResolver.bucketOf(
                            plan.together().get().pin(), runner.loop().lexer(), values);
            return Optional.of(runner.shardOf(bucket, runner.loop().serving()));
        } catch (ShardwayException _) {
            return Optional.empty(); // The rows will tell.
        }
    }

    /**
     * A prepared statement.
     *
     * @param command taken over, unless this throws
     */
    void run(Plan.InsertSelect plan, ExecuteCommand command) {
        PreparedKey key = command.statement().key();
        byte[] sql = key.sql();
        SqlDialect dialect = key.profile().dialect();
        runner.loop().lexer().scan(sql, 0, sql.length, dialect);
        if (relayed(plan, command, command.parameters())) {
            return;
        }
        runPrepared(
                plan,
                key,
                command.parameters(),
                other -> new AssembledExecuteCommand(command, other),
                Optional.of(command::reading));
    }

    private void runPrepared(
            Plan.InsertSelect plan,
            PreparedKey key,
            ParameterValues values,
            Function<PreparedKey, BackendCommand> command,
            Optional<BiFunction<PreparedKey, int[], BackendCommand>> reading) {
        byte[] sql = key.sql();
        SqlDialect dialect = key.profile().dialect();
        runner.requireScatter(sql, dialect, plan.why());
        var texts = new InsertSelectText(sql, dialect, plan.target());
        List<AssembledTable> pulled = plan.read().tables();
        byte[] making = texts.making(AssembledText.copies(pulled));
        List<AssembledText.Asked> asked =
                key.profile() == runner.session().profile()
                        ? AssembledStatement.askedOf(
                                pulled, sql, dialect, values, reading.isPresent())
                        : Collections.nCopies(pulled.size(), AssembledText.Asked.ALL);
        var assembled =
                new AssembledStatement(
                        pulled,
                        sql,
                        key.schema(),
                        key.profile(),
                        command.apply(new PreparedKey(making, key.schema(), key.profile())),
                        plan.traits(),
                        asked,
                        shardsOf(pulled, sql, dialect, values),
                        Optional.empty(),
                        AssembledStatement.Sparing.reading(reading));
        start(plan, assembled, texts);
    }

    /** A statement that SQL's PREPARE gave a name; the loop's lexer has read it. */
    void run(Plan.InsertSelect plan, NamedCommand command, ParameterValues values) {
        if (!relayed(plan, command, values)) {
            runPrepared(plan, command.key(), values, command::preparedAs, Optional.empty());
        }
    }
}
