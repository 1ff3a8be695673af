package io.shardway.proxy.execution;

import io.netty.buffer.ByteBuf;
import io.shardway.proxy.backend.AnswerKind;
import io.shardway.proxy.backend.PreparedKey;
import io.shardway.proxy.protocol.Capabilities;
import io.shardway.proxy.protocol.Commands;
import io.shardway.proxy.session.ClientChannel;
import io.shardway.proxy.session.Session;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.Access;
import io.shardway.router.plan.AssembledTable;
import io.shardway.router.plan.AssembledText;
import io.shardway.router.plan.KeyResolver;
import io.shardway.router.plan.ParameterValues;
import io.shardway.router.plan.Plan;
import io.shardway.router.plan.Planned;
import io.shardway.router.plan.Traits;
import io.shardway.router.sql.Lexer;
import io.shardway.router.sql.ScatterHint;
import io.shardway.router.sql.SessionFunctions;
import io.shardway.router.sql.SqlDialect;
import io.shardway.router.sql.StoredPrograms;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * COM_QUERY: one statement or several, each planned, routed and run in its turn. Confined to its
 * event loop.
 */
final class TextStatements {

    private final StatementRunner runner;
    private final ProxyServices services;
    private final Planning planning;
    private final KeyedInserts inserts;
    private final Session session;
    private final ClientChannel client;
    private final LoopContext loop;

    private final PlainCalls plain;

    private Optional<byte[]> statements = Optional.empty();
    private int nextStatementAt;
    private boolean stepping;
    private boolean stepDue;

    TextStatements(
            StatementRunner runner,
            ProxyServices services,
            Planning planning,
            KeyedInserts inserts) {
        this.runner = runner;
        this.services = services;
        this.planning = planning;
        this.inserts = inserts;
        this.session = runner.session();
        this.client = runner.client();
        this.loop = runner.loop();
        this.plain = new PlainCalls(runner, services);
    }

    /** Whether more statements of the command follow the running one. */
    boolean hasMore() {
        return statements.isPresent();
    }

    void dropRemaining() {
        statements = Optional.empty();
    }

    /**
     * COM_QUERY.
     *
     * @param framed the whole command; the runner owns it
     * @param sqlAt where the text begins, from the reader index
     * @param sqlBytes how long it is; the text is contiguous
     */
    void query(ByteBuf framed, int sqlAt, int sqlBytes) {
        byte[] text = loop.scratch(sqlBytes);
        framed.getBytes(framed.readerIndex() + sqlAt, text, 0, sqlBytes);
        int end = sqlBytes;
        while (end > 0 && isTrailing(text[end - 1])) {
            end--;
        }
        Lexer lexer = loop.lexer();
        lexer.scan(text, 0, end, session.profile().dialect());
        if (lexer.isBlank()) {
            framed.release();
            runner.fail(ErrorCode.EMPTY_STATEMENT, "");
        } else if (!lexer.moreStatements()) {
            runOne(framed, text, 0);
        } else if (StoredPrograms.endOf(text, 0, end, session.profile().dialect()) == end) {
            plain.runProgram(framed, text, 0, end);
        } else if (session.can(Capabilities.MULTI_STATEMENTS)) {
            framed.release();
            statements = Optional.of(Arrays.copyOf(text, end));
            nextStatementAt = 0;
            runNext();
        } else {
            framed.release();
            runner.fail(ErrorCode.MULTI_STATEMENTS_OFF, "");
        }
    }

    /** MySQL cuts these off a command's end before it reads the rest. */
    private static boolean isTrailing(byte last) {
        return last == ';' || last == ' ' || (last >= '\t' && last <= '\r');
    }

    /**
     * COM_QUERY of more than one packet.
     *
     * @param framed the whole command; the runner owns it
     * @param text its text, in one piece
     */
    void queryInParts(ByteBuf framed, byte[] text) {
        Lexer lexer = loop.lexer();
        lexer.scan(text, 0, text.length, session.profile().dialect());
        if (lexer.moreStatements()) {
            framed.release();
            runner.fail(
                    ErrorCode.PACKET_TOO_LARGE,
                    "several statements of 16 MiB and more in one command");
            return;
        }
        runOne(framed, text, 0);
    }

