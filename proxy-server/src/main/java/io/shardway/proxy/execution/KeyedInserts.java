package io.shardway.proxy.execution;

import io.netty.buffer.ByteBuf;
import io.shardway.proxy.backend.AnswerKind;
import io.shardway.proxy.backend.PreparedKey;
import io.shardway.proxy.sequence.Sequence;
import io.shardway.proxy.session.Session;
import io.shardway.proxy.session.Transaction;
import io.shardway.router.keyspace.Bucket;
import io.shardway.router.keyspace.BucketMap;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.Access;
import io.shardway.router.plan.DrawnKey;
import io.shardway.router.plan.KeyResolver;
import io.shardway.router.plan.KeySource;
import io.shardway.router.plan.KeyWriting;
import io.shardway.router.plan.ParameterValues;
import io.shardway.router.plan.Plan;
import io.shardway.router.plan.RowKey;
import io.shardway.router.plan.Traits;
import io.shardway.router.plan.TransactionMode;
import io.shardway.router.plan.ValueRef;
import io.shardway.router.sql.Lexer;
import io.shardway.router.sql.SessionFunctions;
import io.shardway.router.sql.SqlDialect;
import io.shardway.router.sql.Token;
import io.shardway.router.sql.Tokens;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.function.LongConsumer;
import java.util.function.LongPredicate;

/**
 * INSERTs into tables whose shard key is AUTO_INCREMENT: draws the key or notes the one that is
 * given, writes a drawn key into the statement, and sends it to the key's owner. Confined to its
 * event loop.
 */
final class KeyedInserts {

    private static final String KEPT_ZERO = "NO_AUTO_VALUE_ON_ZERO";

    private final StatementRunner runner;
    private final ProxyServices services;
    private final Session session;
    private final Drawing drawing;

    KeyedInserts(StatementRunner runner, ProxyServices services, Drawing drawing) {
        this.runner = runner;
        this.services = services;
        this.session = runner.session();
        this.drawing = drawing;
    }

    /**
     * Runs an INSERT that came as text; the loop's lexer has read it.
     *
     * @param framed taken over, unless this throws
     */
    void run(Plan.KeyedInsert insert, ByteBuf framed, byte[] text, int from) {
        Serving serving = runner.loop().serving();
        Lexer lexer = runner.loop().lexer();
        RowKey key = rowKey(insert.key(), lexer, ParameterValues.NONE);
        byte[] own = Arrays.copyOfRange(text, from, lexer.statementEnd());
        switch (key) {
            case RowKey.Unknown _ -> send(framed, own, runner.anyShard(serving), insert.traits());
            case RowKey.Given(int bucket, long number) ->
                    give(
                            sequence(insert.key(), serving),
                            number,
                            () ->
                                    send(
                                            framed,
                                            own,
                                            runner.shardOf(bucket, serving),
                                            insert.traits()),
                            framed::release);
            case RowKey.Drawn _ ->
                    draw(
                            sequence(insert.key(), serving),
                            fitting(serving),
                            drawn -> {
                                framed.release();
                                sendDrawn(insert, own, drawn, serving);
                            },
                            framed::release);
        }
    }

    private RowKey rowKey(DrawnKey key, Lexer lexer, ParameterValues parameters) {
        boolean zeroDraws =
                session.profile()
                        .literal("sql_mode")
                        .filter(mode -> mode.contains(KEPT_ZERO))
                        .isEmpty();
        return KeyResolver.rowKey(key, lexer, parameters, zeroDraws);
    }

    private Sequence sequence(DrawnKey key, Serving serving) {
        return services.sequences().of(key.drawnColumn(), serving.topology());
    }

    /** Goes on once no sequence can draw this key any more. */
    private void give(Sequence sequence, long number, Runnable then, Runnable dropped) {
        if (sequence.isGivenFreely(number)) {
            then.run();
        } else {
            drawing.await(sequence, sequence.moveOn(number), number, _ -> then.run(), dropped);
        }
    }

    private void draw(Sequence sequence, LongPredicate fits, LongConsumer then, Runnable dropped) {
        OptionalLong key = sequence.tryDraw(fits);
        if (key.isPresent()) {
            then.accept(key.getAsLong());
        } else {
            drawing.await(sequence, sequence.draw(fits), 0, then, dropped);
        }
    }

    /**
     * In a transaction that may write to one shard and has, only keys of that shard will do: else
     * whether the next INSERT works would hang on chance.
     */
    private LongPredicate fitting(Serving serving) {
        Transaction transaction = session.transaction();
        if (!transaction.isOpen()
                || transaction.writtenShards().isEmpty()
                || runner.transactionMode() != TransactionMode.SINGLE) {
            return _ -> true;
        }
        ShardId written = transaction.writtenShards().iterator().next();
        BucketMap buckets = serving.topology().bucketMap();
        for (int bucket = 0; bucket < Bucket.COUNT; bucket++) {
            if (buckets.ownerOf(bucket).equals(written)) {
                return key -> buckets.ownerOf(Bucket.numberOf(key)).equals(written);
            }
        }
        return _ -> true;
    }

    /** The statement as it came, unless it calls functions of the session's. */
    private void send(ByteBuf framed, byte[] own, ShardId shard, Traits traits) {
        ByteBuf sent = framed;
        if (traits.sessionFunctions()) {
            framed.release();
            sent = command(own, traits);
        }
        start(sent, shard, traits, 0);
    }

    private void sendDrawn(Plan.KeyedInsert insert, byte[] own, long key, Serving serving) {
        byte[] written =
                writing(insert.key()).write(own, 0, own.length, dialect(), Long.toString(key));
        ShardId shard = runner.shardOf(Bucket.numberOf(key), serving);
        start(command(written, insert.traits()), shard, insert.traits(), key);
    }

