package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.protocol.OkPacket;
import io.shardway.proxy.session.Session;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.Access;
import io.shardway.router.plan.AssembledTable;
import io.shardway.router.plan.ChangedTable;
import io.shardway.router.plan.Plan;
import io.shardway.router.plan.SpreadKind;
import io.shardway.router.plan.TransactionMode;
import io.shardway.router.topology.Topology;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * UPDATE or DELETE over several shards, all of it or nothing: the rows of its tables are brought to
 * one node, under locks; MySQL carries the client's statement out on them there; then each shard
 * stores what has become of its rows, in the same transaction. Confined to its event loop.
 */
final class ChangeCall implements RunningCall, AssemblyUse {

    private final StatementRunner runner;
    private final Session session;
    private final Plan.Change plan;
    private final AssembledStatement statement;
    private final Assembly assembly;
    private final ScratchWrite write;
    private final Optional<String> text;
    private final List<ChangeTexts> tables = new ArrayList<>();
    private final ChangeStores stores;
    private final List<Consumer<Topology>> toStore = new ArrayList<>();
    private Optional<OkPacket> answer = Optional.empty();
    private Optional<SpreadCall> storing = Optional.empty();
    private final HeldStatement holds;
    private final List<HeldRows> held = new ArrayList<>();

    ChangeCall(
            StatementRunner runner,
            ProxyServices services,
            Plan.Change plan,
            AssembledStatement statement) {
        this.runner = runner;
        this.session = runner.session();
        this.plan = plan;
        this.statement = statement;
        this.holds = new HeldStatement(services);
        this.stores = new ChangeStores(statement);
        this.text = Optional.of(new String(statement.original(), UTF_8));
        this.assembly = new Assembly(runner, services, statement, Optional.of(this));
        this.write = new ScratchWrite(runner, assembly, statement.command(), this::named);
    }

    @Override
    public void start() {
        write.start(true, "a write on several shards");
    }

    @Override
    public boolean locks() {
        return write.locks();
    }

    /** Has MySQL look at the statement on the real tables first: what is wrong is its own error. */
    @Override
    public void begin(Scratch scratch, Runnable then) {
        scratch.describe(
                statement,
                _ ->
                        scratch.ready(
                                NoCommand.INSTANCE,
                                AssemblySettings::loading,
                                () -> readDefinition(scratch, then)));
    }

    private void readDefinition(Scratch scratch, Runnable then) {
        if (tables.size() == plan.tables().size()) {
            then.run();
            return;
        }
        ChangedTable table = plan.tables().get(tables.size());
        String name = ScratchDefinition.qualified(table.keyspace(), table.schema().name());
        scratch.query(
                "SHOW CREATE TABLE " + name,
                shown -> {
                    try {
                        Optional<ChangeDefinition> found =
                                ChangeDefinition.of(table, Assembly.shownIn(shown), plan.ignores());
                        if (found.isEmpty()) {
                            fail(ErrorCode.ASSEMBLY_FAILED, "table " + name + " is being changed");
                            return;
                        }
                        tables.add(new ChangeTexts(found.get(), tables.size()));
                    } catch (ShardwayException refused) {
                        fail(refused.code(), refused.detail());
                        return;
                    }
                    readDefinition(scratch, then);
                });
    }

    private void fail(ErrorCode code, String detail) {
        runner.count(code);
        assembly.stop(ErrPacket.of(code, detail));
    }

    @Override
    public Map<AssembledTable, String> kept() {
        var kept = new LinkedHashMap<AssembledTable, String>();
        tables.forEach(table -> kept.put(read(table), table.copy()));
        return kept;
    }

    @Override
    public List<String> completing() {
        return tables.stream().flatMap(table -> table.constraining().stream()).toList();
    }

    private AssembledTable read(ChangeTexts changed) {
        ChangedTable table = changed.table().table();
        return statement.pulled().stream()
                .filter(each ->
                        each.keyspace().equals(table.keyspace())
                                && each.schema().equals(table.schema()))
                .findFirst()
                .orElseThrow();
    }

    /** With IGNORE, rows are left as they are which any other row stands in the way of. */
    @Override
    public boolean needsAll(AssembledTable table) {
        return plan.ignores()
                && tables.stream()
                        .anyMatch(each -> each.table().rekeyed() && read(each).equals(table));
    }

    @Override
    public void loaded(Scratch scratch) {
        write.setTime(
                scratch,
                () ->
                        write.carryOut(
                                scratch,
                                ok -> {
                                    answer = Optional.of(ok);
                                    scratch.ready(
                                            NoCommand.INSTANCE,
                                            AssemblySettings::fetching,
                                            () -> fetch(scratch));
                                }));
    }

    /** A constraint has another name where the rows were changed. */
    private String named(String told) {
        String message = told;
        for (ChangeTexts table : tables) {
            message = table.withNames(message);
        }
        return message;
    }

