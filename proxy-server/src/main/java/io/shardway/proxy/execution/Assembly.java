package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.CollectedAnswer;
import io.shardway.proxy.backend.PreparedKey;
import io.shardway.proxy.backend.SettingsProfile;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.session.Session;
import io.shardway.proxy.session.Transaction;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.plan.Access;
import io.shardway.router.plan.AssembledTable;
import io.shardway.router.plan.AssembledText;
import io.shardway.router.plan.Top;
import io.shardway.router.topology.TableKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A read of rows on several shards: brings them into temporary tables on the default shard and has
 * MySQL run the client's statement on them. The first failure ends it; the client hears of it when
 * nothing is under way any more. Confined to its event loop.
 */
final class Assembly implements RunningCall, AssemblyPulls.Owner, ScratchLoader.Suppliers {

    /** How far it has come. */
    private enum Stage {
        NEW,
        /** Waits for the scratch connection, or makes tables there. */
        MAKING,
        /** Rows are on their way. */
        PULLING,
        /** The client's statement runs. */
        FINISHING,
        /** It failed, and waits for what is still under way. */
        STOPPING,
        /** Temporary tables are dropped. */
        CLEANING,
        DONE
    }

    private final StatementRunner runner;
    private final ProxyServices services;
    private final Session session;
    private final AssembledStatement statement;
    private final List<AssembledTable> pulled;
    private final BackendCommand command;
    private final Optional<AssemblyUse> use;
    private final Scratch scratch;
    private final AssemblyTables tables;
    private final AssemblyPulls pulls;

    private Stage stage = Stage.NEW;
    private Optional<ScratchLoader> loader = Optional.empty();
    private Optional<Finish> finish = Optional.empty();

    /** What is brought instead of rows, while that may do. */
    private Optional<PartialMaking.Made> made = Optional.empty();

    /** What is read instead of all rows, while that may do. */
    private Optional<DeepPages> pages = Optional.empty();

    private Optional<BackendCommand> paged = Optional.empty();
    private boolean inexact;
    private Optional<ErrPacket> failure = Optional.empty();
    private boolean scratchIdle;
    private boolean counted;
    private boolean broken;

    /**
     * @param statement with the tables that {@link #pulledOf} says
     */
    Assembly(StatementRunner runner, ProxyServices services, AssembledStatement statement) {
        this(runner, services, statement, Optional.empty());
    }

    Assembly(
            StatementRunner runner,
            ProxyServices services,
            AssembledStatement statement,
            Optional<AssemblyUse> use) {
        this.use = use;
        this.runner = runner;
        this.services = services;
        this.session = runner.session();
        this.statement = statement;
        this.pulled = statement.pulled();
        this.command = statement.command();
        this.pulls = new AssemblyPulls(runner, this, this::isLocking);
        this.scratch = new Scratch(runner, this::stop);
        this.tables = new AssemblyTables(runner, scratch, statement, use, this::stop, this::pull);
    }

    /** With sql_auto_is_null an id that IS NULL is the last one drawn, on one connection. */
    static boolean findsLastIdByNull(Session session) {
        return session.profile()
                .literal("sql_auto_is_null")
                .filter(value -> !Set.of("0", "'0'", "OFF", "'OFF'").contains(value))
                .isPresent();
    }

    /**
     * The tables whose rows must be brought. Those that the default shard has whole are read there,
     * except in a transaction, which must see its own writes, and where rows are locked.
     */
    static List<AssembledTable> pulledOf(List<AssembledTable> tables, Session session) {
        boolean all =
                TransactionRules.isInTransaction(session)
                        || tables.stream().anyMatch(table -> !table.lock().isEmpty());
        return tables.stream()
                .filter(table -> all || table.schema().kind() == TableKind.SHARDED)
                .toList();
    }

    @Override
    public void start() {
        Optional<ShardwayException> forbidden =
                TransactionRules.forbids(session, Access.READ, runner.defaultShard());
        if (forbidden.isPresent()) {
            refuse(forbidden.get().code(), forbidden.get().detail());
        } else if (session.transaction().isSnapshot()) {
            refuse(ErrorCode.NOT_OFFERED, "a consistent snapshot is one plain keyspace's");
        } else if (findsLastIdByNull(session)) {
            refuse(ErrorCode.NOT_OFFERED, "reads over several shards with sql_auto_is_null");
        } else if (!services.assemblies().tryAcquire()) {
            int most = services.settings().assemble().concurrentMax();
            refuse(ErrorCode.TOO_MANY_ASSEMBLIES, most + " are being carried out");
        } else {
            counted = true;
            useCharacteristics();
            stage = Stage.MAKING;
            scratch.lease(tables::make);
        }
    }

