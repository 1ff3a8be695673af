package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.shardway.proxy.backend.CollectedAnswer;
import io.shardway.proxy.backend.PreparedKey;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.protocol.OkPacket;
import io.shardway.proxy.session.Diagnostics;
import io.shardway.proxy.session.Session;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.Access;
import io.shardway.router.plan.DrawnColumn;
import io.shardway.router.plan.InsertSelectText;
import io.shardway.router.plan.Plan;
import io.shardway.router.plan.RowKey;
import io.shardway.router.plan.TransactionMode;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.UnaryOperator;

/**
 * INSERT or REPLACE ... SELECT over several shards, all of it or nothing: what the SELECT reads is
 * brought to one node, under locks; MySQL makes there, in a table like the one to be written, the
 * rows that it would store; then each shard stores its own in the same transaction. Confined to its
 * event loop.
 */
final class InsertSelectCall implements RunningCall, Assembly.Use {

    /** Under these MySQL does not lock what it selects, either. */
    private static final Set<String> UNLOCKED = Set.of("'READ-COMMITTED'", "'READ-UNCOMMITTED'");

    private final StatementRunner runner;
    private final ProxyServices services;
    private final Session session;
    private final Plan.InsertSelect plan;
    private final AssembledStatement statement;
    private final InsertSelectText texts;
    private final Assembly assembly;
    private final Optional<String> text;
    private Optional<MadeRows> made = Optional.empty();
    private Optional<FetchedRows> fetched = Optional.empty();
    private Optional<String> time = Optional.empty();
    private Optional<KeyWait> drawing = Optional.empty();
    private Optional<SpreadCall> storing = Optional.empty();
    private List<Diagnostics.Condition> conditions = List.of();
    private List<Diagnostics.Condition> ofText = List.of();
    private int warnings;
    private boolean own;

    InsertSelectCall(
            StatementRunner runner,
            ProxyServices services,
            Plan.InsertSelect plan,
            AssembledStatement statement,
            InsertSelectText texts) {
        this.runner = runner;
        this.services = services;
        this.session = runner.session();
        this.plan = plan;
        this.statement = statement;
        this.texts = texts;
        this.text = Optional.of(new String(statement.original(), UTF_8));
        this.assembly = new Assembly(runner, services, statement, Optional.of(this));
    }

    @Override
    public void start() {
        Optional<ShardwayException> forbidden =
                TransactionRules.forbidsSpread(session, "a write on several shards");
        if (forbidden.isPresent()) {
            refuse(forbidden.get().code(), forbidden.get().detail());
            return;
        }
        own = !TransactionRules.isInTransaction(session);
        if (own) {
            session.transaction().begin("START TRANSACTION");
        }
        assembly.start();
    }

    private void refuse(ErrorCode code, String detail) {
        statement.command().release();
        runner.fail(code, detail);
    }

    @Override
    public boolean locks() {
        return session.profile()
                .literal("transaction_isolation")
                .filter(UNLOCKED::contains)
                .isEmpty();
    }

    /** Has MySQL look at the whole statement first: what it finds wrong is its own error. */
    @Override
    public void begin(Scratch scratch, Runnable then) {
        scratch.describe(
                statement,
                prepared ->
                        readConditions(
                                scratch,
                                prepared.warnings() > 0,
                                () -> {
                                    ofText = ofText();
                                    scratch.ready(
                                            NoCommand.INSTANCE,
                                            AssemblySettings::loading,
                                            () -> makeTable(scratch, then));
                                }));
    }

    /** What a prepared statement's PREPARE has told already. */
    private List<Diagnostics.Condition> ofText() {
        return statement.command() instanceof TextCommand
                ? conditions.stream().filter(SpreadAnswer::isOfText).toList()
                : List.of();
    }

    private void makeTable(Scratch scratch, Runnable then) {
        String name =
                ScratchDefinition.qualified(
                        plan.target().keyspace(), plan.target().schema().name());
        scratch.query(
                "SHOW CREATE TABLE " + name,
                answer -> {
                    made = MadeRows.of(plan.target(), Assembly.shownIn(answer));
                    if (made.isEmpty()) {
                        runner.count(ErrorCode.ASSEMBLY_FAILED);
                        assembly.stop(
                                ErrPacket.of(
                                        ErrorCode.ASSEMBLY_FAILED,
                                        "table " + name + " is being changed"));
                        return;
                    }
                    scratch.makeTable(MadeRows.name(plan.target()), made.get().createText(), then);
                });
    }