    private void fetch(Scratch scratch) {
        fetchNext(scratch, new ArrayDeque<>(tables));
    }

    private void fetchNext(Scratch scratch, ArrayDeque<ChangeTexts> rest) {
        ChangeTexts table = rest.poll();
        if (table == null) {
            assembly.used(this::store);
            return;
        }
        ChangeDefinition definition = table.table();
        if (!definition.table().isDeleted() && !definition.rekeyed()) {
            var changed = rows(definition, keyIn(definition, definition.whole()));
            scratch.read(
                    table.changed(),
                    changed.held(),
                    () -> {
                        toStore.add(topology -> stores.update(table, changed, topology));
                        fetchNext(scratch, rest);
                    });
            return;
        }
        var removed = rows(definition, keyIn(definition, definition.identity()));
        scratch.read(
                table.removed(),
                removed.held(),
                () -> {
                    toStore.add(topology -> stores.delete(table, removed, topology));
                    if (definition.table().isDeleted()) {
                        fetchNext(scratch, rest);
                    } else {
                        fetchAdded(scratch, table, removed, () -> fetchNext(scratch, rest));
                    }
                });
    }

    private void fetchAdded(
            Scratch scratch, ChangeTexts table, ChangedRows removed, Runnable then) {
        ChangeDefinition definition = table.table();
        var added = rows(definition, keyIn(definition, definition.whole()));
        scratch.read(
                table.added(),
                added.held(),
                () -> {
                    if (added.count() != removed.count()) {
                        fail(
                                ErrorCode.ASSEMBLY_FAILED,
                                "%d rows of table %s became %d"
                                        .formatted(
                                                removed.count(), definition.name(), added.count()));
                        return;
                    }
                    toStore.add(topology -> stores.insert(table, added, topology));
                    then.run();
                });
    }

    private static int keyIn(
            ChangeDefinition definition, List<io.shardway.router.schema.ColumnSchema> columns) {
        return definition.table().key().isPresent() ? definition.keyIn(columns) : 0;
    }

    private ChangedRows rows(ChangeDefinition definition, int keyAt) {
        var rows = new HeldRows(definition.name(), definition.hasJson(), holds, this::fail);
        held.add(rows);
        return new ChangedRows(definition, keyAt, rows);
    }

    private void release() {
        held.forEach(HeldRows::release);
    }

    @Override
    public void failed(ErrPacket reason, boolean rolledBack) {
        release();
        write.failed(withAdvice(reason), rolledBack);
    }

    /** A write can also be done in parts. */
    private static ErrPacket withAdvice(ErrPacket packet) {
        String tooLarge = ErrorCode.ASSEMBLY_TOO_LARGE.id();
        return packet.text().startsWith(tooLarge)
                ? new ErrPacket(
                        packet.code(),
                        packet.sqlState(),
                        (packet.text() + " Or write the rows in parts: ORDER BY ... LIMIT 1000.")
                                .getBytes(UTF_8))
                : packet;
    }

    private void store() {
        try {
            write.requireNotInterrupted();
            Topology topology = runner.loop().serving().topology();
            toStore.forEach(each -> each.accept(topology));
            List<SpreadPart> parts = stores.parts();
            requireAllowed(parts);
            var spread =
                    new SpreadStatement(
                            SpreadKind.CHANGE,
                            plan.why(),
                            plan.traits(),
                            0,
                            false,
                            Optional.empty(),
                            parts,
                            AssemblySettings::storing,
                            this::release);
            var call = new SpreadCall(runner, spread);
            storing = Optional.of(call);
            call.goOn(
                    new SpreadCall.Prior(
                            write.isOwn(),
                            write.time(),
                            answer.orElseThrow().warnings(),
                            write.conditions(),
                            text,
                            answer));
        } catch (ShardwayException refused) {
            runner.count(refused.code());
            failed(ErrPacket.of(refused.code(), refused.detail()), false);
        }
    }

    private void requireAllowed(List<SpreadPart> parts) {
        TransactionMode mode = runner.transactionMode();
        var shards = new TreeSet<ShardId>();
        parts.forEach(part -> shards.add(part.shard()));
        if (shards.size() > 1 && mode == TransactionMode.SINGLE) {
            throw new ShardwayException(
                    ErrorCode.CROSS_SHARD_WRITE,
                    plan.why() + "; shards " + TransactionRules.names(shards));
        }
        for (ShardId shard : shards) {
            Optional<ShardwayException> forbidden =
                    TransactionRules.forbids(session, mode, Access.WRITE, shard);
            if (forbidden.isPresent()) {
                throw forbidden.get();
            }
        }
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
        storing.ifPresentOrElse(SpreadCall::interrupt, assembly::interrupt);
    }

    @Override
    public void abandon() {
        interrupt();
    }

    @Override
    public void closeConnections() {
        release();
        storing.ifPresentOrElse(SpreadCall::closeConnections, assembly::closeConnections);
    }
}