    private void refuse(ErrorCode code, String detail) {
        stage = Stage.DONE;
        release();
        if (use.isPresent()) {
            runner.count(code);
            use.get().failed(ErrPacket.of(code, detail), false);
        } else {
            runner.fail(code, detail);
        }
    }

    private void release() {
        command.release();
        statement.partials().ifPresent(partials -> partials.finishing().release());
        paged.ifPresent(BackendCommand::release);
    }

    /** SET TRANSACTION without a transaction to come is for this statement alone. */
    private void useCharacteristics() {
        Transaction transaction = session.transaction();
        if (!TransactionRules.isInTransaction(session)
                && !transaction.nextCharacteristics().isEmpty()) {
            transaction.useNext();
        }
    }

    static String shownIn(CollectedAnswer answer) {
        byte[] text =
                answer instanceof CollectedAnswer.Rows rows && rows.rowCount() == 1
                        ? rows.cell(0, 1)
                        : null;
        return text == null ? "" : new String(text, UTF_8);
    }

    /** Empty tables are there. */
    private void pull(Optional<PartialMaking.Made> partials) {
        made = partials;
        if (made.isPresent()) {
            pull();
        } else {
            if (statement.partials().isPresent()) {
                runner.assembled();
            }
            pullRows(this::pullPages);
        }
    }

    private void pullRows(Runnable pulling) {
        if (tables.definitions().stream().anyMatch(ScratchDefinition::hasEnum)) {
            scratch.ready(NoCommand.INSTANCE, AssemblySettings::loadingWithWarnings, pulling);
        } else {
            pulling.run();
        }
    }

    private void pullPages() {
        pages = DeepPages.of(scratch, statement, tables.definitions());
        pages.ifPresentOrElse(
                deep ->
                        deep.make(made -> {
                            pages = pages.filter(_ -> made);
                            pull();
                        }),
                this::pull);
    }

    private void pull() {
        stage = Stage.PULLING;
        var sources = new PullSources(runner, statement, use);
        if (made.isPresent()) {
            pulls.start(sources.ofPartials(), false, load(sources.partials(made.get().table())));
        } else {
            pulls.start(
                    sources.tablesByShard(),
                    pages.isPresent(),
                    load(
                            pages.map(deep -> List.of(deep.keys()))
                                    .orElseGet(() -> sources.rows(tables.definitions()))));
        }
    }

    private ScratchLoader load(List<ScratchLoader.Source> sources) {
        var loading = new ScratchLoader(scratch, services.settings().assemble(), sources, this);
        loader = Optional.of(loading);
        return loading;
    }

    @Override
    public void looked() {
        loader.orElseThrow().finish(() -> pages.orElseThrow().count(this::readPages));
    }

    private void readPages() {
        countRows();
        pulls.readOn(load(List.of(pages.orElseThrow().rows())));
    }

    private void takePages(boolean same) {
        pages = pages.filter(_ -> same);
        if (same) {
            loaded();
        } else {
            pullAgain();
        }
    }

    @Override
    public SettingsProfile pulling(SettingsProfile settings) {
        return made.isPresent() ? statement.grouping(settings) : statement.pulling(settings);
    }

    private boolean isLocking() {
        return use.map(AssemblyUse::locks).orElse(false)
                || pulled.stream().anyMatch(table -> !table.lock().isEmpty());
    }

    @Override
    public void pulled() {
        loader.orElseThrow().finish(this::allThere);
    }

    @Override
    public void stopped() {
        endIfQuiet();
    }

    private void allThere() {
        if (inexact) {
            runner.assembled();
            pullAgain();
        } else if (pages.isPresent()) {
            pages.get().take(this::takePages);
        } else {
            loaded();
        }
    }

    @Override
    public void inexact() {
        inexact = true;
    }

    /** What came will not do: all rows are needed. */
    private void pullAgain() {
        countRows();
        loader.ifPresent(ScratchLoader::forget);
        inexact = false;
        made = Optional.empty();
        pullRows(this::pull);
    }

    @Override
    public void failed(ErrPacket reason) {
        stop(reason);
    }

    @Override
    public void readOn(boolean on) {
        pulls.readOn(on);
    }

    private void loaded() {
        countRows();
        var texts = new ArrayList<String>();
        for (AssembledText.Copy copy : statement.copies()) {
            ScratchDefinition source = tables.definitions().get(pulled.indexOf(copy.table()));
            scratch.willHave(ScratchDefinition.qualified(copy.table().keyspace(), copy.name()));
            texts.addAll(source.copyTexts(copy.name()));
        }
        use.map(AssemblyUse::kept)
                .orElse(Map.of())
                .forEach((table, name) -> {
                    scratch.willHave(ScratchDefinition.qualified(table.keyspace(), name));
                    texts.addAll(tables.definitions().get(pulled.indexOf(table)).copyTexts(name));
                });
        use.ifPresent(user -> texts.addAll(user.completing()));
        scratch.run(texts, this::finish);
    }

