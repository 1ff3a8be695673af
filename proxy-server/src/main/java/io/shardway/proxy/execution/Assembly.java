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
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.Access;
import io.shardway.router.plan.AssembledTable;
import io.shardway.router.plan.AssembledText;
import io.shardway.router.plan.Top;
import io.shardway.router.topology.TableKind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A read of rows on several shards: brings them into temporary tables on the default shard and has
 * MySQL run the client's statement on them. The first failure ends it; the client hears of it when
 * nothing is under way any more. Confined to its event loop.
 */
final class Assembly implements RunningCall, Pull.Listener, ScratchLoader.Suppliers {

    /** A write that uses the rows itself, instead of the client's statement that answers. */
    interface Use {
        /** Whether nobody may change the rows until the transaction ends. */
        boolean locks();

        /** Makes what it needs on the scratch connection, before other tables hide its own. */
        void begin(Scratch scratch, Runnable then);

        /** The tables of which a copy stays as the rows came, and what it is called. */
        default Map<AssembledTable, String> kept() {
            return Map.of();
        }

        /** What else is done to the tables when all rows are there. */
        default List<String> completing() {
            return List.of();
        }

        /** Whether all rows of a table are needed, whatever the statement's conditions are. */
        default boolean needsAll(AssembledTable table) {
            return false;
        }

        /** All rows have come; the connection is ready for the statement. */
        void loaded(Scratch scratch);

