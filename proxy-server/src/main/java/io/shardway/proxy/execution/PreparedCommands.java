package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.PreparedKey;
import io.shardway.proxy.protocol.Capabilities;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.protocol.MalformedPacketException;
import io.shardway.proxy.session.PreparedStatement;
import io.shardway.proxy.session.Session;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.Access;
import io.shardway.router.plan.KeyResolver;
import io.shardway.router.plan.Pin;
import io.shardway.router.plan.Plan;
import io.shardway.router.plan.Planned;
import io.shardway.router.plan.Scatter;
import io.shardway.router.plan.Traits;
import io.shardway.router.plan.ValueRef;
import io.shardway.router.schema.Catalog;
import io.shardway.router.sql.Lexer;
import io.shardway.router.sql.ScatterHint;
import io.shardway.router.sql.SqlDialect;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** Prepared statements of the binary protocol. Confined to its event loop. */
public final class PreparedCommands {

    private static final int STATEMENT_ID_AT = 1;

    private final StatementRunner runner;
    private final ProxyServices services;
    private final Session session;
    private final Planning planning;
    private final KeyedInserts inserts;

    PreparedCommands(
            StatementRunner runner,
            ProxyServices services,
            Planning planning,
            KeyedInserts inserts) {
        this.runner = runner;
        this.services = services;
        this.session = runner.session();
        this.planning = planning;
        this.inserts = inserts;
    }

    /** COM_STMT_PREPARE. */
    public void prepare(byte[] sql) {
        if (session.statements().size() >= services.settings().session().preparedStatementsMax()) {
            runner.fail(ErrorCode.PREPARED_STATEMENTS_EXHAUSTED, "");
            return;
        }
        SqlDialect dialect = session.profile().dialect();
        Lexer lexer = runner.loop().lexer();
        lexer.scan(sql, 0, sql.length, dialect);
        Optional<byte[]> unhinted =
                lexer.hasHints()
                        ? ScatterHint.asComment(sql, 0, sql.length, dialect)
                        : Optional.empty();
        if (unhinted.isPresent()) {
            prepare(unhinted.get());
            return;
        }
        if (lexer.isBlank()) {
            runner.fail(ErrorCode.EMPTY_STATEMENT, "");
        } else if (lexer.moreStatements()) {
            runner.fail(ErrorCode.MULTI_STATEMENTS_OFF, "prepared statements are single");
        } else {
            planned(
                    sql,
                    dialect,
                    session.schema(),
                    plan -> new Preparation(runner, sql).prepareBy(plan),
                    PreparedCommands::nothing);
        }
    }

    private static void nothing() {}

    /** Goes on with the plan of the statement that the loop's lexer has read. */
    private void planned(
            byte[] sql,
            SqlDialect dialect,
            String keyspace,
            Consumer<Planned> then,
            Runnable dropped) {
        Catalog catalog = runner.loop().serving().catalog();
        Optional<Planned> known =
                services.plans().known(runner.loop().lexer(), 0, dialect, keyspace, catalog);
        if (known.isPresent()) {
            then.accept(known.get());
        } else {
            planning.start(sql, dialect, keyspace, then, dropped);
        }
    }

    /**
     * COM_STMT_EXECUTE.
     *
     * @param framed as the client sent it; taken over
     * @param payload the same from the command byte on, in one piece; taken over
     */
    public void execute(ByteBuf framed, ByteBuf payload) {
        Optional<PreparedStatement> found = find(payload);
        if (found.isEmpty()) {
            framed.release();
            payload.release();
            return;
        }
        PreparedStatement statement = found.get();
        closeCursor(statement);
        if (statement.isLongDataTooLarge()) {
            statement.clearLongData();
            framed.release();
            payload.release();
            runner.fail(ErrorCode.LONG_DATA_TOO_LARGE, "");
            return;
        }
        ExecuteParameters parameters;
        try {
            parameters =
                    new ExecuteParameters(
                            payload,
                            statement,
                            session.can(Capabilities.QUERY_ATTRIBUTES),
                            session.profile().dialect().unicodeValues());
        } catch (MalformedPacketException malformed) {
            statement.clearLongData();
            framed.release();
            payload.release();
            throw malformed;
        }
        var command =
                new ExecuteCommand(
                        statement,
                        statement.key(),
                        framed,
                        payload,
                        parameters,
                        runner.eofPackets());
        Optional<Planned> kept = statement.planOf(runner.loop().serving().catalog());
        if (kept.isPresent()) {
            executeBy(kept.get(), command);
            return;
        }
        byte[] sql = statement.key().sql();
        SqlDialect dialect = statement.key().profile().dialect();
        runner.loop().lexer().scan(sql, 0, sql.length, dialect);
        planned(
                sql,
                dialect,
                statement.key().schema(),
                plan -> {
                    statement.planned(runner.loop().serving().catalog(), plan);
                    executeBy(plan, command);
                },
                command::release);
    }