    private static KeyWriting writing(DrawnKey key) {
        return switch (key.source()) {
            case KeySource.LeftOut(var writing) -> writing;
            case KeySource.Given given -> given.writing().orElseThrow();
        };
    }

    private ByteBuf command(byte[] sql, Traits traits) {
        byte[] sent =
                traits.sessionFunctions()
                        ? SessionFunctions.substitute(
                                sql, 0, sql.length, dialect(), runner.control().sessionValues())
                        : sql;
        return runner.commandOf(sent, 0, sent.length);
    }

    private SqlDialect dialect() {
        return session.profile().dialect();
    }

    private void start(ByteBuf framed, ShardId shard, Traits traits, long drawn) {
        var command = new TextCommand(framed, AnswerKind.RESULTS, runner.eofPackets());
        runner.start(new ShardCall(runner, shard, Access.WRITE, traits, command).drew(drawn));
    }

    /**
     * Runs a prepared INSERT.
     *
     * @param command taken over, unless this throws
     */
    void run(Plan.KeyedInsert insert, ExecuteCommand command) {
        Serving serving = runner.loop().serving();
        Lexer lexer = runner.loop().lexer();
        PreparedKey prepared = command.statement().key();
        lexer.scan(prepared.sql(), 0, prepared.sql().length, prepared.profile().dialect());
        switch (rowKey(insert.key(), lexer, command.parameters())) {
            case RowKey.Unknown _ -> throw new IllegalStateException("parameters have values");
            case RowKey.Given(int bucket, long number) ->
                    give(
                            sequence(insert.key(), serving),
                            number,
                            () -> execute(insert, command, runner.shardOf(bucket, serving), 0),
                            command::release);
            case RowKey.Drawn _ ->
                    draw(
                            sequence(insert.key(), serving),
                            fitting(serving),
                            drawn ->
                                    execute(
                                            insert,
                                            withKey(insert.key(), command, drawn),
                                            runner.shardOf(Bucket.numberOf(drawn), serving),
                                            drawn),
                            command::release);
        }
    }

    /** A key that is given by a parameter takes its place; else it becomes a further parameter. */
    private static BackendCommand withKey(DrawnKey key, ExecuteCommand command, long drawn) {
        if (key.source() instanceof KeySource.Given(var pin, _, _)
                && pin.values().getFirst() instanceof ValueRef.Parameter(int index)) {
            return DrawnExecuteCommand.replacing(command, index, drawn);
        }
        KeyWriting writing = writing(key);
        PreparedKey prepared = command.statement().key();
        byte[] sql = prepared.sql();
        byte[] written = writing.write(sql, 0, sql.length, prepared.profile().dialect(), "?");
        return DrawnExecuteCommand.adding(
                command,
                new PreparedKey(written, prepared.schema(), prepared.profile()),
                writing.parameter(),
                drawn);
    }

    /** Runs an INSERT that SQL's PREPARE gave a name; the loop's lexer has read it. */
    void run(Plan.KeyedInsert insert, NamedCommand command, ParameterValues values) {
        Serving serving = runner.loop().serving();
        switch (rowKey(insert.key(), runner.loop().lexer(), values)) {
            case RowKey.Unknown _ -> throw new IllegalStateException("parameters have values");
            case RowKey.Given(int bucket, long number) ->
                    give(
                            sequence(insert.key(), serving),
                            number,
                            () -> execute(insert, command, runner.shardOf(bucket, serving), 0),
                            () -> {});
            case RowKey.Drawn _ ->
                    draw(
                            sequence(insert.key(), serving),
                            fitting(serving),
                            drawn ->
                                    execute(
                                            insert,
                                            withKey(insert.key(), command, drawn),
                                            runner.shardOf(Bucket.numberOf(drawn), serving),
                                            drawn),
                            () -> {});
        }
    }

    /** The key is written into the text, which is prepared anew. */
    private static NamedCommand withKey(DrawnKey key, NamedCommand command, long drawn) {
        PreparedKey prepared = command.key();
        byte[] sql = prepared.sql();
        SqlDialect dialect = prepared.profile().dialect();
        String number = Long.toString(drawn);
        var variables = new ArrayList<>(command.variables());
        byte[] written;
        if (key.source() instanceof KeySource.Given(var pin, _, _)
                && pin.values().getFirst() instanceof ValueRef.Parameter(int index)) {
            variables.remove(index);
            written = replaced(sql, parameterAt(sql, dialect, index), number);
        } else {
            written = writing(key).write(sql, 0, sql.length, dialect, number);
        }
        return new NamedCommand(
                new PreparedKey(written, prepared.schema(), prepared.profile()),
                variables,
                command.eofPackets());
    }

    private static int parameterAt(byte[] sql, SqlDialect dialect, int index) {
        return Tokens.of(sql, 0, sql.length, dialect).stream()
                .filter(token -> token.kind() == Token.Kind.PARAMETER)
                .skip(index)
                .findFirst()
                .orElseThrow()
                .start();
    }

    private static byte[] replaced(byte[] sql, int at, String by) {
        var out = new ByteArrayOutputStream(sql.length + by.length());
        out.write(sql, 0, at);
        out.writeBytes(by.getBytes(StandardCharsets.US_ASCII));
        out.write(sql, at + 1, sql.length - at - 1);
        return out.toByteArray();
    }

    private void execute(
            Plan.KeyedInsert insert, BackendCommand command, ShardId shard, long drawn) {
        runner.start(
                new ShardCall(runner, shard, Access.WRITE, insert.traits(), command).drew(drawn));
    }
}