    /**
     * Runs the next of several statements; in a loop, as thousands of them may be answered at once.
     */
    void runNext() {
        stepDue = true;
        if (stepping) {
            return;
        }
        stepping = true;
        try {
            while (stepDue) {
                stepDue = false;
                step(statements.orElseThrow());
            }
        } finally {
            stepping = false;
        }
    }

    private void step(byte[] text) {
        // Those before it may have let go of the topology they were routed by.
        runner.routeAgain();
        Lexer lexer = loop.lexer();
        SqlDialect dialect = session.profile().dialect();
        int from = nextStatementAt;
        lexer.scan(text, from, text.length, dialect);
        int end = lexer.statementEnd();
        int program =
                lexer.moreStatements()
                        ? StoredPrograms.endOf(text, from, text.length, dialect)
                        : -1;
        if (program > 0) {
            stepProgram(text, from, program);
            return;
        }
        if (lexer.moreStatements()) {
            nextStatementAt = lexer.nextStatement();
            lexer.scan(text, from, end, dialect);
        } else {
            dropRemaining();
        }
        if (lexer.isBlank()) {
            runner.fail(ErrorCode.EMPTY_STATEMENT, "");
        } else {
            runOne(commandOf(text, from, end - from), text, from);
        }
    }

    private void stepProgram(byte[] text, int from, int end) {
        nextStatementAt = Math.min(end + 1, text.length);
        Lexer lexer = loop.lexer();
        lexer.scan(text, nextStatementAt, text.length, session.profile().dialect());
        if (lexer.isBlank() && !lexer.moreStatements()) {
            dropRemaining();
        }
        lexer.scan(text, from, end, session.profile().dialect());
        plain.runProgram(commandOf(text, from, end - from), text, from, end);
    }

    ByteBuf commandOf(byte[] text, int from, int length) {
        byte[] argument;
        if (session.can(Capabilities.QUERY_ATTRIBUTES)) {
            argument = new byte[length + 2];
            argument[1] = 1;
            System.arraycopy(text, from, argument, 2, length);
        } else {
            argument = Arrays.copyOfRange(text, from, from + length);
        }
        return LargePackets.command(client.allocator(), Commands.QUERY, argument);
    }

    /** A statement of the session's own keyspace and sql_mode, sent as if the client had. */
    void runAgain(byte[] sql) {
        loop.lexer().scan(sql, 0, sql.length, session.profile().dialect());
        runOne(commandOf(sql, 0, sql.length), sql, 0);
    }

    private void runOne(ByteBuf framed, byte[] text, int from) {
        Lexer lexer = loop.lexer();
        SqlDialect dialect = session.profile().dialect();
        if (lexer.hasHints()) {
            Optional<byte[]> unhinted =
                    ScatterHint.asComment(text, from, lexer.statementEnd(), dialect);
            if (unhinted.isPresent()) {
                framed.release();
                runAgain(unhinted.get());
                return;
            }
        }
        Optional<Planned> known =
                services.plans()
                        .known(lexer, from, dialect, session.schema(), loop.serving().catalog());
        if (known.isPresent()) {
            run(known.get(), framed, text, from);
            return;
        }
        byte[] own = Arrays.copyOfRange(text, from, lexer.statementEnd());
        planning.start(
                own, dialect, session.schema(), plan -> run(plan, framed, own, 0), framed::release);
    }

