package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.shardway.proxy.backend.PreparedKey;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.protocol.OkPacket;
import io.shardway.proxy.session.Diagnostics;
import io.shardway.proxy.session.Session;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.CreateSelect;
import io.shardway.router.plan.InsertTarget;
import io.shardway.router.plan.SpreadKind;
import io.shardway.router.plan.Traits;
import io.shardway.router.plan.TransactionMode;
import io.shardway.router.schema.ColumnSchema;
import io.shardway.router.schema.TableSchema;
import io.shardway.router.sql.QuotedName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * CREATE TABLE ... SELECT over several shards. On one node MySQL makes the table with its rows, as
 * a temporary one; a table like that is defined on its shards under a name of its own and filled;
 * then it gets its name. So nobody ever sees a part of it under that name: what fails is dropped,
 * and what a proxy leaves that dies in between is a table that nobody takes for the whole. Confined
 * to its event loop.
 */
final class CreateSelectCall implements RunningCall, AssemblyUse {

    private static final Logger LOG = LoggerFactory.getLogger(CreateSelectCall.class);

    /** What tables are called until they are whole. */
    static final String FILLING = "shardway_filling_";

    private static final Pattern HEAD = Pattern.compile("^CREATE TEMPORARY TABLE `[^`]*` ");
    private static final Pattern COUNTER =
            Pattern.compile("(\n\\) ENGINE=\\w+) AUTO_INCREMENT=\\d+");

    private final StatementRunner runner;
    private final ProxyServices services;
    private final Session session;
    private final CreateSelect select;
    private final AssembledStatement statement;
    private final Assembly assembly;
    private final String filling =
            FILLING + UUID.randomUUID().toString().replace("-", "").substring(0, 16);
    private final ScratchWrite write;
    private final Optional<String> text;

    private OkPacket made = OkPacket.of(0);
    private Optional<MadeRows> rows = Optional.empty();
    private Optional<FetchedRows> fetched = Optional.empty();
    private Optional<SpreadCall> storing = Optional.empty();
    private Optional<OwnDefinition> defining = Optional.empty();
    private boolean defined;
    private boolean dropping;
    private String stage = "";

    CreateSelectCall(
            StatementRunner runner,
            ProxyServices services,
            CreateSelect select,
            AssembledStatement statement) {
        this.runner = runner;
        this.services = services;
        this.session = runner.session();
        this.select = select;
        this.statement = statement;
        this.assembly = new Assembly(runner, services, statement, Optional.of(this));
        this.write = new ScratchWrite(runner, assembly, statement.command(), this::named);
        this.text = Optional.of(new String(statement.original(), UTF_8));
    }

    @Override
    public void start() {
        write.start(false, "CREATE TABLE ... SELECT");
    }

    /** The rows are read at one moment, and are free again when the table is made. */
    @Override
    public boolean locks() {
        return false;
    }

    @Override
    public void begin(Scratch scratch, Runnable then) {
        then.run();
    }

    @Override
    public void loaded(Scratch scratch) {
        String name = ScratchDefinition.qualified(select.keyspace(), InsertTarget.ROWS);
        scratch.willHave(name);
        write.carryOut(
                scratch,
                ok -> {
                    made = ok;
                    ready(scratch, () -> show(scratch, name));
                });
    }

    /** The rows that were made have drawn numbers, which are nobody's LAST_INSERT_ID(). */
    private void ready(Scratch scratch, Runnable then) {
        scratch.run(
                List.of(InsertIds.FORGET),
                () -> scratch.ready(NoCommand.INSTANCE, AssemblySettings::loading, then));
    }

    /** With the name that the client gave the table. */
    private String named(String message) {
        return message.replace(InsertTarget.ROWS, select.table());
    }

    private void show(Scratch scratch, String name) {
        scratch.query(
                "SHOW CREATE TABLE " + name,
                answer -> {
                    String shown = Assembly.shownIn(answer);
                    if (!HEAD.matcher(shown).find()) {
                        stop(ErrorCode.ASSEMBLY_FAILED, "what it makes is not shown");
                        return;
                    }
                    String head = "CREATE TABLE " + QuotedName.of(select.keyspace(), filling) + " ";
                    String create =
                            HEAD.matcher(COUNTER.matcher(shown).replaceFirst("$1"))
                                    .replaceFirst(Matcher.quoteReplacement(head));
                    stage = "defining the table";
                    defined = true;
                    define(create, () -> readRows(scratch, shown), assembly::stop);
                });
    }