        /**
         * It failed, and nothing is under way any more.
         *
         * @param rolledBack whether a node has rolled the transaction back
         */
        void failed(ErrPacket reason, boolean rolledBack);
    }

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
    private final Optional<Use> use;
    private final Scratch scratch;
    private final AssemblyTables tables;
    private final List<Pull> pulls = new ArrayList<>();
    private final ArrayDeque<Pull> waiting = new ArrayDeque<>();

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
    private int pulling;
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
            Optional<Use> use) {
        this.use = use;
        this.runner = runner;
        this.services = services;
        this.session = runner.session();
        this.statement = statement;
        this.pulled = statement.pulled();
        this.command = statement.command();
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
        if (use.isPresent() || pages.isEmpty()) {
            pages = Optional.empty();
            pull();
            return;
        }
        pages.get()
                .make(made -> {
                    pages = pages.filter(_ -> made);
                    pull();
                });
    }

    private void pull() {
        stage = Stage.PULLING;
        ScratchLoader loading =
                load(pages.map(deep -> List.of(deep.keys())).orElseGet(this::sources));
        tablesByShard()
                .forEach((shard, tables) -> {
                    var pull = new Pull(runner, shard, tables, pages.isPresent(), loading, this);
                    pulls.add(pull);
                    waiting.add(pull);
                });
        pulling = waiting.size();
        if (pulling == 0) {
            loading.finish(this::loaded);
        }
        nextPull();
    }

    private ScratchLoader load(List<ScratchLoader.Source> sources) {
        var loading = new ScratchLoader(scratch, services.settings().assemble(), sources, this);
        loader = Optional.of(loading);
        return loading;
    }

    @Override
    public void looked() {
        if (pulls.stream().allMatch(Pull::hasLooked)) {
            loader.orElseThrow().finish(() -> pages.orElseThrow().count(this::readPages));
        }
    }

    private void readPages() {
        countRows();
        ScratchLoader loading = load(List.of(pages.orElseThrow().rows()));
        List.copyOf(pulls).forEach(pull -> pull.readOn(loading));
    }

    private void takePages(boolean same) {
        pages = pages.filter(_ -> same);
        if (same) {
            loaded();
        } else {
            pullAgain();
        }
    }

    private List<ScratchLoader.Source> sources() {
        if (made.isPresent()) {
            PartialTable partial = made.get().table();
            return List.of(
                    new ScratchLoader.Source(
                            partial, AssembledText.Asked.ALL, false, Optional.empty()));
        }
        var sources = new ArrayList<ScratchLoader.Source>();
        for (int table = 0; table < pulled.size(); table++) {
            ScratchDefinition definition = tables.definitions().get(table);
            AssembledTable source = pulled.get(table);
            AssembledText.Asked asked =
                    use.filter(user -> user.needsAll(source)).isPresent()
                            ? AssembledText.Asked.ALL
                            : statement.asked().get(table);
            // What a generated column is may hang on settings that the session has and a pull not.
            boolean first = definition.stores(asked.orderedColumns());
            boolean locked = use.map(Use::locks).orElse(false);
            sources.add(
                    new ScratchLoader.Source(
                            definition,
                            first ? asked : asked.unordered(),
                            locked,
                            statement.sparing().reading()));
        }
        return sources;
    }

    private Map<ShardId, List<Integer>> tablesByShard() {
        Serving serving = runner.loop().serving();
        var tables = new TreeMap<ShardId, List<Integer>>();
        if (made.isPresent()) {
            statement
                    .shards()
                    .forEach(shards -> shards.forEach(shard -> tables.put(shard, List.of(0))));
            return tables;
        }
        for (int index = 0; index < pulled.size(); index++) {
            List<ShardId> shards =
                    switch (pulled.get(index).schema().kind()) {
                        case SHARDED -> statement.shards().get(index);
                        case REFERENCE -> List.of(runner.anyShard(serving, statement.traits()));
                        case SINGLE -> List.of(serving.topology().defaultShard());
                    };
            for (ShardId shard : shards) {
                tables.computeIfAbsent(shard, _ -> new ArrayList<>()).add(index);
            }
        }
        return tables;
    }

    /**
     * One after the other, in the order of the shards, so that no two statements wait in a ring.
     */
    private void nextPull() {
        Pull next = waiting.poll();
        if (next != null) {
            next.start();
        }
    }

    @Override
    public void connected() {
        if (stage == Stage.PULLING && !isLocking()) {
            nextPull();
        }
    }

    @Override
    public SettingsProfile pulling(SettingsProfile settings) {
        return made.isPresent() ? statement.grouping(settings) : statement.pulling(settings);
    }

    /** Then rows are locked shard by shard, so that two such statements do not wait crosswise. */
    private boolean isLocking() {
        return use.map(Use::locks).orElse(false)
                || pulled.stream().anyMatch(table -> !table.lock().isEmpty());
    }

    @Override
    public void ended(Pull pull) {
        pulling--;
        if (stage == Stage.STOPPING) {
            endIfQuiet();
        } else if (pulling == 0) {
            loader.orElseThrow().finish(this::pulled);
        } else if (stage == Stage.PULLING && isLocking()) {
            nextPull();
        }
    }

    private void pulled() {
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
        pulls.forEach(pull -> pull.readOn(on));
    }

    private void loaded() {
        countRows();
        var texts = new ArrayList<String>();
        for (AssembledText.Copy copy : statement.copies()) {
            ScratchDefinition source = tables.definitions().get(pulled.indexOf(copy.table()));
            scratch.willHave(ScratchDefinition.qualified(copy.table().keyspace(), copy.name()));
            texts.addAll(source.copyTexts(copy.name()));
        }
        use.map(Use::kept)
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
        runner.callDone(failed, pulls.stream().anyMatch(Pull::hasRolledBack));
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
        pulling -= waiting.size();
        waiting.clear();
        List.copyOf(pulls).forEach(Pull::stop);
        scratch.stop(() -> {
            scratchIdle = true;
            endIfQuiet();
        });
        endIfQuiet();
    }

    private void endIfQuiet() {
        if (stage != Stage.STOPPING || pulling > 0 || !scratchIdle) {
            return;
        }
        loader.ifPresent(ScratchLoader::forget);
        countRows();
        release();
        clean(() -> {
            if (use.isPresent()) {
                boolean rolledBack = pulls.stream().anyMatch(Pull::hasRolledBack);
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
            case PULLING -> "reading from " + pulling + " shards";
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
        pulls.forEach(Pull::close);
        scratch.close();
        stop(ErrPacket.of(ErrorCode.BUG, ""));
    }
}
