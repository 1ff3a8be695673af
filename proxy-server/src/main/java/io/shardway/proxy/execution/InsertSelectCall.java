package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.shardway.proxy.backend.PreparedKey;
import io.shardway.proxy.protocol.ErrPacket;
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
import io.shardway.router.plan.SpreadKind;
import io.shardway.router.plan.TransactionMode;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.UnaryOperator;

/**
 * INSERT or REPLACE ... SELECT over several shards, all of it or nothing: what the SELECT reads is
 * brought to one node, under locks; MySQL makes there, in a table like the one to be written, the
 * rows that it would store; then each shard stores its own in the same transaction. Confined to its
 * event loop.
 */
final class InsertSelectCall implements RunningCall, AssemblyUse {

    private final StatementRunner runner;
    private final ProxyServices services;
    private final Session session;
    private final Plan.InsertSelect plan;
    private final AssembledStatement statement;
    private final InsertSelectText texts;
    private final Assembly assembly;
    private final ScratchWrite write;
    private final Optional<String> text;
    private Optional<MadeRows> made = Optional.empty();
    private Optional<FetchedRows> fetched = Optional.empty();
    private Optional<KeyWait> drawing = Optional.empty();
    private Optional<SpreadCall> storing = Optional.empty();
    private List<Diagnostics.Condition> ofText = List.of();
    private int warnings;

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
        this.write =
                new ScratchWrite(runner, assembly, statement.command(), UnaryOperator.identity());
    }

    @Override
    public void start() {
        write.start(true, "a write on several shards");
    }

    @Override
    public boolean locks() {
        return write.locks();
    }

    /** Has MySQL look at the whole statement first: what it finds wrong is its own error. */
    @Override
    public void begin(Scratch scratch, Runnable then) {
        scratch.describe(
                statement,
                prepared ->
                        write.readConditions(
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
                ? write.conditions().stream().filter(SpreadAnswer::isOfText).toList()
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
        write.setTime(
                scratch,
                () ->
                        write.carryOut(
                                scratch,
                                ok -> {
                                    addOfText(ok.warnings());
                                    readyToFetch(scratch);
                                }));
    }

    /** What stands behind the SELECT is in none of the texts that are carried out as text. */
    private void addOfText(int made) {
        var all = new ArrayList<>(ofText);
        write.conditions().forEach(all::remove);
        warnings = made + all.size();
        all.addAll(write.conditions());
        write.conditionsAre(all);
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
                        new HeldStatement(services),
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
        write.failed(reason, rolledBack);
    }

    private void release() {
        fetched.ifPresent(FetchedRows::release);
    }

    private void store() {
        try {
            write.requireNotInterrupted();
            Optional<DrawnColumn> column = plan.target().drawn();
            if (column.isEmpty()) {
                store(Optional.empty());
            } else if (plan.target().drawsKeys()) {
                drawKeys(column.get());
            } else {
                drawIds(column.get());
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
        var wait = KeyWait.ofKeys(runner, services, runner.loop().serving(), column, keys);
        boolean alone = keys.size() == 1 && session.transaction().writtenShards().isEmpty();
        boolean several = runner.loop().serving().topology().shards().size() > 1;
        if (wait.count() > 0
                && !alone
                && several
                && runner.transactionMode() == TransactionMode.SINGLE) {
            throw SeveralKeys.ownersDiffer();
        }
        await(column, wait, true);
    }

    /** Of rows of one shard its MySQL draws the ids. */
    private void drawIds(DrawnColumn column) {
        FetchedRows rows = fetched.orElseThrow();
        SortedMap<ShardId, List<Integer>> shards = rows.byShard(runner.loop().serving().topology());
        requireAllowed(shards);
        boolean several = shards.size() > 1;
        List<RowKey> ids = rows.keys(column, SeveralKeys.zeroDraws(runner));
        if (!several) {
            ids.replaceAll(id -> id instanceof RowKey.Drawn ? new RowKey.Unknown() : id);
        }
        await(
                column,
                KeyWait.ofIds(runner, services, runner.loop().serving(), column, ids),
                several);
    }

    /**
     * @param draws whether rows get what is drawn
     */
    private void await(DrawnColumn column, KeyWait wait, boolean draws) {
        FetchedRows rows = fetched.orElseThrow();
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
                        storeWith(rows, new DrawnIds(column, drawn, wait.stride()), draws);
                    }
                });
    }

    private void storeWith(FetchedRows rows, DrawnIds ids, boolean draws) {
        try {
            write.requireNotInterrupted();
            rows.giveKeys(ids.byRow());
            store(draws ? Optional.of(ids) : Optional.empty());
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
                        ids.isPresent() ? plan.traits().keepingInsertId() : plan.traits(),
                        fetched.orElseThrow().count(),
                        ids.isEmpty() && draws(),
                        ids,
                        parts,
                        copiesMembers() ? AssemblySettings::storing : UnaryOperator.identity(),
                        this::release);
        var call = new SpreadCall(runner, spread);
        storing = Optional.of(call);
        call.goOn(
                new SpreadCall.Prior(
                        write.isOwn(),
                        write.time(),
                        warnings,
                        write.conditions(),
                        text,
                        Optional.empty()));
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
                var part = new SpreadPart(shard, batch, command(batch), continues);
                parts.add(copiesMembers() ? part.storing(batch.size(), this::isOfEnumZero) : part);
                continues = true;
                from += batch.size();
            }
        });
        return parts;
    }

    /**
     * Whether rows may have an ENUM's number 0, which MySQL copies and never takes from a client;
     * not where its owner computes or draws anything more.
     */
    private boolean copiesMembers() {
        MadeRows rows = made.orElseThrow();
        return plan.kind() == SpreadKind.INSERT
                && rows.drawn().isEmpty()
                && rows.given().stream().anyMatch(EnumZero::isEnum);
    }

    private boolean isOfEnumZero(Diagnostics.Condition condition) {
        return EnumZero.isWarning(
                made.orElseThrow().given(), condition.code(), condition.message());
    }

    private void requireAllowed(SortedMap<ShardId, List<Integer>> shards) {
        TransactionMode mode = runner.transactionMode();
        if (shards.size() > 1 && mode == TransactionMode.SINGLE) {
            throw new ShardwayException(
                    ErrorCode.DIFFERENT_KEYS,
                    plan.why() + "; shards " + TransactionRules.names(shards.keySet()));
        }
        if (shards.size() > 1 && plan.target().drawn().isEmpty() && draws()) {
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
        write.interrupt();
        drawing.ifPresent(KeyWait::interrupt);
        storing.ifPresentOrElse(SpreadCall::interrupt, assembly::interrupt);
    }

    @Override
    public void abandon() {
        interrupt();
    }

    @Override
    public void closeConnections() {
        drawing = Optional.empty();
        release();
        storing.ifPresentOrElse(SpreadCall::closeConnections, assembly::closeConnections);
    }
}
