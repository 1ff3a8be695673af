package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.shardway.proxy.backend.PreparedKey;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.protocol.OkPacket;
import io.shardway.proxy.protocol.ServerStatus;
import io.shardway.proxy.session.NamedStatement;
import io.shardway.proxy.session.Session;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.Access;
import io.shardway.router.plan.KeyResolver;
import io.shardway.router.plan.LiteralText;
import io.shardway.router.plan.Plan;
import io.shardway.router.plan.Planned;
import io.shardway.router.plan.SessionCommand;
import io.shardway.router.plan.Traits;
import io.shardway.router.sql.Lexer;
import io.shardway.router.sql.ScatterHint;
import io.shardway.router.sql.SqlDialect;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * SQL's PREPARE, EXECUTE and DEALLOCATE PREPARE outside of plain keyspaces. A node checks what is
 * prepared; each execution is routed by its values. Confined to its event loop.
 */
final class NamedStatements {

    /** As long as a statement of the proxy's own may be, whatever is escaped in it. */
    private static final int TEXT_BYTES_MAX = 4 << 20;

    private final StatementRunner runner;
    private final ProxyServices services;
    private final Session session;
    private final Planning planning;
    private final KeyedInserts inserts;
    private final TextStatements texts;
    private final SpreadWriting spreads;

    NamedStatements(
            StatementRunner runner,
            ProxyServices services,
            Planning planning,
            KeyedInserts inserts,
            TextStatements texts) {
        this.spreads = new SpreadWriting(runner, services);
        this.runner = runner;
        this.services = services;
        this.session = runner.session();
        this.planning = planning;
        this.inserts = inserts;
        this.texts = texts;
    }

    void prepare(SessionCommand.PrepareNamed command, Lexer lexer) {
        session.namedStatements().remove(command.name());
        int held = session.statements().size() + session.namedStatements().size();
        if (held >= services.settings().session().preparedStatementsMax()) {
            runner.fail(ErrorCode.PREPARED_STATEMENTS_EXHAUSTED, "");
            return;
        }
        Optional<byte[]> text =
                switch (command.text()) {
                    case SessionCommand.NamedText.Literal(int index) ->
                            LiteralText.of(lexer, index)
                                    .filter(bytes ->
                                            session.profile().dialect().unicodeValues()
                                                    || VariableValues.isAscii(bytes));
                    case SessionCommand.NamedText.Variable(String name) ->
                            VariableValues.text(session.profile(), name);
                };
        if (text.isEmpty()) {
            runner.fail(
                    ErrorCode.NOT_UNDERSTOOD,
                    "text of PREPARE outside ASCII needs SET NAMES utf8mb4");
        } else if (text.get().length > TEXT_BYTES_MAX) {
            runner.fail(ErrorCode.PACKET_TOO_LARGE, "text of PREPARE");
        } else {
            prepare(command.name(), text.get());
        }
    }

    private void prepare(String name, byte[] sql) {
        Lexer lexer = runner.loop().lexer();
        lexer.scan(sql, 0, sql.length, session.profile().dialect());
        Optional<byte[]> unhinted =
                lexer.hasHints()
                        ? ScatterHint.asComment(sql, 0, sql.length, session.profile().dialect())
                        : Optional.empty();
        if (unhinted.isPresent()) {
            prepare(name, unhinted.get());
            return;
        }
        if (lexer.isBlank()) {
            runner.fail(ErrorCode.EMPTY_STATEMENT, "");
        } else if (lexer.moreStatements()) {
            runner.fail(ErrorCode.MULTI_STATEMENTS_OFF, "prepared statements are single");
        } else {
            int parameters = lexer.parameterCount();
            var key = new PreparedKey(sql, session.schema(), session.profile());
            planned(key, plan -> prepareBy(plan, name, key, parameters));
        }
    }

    private void prepareBy(Planned planned, String name, PreparedKey key, int parameters) {
        boolean asText =
                switch (planned.plan()) {
                    case Plan.DefineTable _,
                            Plan.WriteReference _,
                            Plan.SpreadWrite _,
                            Plan.Explain _,
                            Plan.InsertSelect _,
                            Plan.Change _,
                            Plan.Described _ ->
                            true;
                    case Plan.Keyed(_, _, var traits, _) -> isForText(traits);
                    case Plan.KeyedInsert(_, var traits) -> isForText(traits);
                    case Plan.AnyShard(_, var traits) -> isForText(traits);
                    case Plan.Assemble read -> isForText(read.traits());
                    case Plan.OnDefaultShard(_, var traits) -> isForText(traits);
                    case Plan.Load _,
                            Plan.Plain _,
                            Plan.Stored _,
                            Plan.DefineKeyspace _,
                            Plan.Control _,
                            Plan.Admin _,
                            Plan.Rejected _ ->
                            false;
                };
        if (asText && parameters == 0) {
            named(name, new NamedStatement(key, 0, true));
            return;
        }
        new Preparation(
                        runner,
                        key.sql(),
                        Optional.of(prepared ->
                                named(
                                        name,
                                        new NamedStatement(key, prepared.parameterCount(), false))))
                .prepareBy(planned);
    }

    private static boolean isForText(Traits traits) {
        return traits.sessionFunctions() || traits.implicitCommit();
    }