    /** The loop's lexer has read the text. */
    private void run(Planned planned, ByteBuf framed, byte[] text, int from) {
        Lexer lexer = loop.lexer();
        Serving serving = loop.serving();
        try {
            runner.planned(planned.plan());
            if (!runner.admits(planned)) {
                throw AccessRefusal.of(planned.needs(), session);
            }
            switch (planned.plan()) {
                case Plan.Keyed keyed -> keyed(keyed, framed, text, from);
                case Plan.KeyedInsert insert -> inserts.run(insert, framed, text, from);
                case Plan.SpreadWrite write ->
                        new SpreadWriting(runner, services).run(write, framed, text, from);
                case Plan.Load load -> load(load, framed, text, from);
                case Plan.InsertSelect insert ->
                        new InsertSelecting(runner, services).run(insert, framed, text, from);
                case Plan.Change change ->
                        new Changing(runner, services).run(change, framed, text, from);
                case Plan.AnyShard any ->
                        call(
                                framed,
                                text,
                                from,
                                runner.anyShard(serving, any.traits()),
                                any.access(),
                                any.traits());
                case Plan.Assemble assemble -> assemble(assemble, framed, text, from);
                case Plan.Explain explain -> explain(explain, framed, text, from);
                case Plan.WriteReference write ->
                        runner.write(
                                write,
                                new TextCommand(framed, AnswerKind.RESULTS, runner.eofPackets()));
                case Plan.OnDefaultShard on -> {
                    runner.routeDoneUnlessOnTables(on.access(), on.traits());
                    call(
                            framed,
                            text,
                            from,
                            serving.topology().defaultShard(),
                            on.access(),
                            on.traits());
                }
                case Plan.Described described ->
                        runner.describing().run(described, framed, text, from);
                case Plan.Plain relayed -> plain.run(relayed, framed, text, from);
                case Plan.Stored stored ->
                        StoredRun.start(
                                runner, services, stored, framed, text, from, lexer.statementEnd());
                case Plan.DefineKeyspace(var definition) -> {
                    framed.release();
                    new KeyspaceRun(runner, services.keyspaces()).start(definition);
                }
                case Plan.Control(var command) ->
                        runner.control().run(command, framed, text, from, lexer);
                case Plan.Admin _ -> {
                    String sql =
                            new String(
                                    text,
                                    from,
                                    lexer.statementEnd() - from,
                                    StandardCharsets.UTF_8);
                    framed.release();
                    runner.control().administer(sql);
                }
                case Plan.DefineTable(_, var select) when select.isPresent() ->
                        new CreateSelecting(runner, services).run(select.get(), framed, text, from);
                case Plan.DefineTable _ -> {
                    framed.release();
                    new DefinitionRun(runner, services)
                            .start(Arrays.copyOfRange(text, from, lexer.statementEnd()));
                }
                case Plan.Rejected(var code, var detail) -> {
                    framed.release();
                    runner.fail(code, detail);
                }
            }
        } catch (ShardwayException refused) {
            framed.release();
            runner.fail(refused.code(), refused.detail());
        }
    }

    private void load(Plan.Load plan, ByteBuf framed, byte[] text, int from) {
        if (!session.can(Capabilities.LOCAL_FILES)) {
            throw new ShardwayException(ErrorCode.LOCAL_FILES_OFF, "");
        }
        LoadStatement statement = LoadStatement.of(plan, loop.lexer(), text, from);
        framed.release();
        runner.start(new LoadCall(runner, services, statement));
    }

    private void keyed(Plan.Keyed keyed, ByteBuf framed, byte[] text, int from) {
        int bucket;
        try {
            bucket = KeyResolver.bucketOf(keyed.pin(), loop.lexer(), ParameterValues.NONE);
        } catch (ShardwayException noOneKey) {
            Plan.Assemble otherwise = keyed.otherwise().orElseThrow(() -> noOneKey);
            runner.planned(otherwise);
            assemble(otherwise, framed, text, from);
            return;
        }
        ShardId shard = runner.shardOf(bucket, loop.serving());
        call(framed, text, from, shard, keyed.access(), keyed.traits());
    }

    private void call(
            ByteBuf framed, byte[] text, int from, ShardId shard, Access access, Traits traits) {
        ByteBuf sent = framed;
        if (traits.sessionFunctions()) {
            int end = loop.lexer().statementEnd();
            byte[] written =
                    SessionFunctions.substitute(
                            text,
                            from,
                            end,
                            session.profile().dialect(),
                            runner.control().sessionValues());
            framed.release();
            sent = commandOf(written, 0, written.length);
        }
        if (traits.implicitCommit() && !session.transaction().leases().isEmpty()) {
            ByteBuf later = sent;
            runner.control()
                    .endTransaction(
                            true, () -> start(later, shard, access, traits), () -> later.release());
            return;
        }
        start(sent, shard, access, traits);
    }