    @Override
    public void loaded(Scratch scratch) {
        if (session.profile().literal("timestamp").isPresent()) {
            make(scratch);
            return;
        }
        scratch.query(
                SpreadSql.READ_TIME,
                answer -> {
                    if (!(answer instanceof CollectedAnswer.Rows rows)) {
                        assembly.stop(
                                Borrow.errorOf(
                                        answer, ErrorCode.BACKEND_LOST, "the scratch connection"));
                        return;
                    }
                    time = Optional.of(SpreadSql.time(ReferenceState.number(rows, 0)));
                    scratch.setTime(time.get(), () -> make(scratch));
                });
    }

    private void make(Scratch scratch) {
        scratch.send(
                statement.command(),
                answer -> {
                    if (scratch.connected().isUsable()) {
                        Assembly.forgetPrepared(scratch.connected(), statement.command());
                    }
                    if (answer instanceof CollectedAnswer.Ok(OkPacket ok)) {
                        conditions = List.of();
                        readConditions(
                                scratch,
                                ok.warnings() > 0,
                                () -> {
                                    addOfText(ok.warnings());
                                    readyToFetch(scratch);
                                });
                    } else if (answer instanceof CollectedAnswer.Refused refused) {
                        ErrPacket error =
                                new ErrPacket(
                                        refused.code(), refused.sqlState(), refused.message());
                        readConditions(scratch, true, () -> assembly.stop(error));
                    } else {
                        runner.count(ErrorCode.BACKEND_LOST);
                        assembly.stop(
                                Borrow.errorOf(
                                        answer,
                                        ErrorCode.BACKEND_LOST,
                                        "shard " + runner.defaultShard()));
                    }
                });
    }

    /** What stands behind the SELECT is in none of the texts that are carried out as text. */
    private void addOfText(int made) {
        var all = new ArrayList<>(ofText);
        conditions.forEach(all::remove);
        warnings = made + all.size();
        all.addAll(conditions);
        conditions = List.copyOf(all);
    }

    private void readConditions(Scratch scratch, boolean any, Runnable then) {
        if (!any) {
            then.run();
            return;
        }
        scratch.query(
                "SHOW WARNINGS",
                answer -> {
                    if (answer instanceof CollectedAnswer.Rows rows) {
                        conditions =
                                DiagnosticsReader.read(
                                                rows,
                                                session.profile(),
                                                runner.diagnosticsBytesMax())
                                        .conditions();
                    }
                    then.run();
                });
    }

    /** The rows that were made have drawn numbers, which are nobody's LAST_INSERT_ID(). */
    private void readyToFetch(Scratch scratch) {
        scratch.run(
                List.of(InsertIds.FORGET),
                () ->
                        scratch.ready(
                                NoCommand.INSTANCE,
                                AssemblySettings::fetching,
                                () -> fetch(scratch)));
    }

    private void fetch(Scratch scratch) {
        var rows =
                new HeldRows(
                        plan.target().schema().name(),
                        made.orElseThrow().hasJson(),
                        services.settings().assemble(),
                        services.heldRows(),
                        (code, detail) -> {
                            runner.count(code);
                            assembly.stop(ErrPacket.of(code, detail));
                        });
        fetched = Optional.of(new FetchedRows(made.orElseThrow(), rows));
        scratch.read(made.orElseThrow().selectText(), rows, () -> assembly.used(this::store));
    }

    @Override
    public void failed(ErrPacket reason, boolean rolledBack) {
        release();
        if (own || rolledBack) {
            new TransactionEnd(runner, false, _ -> tell(reason)).start();
        } else {
            if (!session.transaction().isOpen()) {
                session.transaction().notBegun();
            }
            tell(reason);
        }
    }

    private void release() {
        fetched.ifPresent(FetchedRows::release);
    }

    private void tell(ErrPacket reason) {
        runner.tell(reason);
        if (conditions.stream().anyMatch(each -> each.code() == reason.code())) {
            session.diagnosticsAre(
                    new Diagnostics(conditions).endedBy(reason.code(), reason.sqlState()));
        }
        runner.callDone(true);
    }

    private void store() {
        try {
            Optional<DrawnColumn> column = plan.target().drawn();
            if (column.isEmpty()) {
                store(Optional.empty());
            } else {
                drawKeys(column.get());
            }
        } catch (ShardwayException refused) {
            refused(refused);
        }
    }

    private void refused(ShardwayException reason) {
        runner.count(reason.code());
        failed(ErrPacket.of(reason.code(), reason.detail()), false);
    }