    private void named(String name, NamedStatement statement) {
        session.namedStatements().put(name, statement);
        int status =
                session.status() | (runner.hasMoreStatements() ? ServerStatus.MORE_RESULTS : 0);
        byte[] info = "Statement prepared".getBytes(UTF_8);
        runner.ok(new OkPacket(0, 0, status, 0, info, List.of()));
    }

    void deallocate(SessionCommand.DeallocateNamed command) {
        if (session.namedStatements().remove(command.name()) == null) {
            unknown(command.name(), "DEALLOCATE PREPARE");
        } else {
            runner.ok();
        }
    }

    private void unknown(String name, String statement) {
        String message = "Unknown prepared statement handler (" + name + ") given to " + statement;
        runner.failWith(new ErrPacket(1243, "HY000", message.getBytes(UTF_8)));
    }

    void execute(SessionCommand.ExecuteNamed command) {
        NamedStatement statement = session.namedStatements().get(command.name());
        if (statement == null) {
            unknown(command.name(), "EXECUTE");
        } else if (statement.parameterCount() != command.variables().size()) {
            byte[] message = "Incorrect arguments to EXECUTE".getBytes(UTF_8);
            runner.failWith(new ErrPacket(1210, "HY000", message));
        } else if (statement.asText()) {
            executeText(statement.key());
        } else {
            PreparedKey key = statement.key();
            runner.loop().lexer().scan(key.sql(), 0, key.sql().length, dialect(key));
            planned(key, plan -> executeBy(plan, key, command.variables()));
        }
    }

    private void executeText(PreparedKey key) {
        if (!key.schema().equals(session.schema())
                || !dialect(key).equals(session.profile().dialect())) {
            runner.fail(
                    ErrorCode.NOT_UNDERSTOOD,
                    "it was prepared in another keyspace or sql_mode; PREPARE it again");
        } else {
            texts.runAgain(key.sql());
        }
    }

    private void executeBy(Planned planned, PreparedKey key, List<String> variables) {
        try {
            execute(planned, key, variables);
        } catch (ShardwayException refused) {
            runner.fail(refused.code(), refused.detail());
        }
    }

    private void execute(Planned planned, PreparedKey key, List<String> variables) {
        runner.planned(planned.plan());
        if (!runner.admits(planned)) {
            throw AccessRefusal.of(planned.needs(), session);
        }
        Serving serving = runner.loop().serving();
        var values = new VariableValues(session.profile(), variables);
        var command = new NamedCommand(key, variables, runner.eofPackets());
        switch (planned.plan()) {
            case Plan.Keyed keyed -> keyed(keyed, command, values);
            case Plan.Assemble assemble -> assemble(assemble, command, values);
            case Plan.KeyedInsert insert -> inserts.run(insert, command, values);
            case Plan.SpreadWrite write -> spreads.run(write, command, values);
            case Plan.InsertSelect insert ->
                    new InsertSelecting(runner, services).run(insert, command, values);
            case Plan.Change change -> new Changing(runner, services).run(change, command, values);
            case Plan.AnyShard(var access, var traits) ->
                    start(runner.anyShard(serving, traits), access, traits, command);
            case Plan.OnDefaultShard(var access, var traits) -> {
                runner.routeDoneUnlessOnTables(access, traits);
                start(serving.topology().defaultShard(), access, traits, command);
            }
            case Plan.Rejected(var code, var detail) -> throw new ShardwayException(code, detail);
            case Plan.WriteReference _,
                    Plan.Explain _,
                    Plan.Load _,
                    Plan.Described _,
                    Plan.Plain _,
                    Plan.Stored _,
                    Plan.Control _,
                    Plan.Admin _,
                    Plan.DefineTable _,
                    Plan.DefineKeyspace _ ->
                    throw new ShardwayException(ErrorCode.NOT_PREPARABLE, "");
        }
    }

    private void keyed(Plan.Keyed plan, NamedCommand command, VariableValues values) {
        int bucket;
        try {
            bucket = KeyResolver.bucketOf(plan.pin(), runner.loop().lexer(), values);
        } catch (ShardwayException noOneKey) {
            Plan.Assemble otherwise = plan.otherwise().orElseThrow(() -> noOneKey);
            runner.planned(otherwise);
            assemble(otherwise, command, values);
            return;
        }
        ShardId shard = runner.shardOf(bucket, runner.loop().serving());
        start(shard, plan.access(), plan.traits(), command);
    }

    private void assemble(Plan.Assemble plan, NamedCommand command, VariableValues values) {
        runner.requireScatter(plan, command.key().sql(), dialect(command.key()), values);
        var assembled =
                AssembledStatement.prepared(
                        command.key(), plan, runner, values, command::preparedAs, Optional.empty());
        runner.start(new Assembly(runner, services, assembled));
    }

    private void start(ShardId shard, Access access, Traits traits, NamedCommand command) {
        runner.start(new ShardCall(runner, shard, access, traits, command));
    }

    /** Goes on with the plan of the statement that the loop's lexer has read. */
    private void planned(PreparedKey key, Consumer<Planned> then) {
        Optional<Planned> known =
                services.plans()
                        .known(
                                runner.loop().lexer(),
                                0,
                                dialect(key),
                                key.schema(),
                                runner.loop().serving().catalog());
        if (known.isPresent()) {
            then.accept(known.get());
        } else {
            planning.start(key.sql(), dialect(key), key.schema(), then, () -> {});
        }
    }

    private static SqlDialect dialect(PreparedKey key) {
        return key.profile().dialect();
    }
}