    private void assemble(Plan.Assemble plan, ByteBuf framed, byte[] text, int from) {
        byte[] sql = Arrays.copyOfRange(text, from, loop.lexer().statementEnd());
        runner.requireScatter(plan, sql, session.profile().dialect(), ParameterValues.NONE);
        Optional<ScatteredStatement> scattered =
                ScatteredStatement.ofText(
                        runner, plan, sql, () -> assembly(plan, framed, sql), framed::release);
        if (scattered.isPresent()) {
            runner.scattered();
            runner.start(new ScatteredRead(runner, scattered.get()));
        } else {
            runner.start(assembly(plan, framed, sql));
        }
    }

    private void explain(Plan.Explain plan, ByteBuf framed, byte[] text, int from) {
        byte[] sql = Arrays.copyOfRange(text, from, loop.lexer().statementEnd());
        if (plan.analyzes() && plan.explained() instanceof Plan.Assemble read) {
            runner.requireScatter(read, sql, session.profile().dialect(), ParameterValues.NONE);
        }
        List<ExplainCall.Step> steps = new ExplainSteps(runner, sql).of(plan);
        if (steps.isEmpty() && plan.explained() instanceof Plan.Assemble read) {
            runner.start(assembly(read.ungrouped(), framed, sql));
        } else {
            framed.release();
            runner.start(new ExplainCall(runner, steps));
        }
    }

    private Assembly assembly(Plan.Assemble plan, ByteBuf framed, byte[] sql) {
        List<AssembledTable> pulled = Assembly.pulledOf(plan.tables(), session);
        List<AssembledText.Copy> copies = AssembledText.copies(pulled);
        byte[] original = sql;
        SqlDialect dialect = session.profile().dialect();
        byte[] whole = plan.whole(sql, dialect, ParameterValues.NONE).text();
        List<AssembledText.Asked> asked =
                AssembledStatement.askedOf(pulled, whole, dialect, ParameterValues.NONE, false);
        ByteBuf sent = framed;
        if (!copies.isEmpty() || whole != sql || plan.traits().sessionFunctions()) {
            byte[] written = AssembledText.write(whole, 0, whole.length, dialect, copies);
            original = withSessionValues(original, plan.traits());
            written = withSessionValues(written, plan.traits());
            framed.release();
            sent = commandOf(written, 0, written.length);
        }
        var statement =
                new AssembledStatement(
                        pulled,
                        original,
                        session.schema(),
                        session.profile(),
                        new TextCommand(sent, AnswerKind.RESULTS, runner.eofPackets()),
                        plan.traits(),
                        asked,
                        AssembledStatement.shardsOf(
                                pulled,
                                whole,
                                dialect,
                                ParameterValues.NONE,
                                loop.serving().topology()),
                        AssembledStatement.unfoldedBy(plan),
                        AssembledStatement.Sparing.NONE);
        Optional<PartialStatement> partials =
                PartialStatement.of(
                        plan,
                        session,
                        session.schema(),
                        session.profile(),
                        sql,
                        ParameterValues.NONE,
                        new TextPartials(runner));
        return new Assembly(
                runner,
                services,
                statement.finishedBy(partials, page -> answered(runner, page.text())));
    }

    /** What the client is answered by. */
    private static BackendCommand answered(StatementRunner runner, byte[] text) {
        return new TextCommand(
                runner.commandOf(text, 0, text.length), AnswerKind.RESULTS, runner.eofPackets());
    }

    /** The texts as they are. */
    private record TextPartials(StatementRunner runner) implements PartialStatement.Commands {
        @Override
        public BackendCommand finishing(byte[] text, int[] parameters) {
            return answered(runner, text);
        }

        @Override
        public Optional<BiFunction<PreparedKey, int[], BackendCommand>> reading() {
            return Optional.empty();
        }
    }

    private byte[] withSessionValues(byte[] text, Traits traits) {
        return traits.sessionFunctions()
                ? SessionFunctions.substitute(
                        text,
                        0,
                        text.length,
                        session.profile().dialect(),
                        runner.control().sessionValues())
                : text;
    }

    private void start(ByteBuf framed, ShardId shard, Access access, Traits traits) {
        runner.start(
                new ShardCall(
                        runner,
                        shard,
                        access,
                        traits,
                        new TextCommand(framed, AnswerKind.RESULTS, runner.eofPackets())));
    }
}