    private void executeBy(Planned plan, ExecuteCommand command) {
        try {
            execute(plan, command);
        } catch (ShardwayException refused) {
            command.release();
            runner.fail(refused.code(), refused.detail());
        } catch (MalformedPacketException malformed) {
            command.release();
            throw malformed;
        }
    }

    private void execute(Planned planned, ExecuteCommand command) {
        Serving serving = runner.loop().serving();
        PreparedStatement statement = command.statement();
        runner.planned(planned.plan());
        if (!runner.admits(planned)) {
            throw AccessRefusal.of(planned.needs(), session);
        }
        switch (planned.plan()) {
            case Plan.Keyed(var pin, var access, var traits, var otherwise) -> {
                Lexer lexer = runner.loop().lexer();
                if (needsLiterals(pin)) {
                    byte[] sql = statement.key().sql();
                    lexer.scan(sql, 0, sql.length, statement.key().profile().dialect());
                }
                int bucket;
                try {
                    bucket = KeyResolver.bucketOf(pin, lexer, command.parameters());
                } catch (ShardwayException noOneKey) {
                    runner.planned(otherwise.orElseThrow(() -> noOneKey));
                    assemble(otherwise.get(), command);
                    return;
                }
                start(statement, command, runner.shardOf(bucket, serving), access, traits);
            }
            case Plan.KeyedInsert insert -> inserts.run(insert, command);
            case Plan.SpreadWrite write -> new SpreadWriting(runner, services).run(write, command);
            case Plan.InsertSelect insert ->
                    new InsertSelecting(runner, services).run(insert, command);
            case Plan.Change change -> new Changing(runner, services).run(change, command);
            case Plan.Plain(var keyspace, var access, var traits) ->
                    runner.start(
                            new ShardCall(runner, runner.defaultShard(), access, traits, command)
                                    .withCursorOf(statement)
                                    .in(runner.scopes().plain(keyspace, statement.key().schema())));
            case Plan.AnyShard(var access, var traits) ->
                    start(statement, command, runner.anyShard(serving, traits), access, traits);
            case Plan.Assemble assemble -> assemble(assemble, command);
            case Plan.OnDefaultShard(var access, var traits) -> {
                runner.routeDoneUnlessOnTables(access, traits);
                start(statement, command, serving.topology().defaultShard(), access, traits);
            }
            case Plan.WriteReference write -> runner.write(write, command);
            case Plan.Described described -> runner.describing().execute(described, command);
            case Plan.Rejected(var code, var detail) -> throw new ShardwayException(code, detail);
            case Plan.Explain _,
                    Plan.Load _,
                    Plan.Control _,
                    Plan.Admin _,
                    Plan.DefineTable _,
                    Plan.DefineKeyspace _,
                    Plan.Stored _ ->
                    throw new ShardwayException(ErrorCode.NOT_PREPARABLE, "");
        }
    }

    private static boolean needsLiterals(Pin pin) {
        for (ValueRef value : pin.values()) {
            if (value instanceof ValueRef.Literal) {
                return true;
            }
        }
        return false;
    }

    private void start(
            PreparedStatement statement,
            ExecuteCommand command,
            ShardId shard,
            Access access,
            Traits traits) {
        runner.start(new ShardCall(runner, shard, access, traits, command).withCursorOf(statement));
    }

    private void assemble(Plan.Assemble plan, ExecuteCommand command) {
        PreparedKey key = command.statement().key();
        runner.requireScatter(plan, key.sql(), key.profile().dialect(), command.parameters());
        Supplier<RunningCall> assembly =
                () ->
                        new Assembly(
                                runner,
                                services,
                                AssembledStatement.prepared(
                                                key,
                                                plan,
                                                runner,
                                                command.parameters(),
                                                (other, chosen) ->
                                                        AssembledExecuteCommand.of(
                                                                command, other, chosen),
                                                Optional.of(command::reading))
                                        .finishedBy(
                                                partials(plan, command),
                                                sent -> paged(command, sent)));
        Optional<ScatteredStatement> scattered =
                ScatteredStatement.ofPrepared(runner, plan, command, assembly);
        if (scattered.isPresent()) {
            runner.scattered();
            runner.start(new ScatteredRead(runner, scattered.get()));
        } else {
            runner.start(assembly.get());
        }
    }

    /** The client's statement with another LIMIT. */
    private static BackendCommand paged(ExecuteCommand command, Scatter.Sent sent) {
        PreparedKey client = command.statement().key();
        int[] all = IntStream.range(0, command.statement().parameterCount()).toArray();
        return new PartExecuteCommand(
                command,
                new PreparedKey(sent.text(), client.schema(), client.profile()),
                sent.parameters().orElse(all),
                sent.numbers());
    }

    private Optional<PartialStatement> partials(Plan.Assemble plan, ExecuteCommand command) {
        PreparedKey key = command.statement().key();
        return PartialStatement.of(
                plan,
                session,
                key.schema(),
                key.profile(),
                key.sql(),
                command.parameters(),
                new ExecutedPartials(command));
    }