    private void countRows() {
        loader.ifPresent(loading -> services.countedAssembly(loading.rows(), loading.bytes()));
    }

    private void finish() {
        forgetPrepared(scratch.connected(), command);
        paged = pages.map(_ -> paged());
        BackendCommand sent =
                made.flatMap(_ -> statement.partials())
                        .map(PartialStatement::finishing)
                        .or(() -> paged)
                        .orElse(command);
        Optional<AnswerNames> names =
                made.map(known -> new AnswerNames(known.answer(), runner.client().allocator()))
                        .or(tables::names);
        scratch.ready(
                statement.traits(),
                sent,
                statement::finishing,
                () -> {
                    stage = Stage.FINISHING;
                    if (use.isPresent()) {
                        use.get().loaded(scratch);
                        return;
                    }
                    var finishing =
                            new Finish(
                                    runner,
                                    scratch.connected(),
                                    statement,
                                    sent,
                                    names,
                                    pages.map(DeepPages::skipped).orElse(0L),
                                    this::finished);
                    finish = Optional.of(finishing);
                    finishing.start();
                });
    }

    /** The statement for its answer's rows alone. */
    private BackendCommand paged() {
        Top top = pulled.getFirst().top().orElseThrow();
        return statement
                .sparing()
                .paged()
                .orElseThrow()
                .apply(
                        top.unskipped(
                                statement.original(),
                                statement.settings().dialect(),
                                statement.asked().getFirst().wanted()));
    }

    /** The tables of a name are others on a scratch connection than they were, or will be. */
    static void forgetPrepared(BackendConnection connection, BackendCommand command) {
        PreparedKey key = command.needsPrepared();
        if (key != null) {
            connection.forget(key);
        }
        if (command.needsNamed() != null) {
            connection.namedIs(Optional.empty());
        }
    }

    /** The user of the rows has what it wants. */
    void used(Runnable then) {
        release();
        clean(then);
    }

    private void finished(boolean failed) {
        release();
        clean(() -> end(failed));
    }

    private void clean(Runnable then) {
        stage = Stage.CLEANING;
        scratch.giveBack(() -> {
            stage = Stage.DONE;
            if (counted) {
                services.assemblies().release();
            }
            if (!broken) {
                then.run();
            }
        });
    }

    private void end(boolean failed) {
        runner.callDone(failed, pulls.haveRolledBack());
    }

    /** Nothing was answered yet: ends what is under way, then tells the client. */
    @Override
    public void stop(ErrPacket reason) {
        boolean using = stage == Stage.FINISHING && use.isPresent();
        if (stage != Stage.MAKING && stage != Stage.PULLING && !using) {
            return;
        }
        failure = Optional.of(reason);
        stage = Stage.STOPPING;
        pulls.stop();
        scratch.stop(() -> {
            scratchIdle = true;
            endIfQuiet();
        });
        endIfQuiet();
    }

    private void endIfQuiet() {
        if (stage != Stage.STOPPING || pulls.under() > 0 || !scratchIdle) {
            return;
        }
        loader.ifPresent(ScratchLoader::forget);
        countRows();
        release();
        clean(() -> {
            if (use.isPresent()) {
                boolean rolledBack = pulls.haveRolledBack();
                use.get().failed(failure.orElseThrow(), rolledBack);
                return;
            }
            runner.tell(failure.orElseThrow());
            end(true);
        });
    }

    @Override
    public boolean answerBegun() {
        return finish.map(Finish::answerBegun).orElse(false);
    }

    @Override
    public String describe() {
        return switch (stage) {
            case NEW -> "routing";
            case MAKING -> "preparing to assemble";
            case PULLING -> "reading from " + pulls.under() + " shards";
            case FINISHING -> finish.map(Finish::describe).orElse("making rows");
            case STOPPING -> "stopping";
            case CLEANING -> "cleaning up";
            case DONE -> "";
        };
    }

    @Override
    public Optional<String> text() {
        return command.text();
    }

    @Override
    public void interrupt() {
        if (stage == Stage.FINISHING && use.isEmpty()) {
            finish.ifPresent(Finish::interrupt);
        } else if (stage == Stage.MAKING || stage == Stage.PULLING || stage == Stage.FINISHING) {
            services.counted(ErrorCode.QUERY_INTERRUPTED);
            stop(ErrPacket.of(ErrorCode.QUERY_INTERRUPTED, ""));
        }
    }

    @Override
    public void abandon() {
        finish.ifPresent(Finish::abandon);
        interrupt();
    }

    @Override
    public void closeConnections() {
        broken = true;
        pulls.close();
        scratch.close();
        stop(ErrPacket.of(ErrorCode.BUG, ""));
    }
}