    private void stop(ErrorCode code, String detail) {
        runner.count(code);
        assembly.stop(ErrPacket.of(code, detail));
    }

    private void define(String sql, Runnable then, Consumer<ErrPacket> failed) {
        var definition =
                new OwnDefinition(
                        runner, services, message -> message.replace(filling, select.table()));
        defining = Optional.of(definition);
        definition.carryOut(
                select.keyspace(),
                sql,
                () -> {
                    defining = Optional.empty();
                    then.run();
                },
                reason -> {
                    defining = Optional.empty();
                    failed.accept(reason);
                });
    }

    private void guarded(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException fault) {
            runner.bug(fault);
        }
    }

    private void readRows(Scratch scratch, String shown) {
        try {
            write.requireNotInterrupted();
        } catch (ShardwayException killed) {
            stop(killed.code(), killed.detail());
            return;
        }
        Optional<TableSchema> schema =
                runner.loop()
                        .serving()
                        .catalog()
                        .sharded(select.keyspace())
                        .flatMap(keyspace -> keyspace.table(filling));
        rows = schema.flatMap(table -> MadeRows.of(target(table), shown));
        if (rows.isEmpty()) {
            stop(ErrorCode.ASSEMBLY_FAILED, "the new table is not as it was made");
            return;
        }
        stage = "reading the rows";
        scratch.ready(
                NoCommand.INSTANCE,
                AssemblySettings::fetching,
                () -> {
                    var own =
                            new FetchedRows(
                                    rows.get(),
                                    new HeldRows(
                                            rows.get().target().schema().name(),
                                            rows.get().hasJson(),
                                            new HeldStatement(services),
                                            this::stop));
                    fetched = Optional.of(own);
                    scratch.read(
                            rows.get().allText(),
                            own.held(),
                            () -> assembly.used(this::storeGuarded));
                });
    }

    private InsertTarget target(TableSchema table) {
        List<String> columns =
                table.columns().stream()
                        .filter(column -> !column.generated())
                        .map(ColumnSchema::name)
                        .toList();
        return new InsertTarget(
                select.keyspace(),
                table,
                table.key(),
                Optional.empty(),
                0,
                0,
                columns,
                OptionalInt.empty());
    }

    private void storeGuarded() {
        guarded(() ->
                endReading(problem ->
                        problem.ifPresentOrElse(error -> failed(error, false), this::store)));
    }

    /** With autocommit off the read was a transaction. */
    private void endReading(Consumer<Optional<ErrPacket>> then) {
        if (session.transaction().isOpen()) {
            new TransactionEnd(runner, true, then).start();
            return;
        }
        if (!session.profile().autocommit()) {
            session.transaction().notBegun();
        }
        then.accept(Optional.empty());
    }

    private void refused(ShardwayException reason) {
        runner.count(reason.code());
        failed(ErrPacket.of(reason.code(), reason.detail()), false);
    }

    private void store() {
        FetchedRows own = fetched.orElseThrow();
        SortedMap<ShardId, List<Integer>> shards;
        try {
            write.requireNotInterrupted();
            shards = own.byShard(runner.loop().serving().topology());
            if (shards.size() > 1 && runner.transactionMode() == TransactionMode.SINGLE) {
                throw new ShardwayException(
                        ErrorCode.DIFFERENT_KEYS,
                        select.read().why()
                                + "; shards "
                                + TransactionRules.names(shards.keySet()));
            }
        } catch (ShardwayException reason) {
            refused(reason);
            return;
        }
        var parts = new ArrayList<SpreadPart>();
        shards.forEach((shard, numbers) -> {
            boolean continues = false;
            for (int from = 0; from < numbers.size(); ) {
                List<Integer> batch = own.batch(numbers, from);
                parts.add(
                        new SpreadPart(shard, batch, command(own, batch), continues)
                                .storing(batch.size(), this::isOfEnumZero));
                continues = true;
                from += batch.size();
            }
        });
        var spread =
                new SpreadStatement(
                        SpreadKind.INSERT,
                        select.read().why(),
                        Traits.ON_TABLES,
                        own.count(),
                        false,
                        Optional.empty(),
                        parts,
                        AssemblySettings::storing,
                        own::release);
        session.transaction().begin("START TRANSACTION");
        var call = new SpreadCall(runner, spread).endingWith(this::stored);
        storing = Optional.of(call);
        call.goOn(
                new SpreadCall.Prior(true, Optional.empty(), 0, List.of(), text, Optional.empty()));
    }

    private boolean isOfEnumZero(Diagnostics.Condition condition) {
        List<ColumnSchema> columns = rows.orElseThrow().target().schema().columns();
        return EnumZero.isWarning(columns, condition.code(), condition.message());
    }

    private StoreCommand command(FetchedRows own, List<Integer> batch) {
        String sql =
                "INSERT INTO "
                        + QuotedName.of(select.keyspace(), filling)
                        + rows.orElseThrow().valuesText(batch.size());
        var key =
                new PreparedKey(
                        sql.getBytes(UTF_8),
                        session.schema(),
                        AssemblySettings.storing(session.profile()));
        return new StoreCommand(key, own.columns(), batch.stream().map(own::row).toList());
    }

    private void stored(Optional<SpreadEnd.Told> problem) {
        storing = Optional.empty();
        if (problem.isPresent()) {
            failed(problem.get().packet(), false);
            return;
        }
        try {
            write.requireNotInterrupted();
        } catch (ShardwayException killed) {
            refused(killed);
            return;
        }
        stage = "naming the table";
        define(
                "RENAME TABLE %s TO %s"
                        .formatted(
                                QuotedName.of(select.keyspace(), filling),
                                QuotedName.of(select.keyspace(), select.table())),
                this::succeed,
                error -> failed(error, false));
    }

    private void succeed() {
        session.diagnosticsAre(
                SpreadAnswer.kept(
                        write.conditions(), session.profile().literal("max_error_count")));
        runner.ok(
                new OkPacket(
                        made.affectedRows(),
                        made.lastInsertId(),
                        runner.status(),
                        made.warnings(),
                        made.info(),
                        List.of()));
    }

    @Override
    public void failed(ErrPacket reason, boolean rolledBack) {
        fetched.ifPresent(FetchedRows::release);
        endReading(_ -> drop(reason));
    }

    private void drop(ErrPacket reason) {
        if (!defined) {
            write.tell(reason);
            return;
        }
        stage = "dropping the table";
        dropping = true;
        String drop = "DROP TABLE IF EXISTS " + QuotedName.of(select.keyspace(), filling);
        define(
                drop,
                () -> write.tell(reason),
                left -> {
                    LOG.warn(
                            "event=table-left table={}.{} session={} reason={}",
                            select.keyspace(),
                            filling,
                            session.id(),
                            left.text());
                    write.tell(withLeft(reason));
                });
    }

    /** Only who knows of the table can drop it. */
    private ErrPacket withLeft(ErrPacket reason) {
        String text =
                "%s The table %s.%s is left and was not dropped: DROP TABLE it."
                        .formatted(reason.text(), select.keyspace(), filling);
        return new ErrPacket(reason.code(), reason.sqlState(), text.getBytes(UTF_8));
    }

    @Override
    public boolean answerBegun() {
        return false;
    }

    @Override
    public String describe() {
        return storing.map(SpreadCall::describe)
                .orElseGet(() -> stage.isEmpty() ? assembly.describe() : stage);
    }

    @Override
    public Optional<String> text() {
        return text;
    }

    @Override
    public void interrupt() {
        write.interrupt();
        if (dropping) {
            return; // It has failed already, and would leave the table.
        }
        if (defining.isPresent()) {
            defining.get().cancel();
        } else if (storing.isPresent()) {
            storing.get().interrupt();
        } else {
            assembly.interrupt();
        }
    }

    @Override
    public void abandon() {
        interrupt();
    }

    @Override
    public void closeConnections() {
        defining.ifPresent(OwnDefinition::forget);
        fetched.ifPresent(FetchedRows::release);
        storing.ifPresentOrElse(SpreadCall::closeConnections, assembly::closeConnections);
    }
}