    /** The texts with the client's parameters. */
    private record ExecutedPartials(ExecuteCommand command) implements PartialStatement.Commands {
        @Override
        public BackendCommand finishing(byte[] text, int[] parameters) {
            PreparedKey client = command.statement().key();
            var key = new PreparedKey(text, client.schema(), client.profile());
            return new PartExecuteCommand(command, key, parameters, new long[0]);
        }

        @Override
        public Optional<BiFunction<PreparedKey, int[], BackendCommand>> reading() {
            return Optional.of(command::reading);
        }
    }

    private Optional<PreparedStatement> find(ByteBuf payload) {
        if (payload.readableBytes() < STATEMENT_ID_AT + 4) {
            runner.fail(ErrorCode.MALFORMED_PACKET, "too short");
            return Optional.empty();
        }
        int id = payload.getIntLE(payload.readerIndex() + STATEMENT_ID_AT);
        Optional<PreparedStatement> found = session.statement(id);
        if (found.isEmpty()) {
            String message =
                    "Unknown prepared statement handler (" + id + ") given to mysqld_stmt_execute";
            runner.failWith(new ErrPacket(1243, "HY000", message.getBytes(UTF_8)));
        }
        return found;
    }

    /** COM_STMT_FETCH; the buffers as for {@link #execute}. */
    public void fetch(ByteBuf framed, ByteBuf payload) {
        Optional<PreparedStatement> found = find(payload);
        payload.release();
        Optional<PreparedStatement.Cursor> cursor = found.flatMap(PreparedStatement::cursor);
        Optional<ShardId> shard = cursor.flatMap(open -> shardHolding(open.connection()));
        if (cursor.isPresent() && shard.isEmpty()) {
            framed.release();
            found.orElseThrow().cursorClosed(false);
            runner.fail(ErrorCode.BACKEND_LOST, "with the cursor");
            return;
        }
        if (found.isEmpty() || shard.isEmpty()) {
            framed.release();
            if (found.isPresent()) {
                String message = "The statement (" + found.get().id() + ") has no open cursor.";
                runner.failWith(new ErrPacket(1421, "HY000", message.getBytes(UTF_8)));
            }
            return;
        }
        var command = new FetchCommand(found.get(), framed, runner.eofPackets());
        runner.start(
                new ShardCall(runner, shard.get(), Access.LOCKING_READ, Traits.ON_TABLES, command)
                        .withCursorOf(found.get())
                        .in(scopeOf(cursor.orElseThrow().connection())));
    }

    /** A cursor is read where it is open, whatever the session uses now. */
    private static CallScope scopeOf(BackendConnection connection) {
        return new CallScope(connection.flavour(), connection.schema());
    }

    /** Empty when the connection was lost since. */
    private Optional<ShardId> shardHolding(BackendConnection connection) {
        return session.transaction().leases().entrySet().stream()
                .filter(lease -> lease.getValue() == connection)
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** COM_STMT_SEND_LONG_DATA: no answer, whatever happens. The payload is taken over. */
    public void longData(ByteBuf payload) {
        int at = payload.readerIndex();
        if (payload.readableBytes() >= 7) {
            Optional<PreparedStatement> statement =
                    session.statement(payload.getIntLE(at + STATEMENT_ID_AT));
            int parameter = payload.getUnsignedShortLE(at + 5);
            if (statement.isPresent()) {
                ByteBuf piece = payload.copy(at + 7, payload.readableBytes() - 7);
                statement
                        .get()
                        .append(parameter, piece, services.settings().frontend().packetBytesMax());
            }
        }
        payload.release();
    }

    /** COM_STMT_RESET. */
    public void reset(ByteBuf payload) {
        Optional<PreparedStatement> found = find(payload);
        payload.release();
        found.ifPresent(statement -> {
            statement.clearLongData();
            closeCursor(statement);
            runner.okOfCommand(Answers.okPacket(session, false));
        });
    }

    /** COM_STMT_CLOSE: no answer. */
    public void close(ByteBuf payload) {
        if (payload.readableBytes() >= STATEMENT_ID_AT + 4) {
            PreparedStatement statement =
                    session.statements()
                            .remove(payload.getIntLE(payload.readerIndex() + STATEMENT_ID_AT));
            if (statement != null) {
                statement.clearLongData();
                closeCursor(statement);
            }
        }
        payload.release();
    }

    private void closeCursor(PreparedStatement statement) {
        Optional<PreparedStatement.Cursor> cursor = statement.cursor();
        if (cursor.isEmpty()) {
            return;
        }
        BackendConnection connection = cursor.get().connection();
        statement.cursorClosed(false);
        boolean keep =
                connection.inTransaction()
                        || session.transaction().isPinned()
                        || runner.hasCursorOn(connection);
        if (!keep) {
            shardHolding(connection)
                    .ifPresent(shard -> {
                        session.transaction().leases().remove(shard);
                        runner.giveBack(shard, connection);
                    });
        }
    }
}