    private void drawKeys(DrawnColumn column) {
        FetchedRows rows = fetched.orElseThrow();
        List<RowKey> keys = rows.keys(column, SeveralKeys.zeroDraws(runner));
        var wait = new KeyWait(runner, services, runner.loop().serving(), column, keys);
        boolean alone = keys.size() == 1 && session.transaction().writtenShards().isEmpty();
        boolean several = runner.loop().serving().topology().shards().size() > 1;
        if (wait.count() > 0
                && !alone
                && several
                && runner.transactionMode() == TransactionMode.SINGLE) {
            throw SeveralKeys.ownersDiffer();
        }
        drawing = Optional.of(wait);
        wait.begin()
                .whenComplete((drawn, problem) -> {
                    if (drawing.isEmpty()) {
                        return;
                    }
                    drawing = Optional.empty();
                    if (problem instanceof ShardwayException reason) {
                        refused(reason);
                    } else if (problem != null) {
                        runner.bug(problem);
                    } else {
                        storeWith(rows, new DrawnIds(column, drawn, wait.stride()));
                    }
                });
    }

    private void storeWith(FetchedRows rows, DrawnIds ids) {
        try {
            rows.giveKeys(ids.byRow());
            store(Optional.of(ids));
        } catch (ShardwayException reason) {
            refused(reason);
        } catch (RuntimeException fault) {
            runner.bug(fault);
        }
    }

    private void store(Optional<DrawnIds> ids) {
        List<SpreadPart> parts = parts();
        var spread =
                new SpreadStatement(
                        plan.kind(),
                        plan.why(),
                        plan.traits(),
                        fetched.orElseThrow().count(),
                        draws(),
                        ids,
                        parts,
                        UnaryOperator.identity(),
                        this::release);
        var call = new SpreadCall(runner, spread);
        storing = Optional.of(call);
        call.goOn(new SpreadCall.Prior(own, time, warnings, conditions, text, Optional.empty()));
    }

    private boolean draws() {
        FetchedRows rows = fetched.orElseThrow();
        for (int row = 0; row < rows.count(); row++) {
            if (rows.draws(row)) {
                return true;
            }
        }
        return false;
    }

    private List<SpreadPart> parts() {
        FetchedRows rows = fetched.orElseThrow();
        SortedMap<ShardId, List<Integer>> shards = rows.byShard(runner.loop().serving().topology());
        requireAllowed(shards);
        var parts = new ArrayList<SpreadPart>();
        shards.forEach((shard, own) -> {
            boolean continues = false;
            for (int from = 0; from < own.size(); ) {
                List<Integer> batch = rows.batch(own, from);
                parts.add(new SpreadPart(shard, batch, command(batch), continues));
                continues = true;
                from += batch.size();
            }
        });
        return parts;
    }

    private void requireAllowed(SortedMap<ShardId, List<Integer>> shards) {
        TransactionMode mode = runner.transactionMode();
        if (shards.size() > 1 && mode == TransactionMode.SINGLE) {
            throw new ShardwayException(
                    ErrorCode.DIFFERENT_KEYS,
                    plan.why() + "; shards " + TransactionRules.names(shards.keySet()));
        }
        if (shards.size() > 1 && draws()) {
            throw new ShardwayException(
                    ErrorCode.SEVERAL_DRAWN_KEYS,
                    "each shard would draw for its AUTO_INCREMENT column");
        }
        for (ShardId shard : shards.keySet()) {
            Optional<ShardwayException> forbidden =
                    TransactionRules.forbids(session, mode, Access.WRITE, shard);
            if (forbidden.isPresent()) {
                throw forbidden.get();
            }
        }
    }

    private StoreCommand command(List<Integer> batch) {
        FetchedRows rows = fetched.orElseThrow();
        var sql = new ByteArrayOutputStream();
        sql.writeBytes(texts.head());
        sql.writeBytes(made.orElseThrow().valuesText(batch.size()).getBytes(UTF_8));
        sql.writeBytes(texts.tail());
        var key = new PreparedKey(sql.toByteArray(), statement.schema(), statement.settings());
        return new StoreCommand(key, rows.columns(), batch.stream().map(rows::row).toList());
    }

    @Override
    public boolean answerBegun() {
        return false;
    }

    @Override
    public String describe() {
        return storing.map(SpreadCall::describe).orElseGet(assembly::describe);
    }

    @Override
    public Optional<String> text() {
        return text;
    }

    @Override
    public void interrupt() {
        drawing.ifPresent(KeyWait::interrupt);
        storing.ifPresentOrElse(SpreadCall::interrupt, assembly::interrupt);
    }

    @Override
    public void abandon() {
        drawing.ifPresent(KeyWait::interrupt);
        storing.ifPresentOrElse(SpreadCall::abandon, assembly::abandon);
    }

    @Override
    public void closeConnections() {
        drawing = Optional.empty();
        release();
        storing.ifPresentOrElse(SpreadCall::closeConnections, assembly::closeConnections);
    }
}
