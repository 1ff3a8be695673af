package io.shardway.proxy.execution;

import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.protocol.Packets;
import io.shardway.proxy.session.ClientChannel;
import io.shardway.proxy.session.CloseReason;
import io.shardway.proxy.session.Diagnostics;
import io.shardway.proxy.session.Session;
import io.shardway.proxy.session.Transaction;
import io.shardway.proxy.settings.LoadSettings;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.topology.Topology;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * Loads a client's file into a sharded table: asks for it, cuts it into records as MySQL does, and
 * hands each record as it is to the owner's own LOAD DATA LOCAL. All of it or nothing. Confined to
 * its event loop.
 *
 * <p>Nothing waits but what the client has sent in one piece, and a packet for each shard: where
 * one shard is slower than the client, the client is not read. A client goes on sending when its
 * statement has failed; it hears of that behind the end of its file.
 */
final class LoadCall implements RunningCall, LoadShards.Listener, LoadIds.Listener {

    private final StatementRunner runner;
    private final ProxyServices services;
    private final Session session;
    private final ClientChannel client;
    private final LoadStatement statement;
    private final LoadSettings settings;
    private final Topology topology;
    private final UploadedFile file = new UploadedFile(this::arrived);
    private final LoadShards shards;
    private final LoadLook look;

    private Optional<FileRecords> records = Optional.empty();
    private byte[] text = new byte[0];
    private Optional<RecordOwner> owner = Optional.empty();
    private Optional<LoadIds> ids = Optional.empty();
    private long firstStored;
    private Optional<LoadPart> lastPart = Optional.empty();
    private Optional<Failure> failure = Optional.empty();
    private Optional<SpreadEnd.Told> told = Optional.empty();
    private Stage stage = Stage.LOOKING;
    private boolean own;
    private boolean pumping;
    private boolean paused;
    private boolean stalled;
    private boolean undoing;

    /** How far the statement is. */
    private enum Stage {
        LOOKING,
        LOADING,
        /** The file is over; the shards finish. */
        ENDING,
        /** All shards have carried out their part, or a failure is being undone. */
        SETTLING,
        DONE
    }

    /** Why the statement failed, and on which node, if it was one. */
    private record Failure(ErrPacket packet, Optional<LoadPart> part) {}

    LoadCall(StatementRunner runner, ProxyServices services, LoadStatement statement) {
        this.runner = runner;
        this.services = services;
        this.session = runner.session();
        this.client = runner.client();
        this.statement = statement;
        this.settings = services.settings().load();
        this.topology = runner.loop().serving().topology();
        this.shards = new LoadShards(runner, statement, this);
        this.look = new LoadLook(runner, statement.file(), this::ask, this::refuse);
    }

    @Override
    public void start() {
        Optional<ShardwayException> forbidden =
                TransactionRules.forbidsSpread(session, "LOAD DATA");
        if (forbidden.isPresent()) {
            refuse(forbidden.get().code(), forbidden.get().detail());
        } else {
            own = !TransactionRules.isInTransaction(session);
            look.start();
        }
    }

    private void refuse(ErrorCode code, String detail) {
        runner.count(code);
        refuse(ErrPacket.of(code, detail));
    }

    /** Before the client was asked for anything. */
    private void refuse(ErrPacket packet) {
        stage = Stage.DONE;
        runner.failWith(packet);
    }

    private void ask(LoadLook.Seen seen) {
        if (failure.isPresent()) {
            refuse(failure.get().packet());
            return;
        }
        if (!client.isOpen()) {
            stage = Stage.DONE;
            runner.callDone(true);
            return;
        }
        try {
            var reading = LoadReading.of(runner, services, statement, seen, file, this);
            owner = Optional.of(reading.owner());
            ids = reading.ids();
            records = Optional.of(reading.records());
        } catch (ShardwayException refused) {
            refuse(refused.code(), refused.detail());
            return;
        }
        text = statement.textIn(seen.charsetName());
        if (own) {
            session.transaction().begin("START TRANSACTION");
        }
        stage = Stage.LOADING;
        client.upload(file);
        client.write(
                Packets.frame(
                        client.allocator(),
                        runner.nextSequence(),
                        out -> out.writeByte(0xFB).writeBytes(statement.fileName())));
        client.flush();
        watch();
    }

    /** A client that neither goes on with its file nor leaves would keep locks on all shards. */
    private void watch() {
        client.eventLoop()
                .schedule(
                        this::look, settings.clientTimeout().toMillis() / 4, TimeUnit.MILLISECONDS);
    }

    private void look() {
        if (stage == Stage.DONE || file.isEnded()) {
            return;
        }
        long silent = System.nanoTime() - file.heardNanos();
        if (!paused && silent > settings.clientTimeout().toNanos()) {
            stalled = true;
            runner.count(ErrorCode.FILE_STALLED);
            failed(ErrPacket.of(ErrorCode.FILE_STALLED, ""), Optional.empty());
            tell();
        } else {
            watch();
        }
    }

    /** A piece of the file came; or its end, on which nobody may build within this call. */
    private void arrived(int sequence) {
        runner.clientSent(sequence);
        if (file.isEnded()) {
            client.eventLoop().execute(this::goOn);
        } else {
            goOn();
        }
    }

    private void goOn() {
        try {
            if (failure.isPresent()) {
                tell();
            } else {
                pump();
            }
        } catch (RuntimeException bug) {
            runner.bug(bug);
        }
    }

    private void pump() {
        if (pumping) {
            return;
        }
        pumping = true;
        try {
            while (stage == Stage.LOADING && failure.isEmpty() && step()) {
                // One record after the other.
            }
        } catch (ShardwayException refused) {
            failed(refused);
        } finally {
            pumping = false;
        }
    }

    private void pause(boolean now) {
        if (paused != now) {
            paused = now;
            client.readOn(!now);
        }
    }

    /** Takes one record; false if something must come first. */
    private boolean step() {
        for (LoadPart part : shards.all()) {
            if (part.isBlocked()) {
                pause(true);
                return false;
            }
        }
        FileRecords from = records.orElseThrow();
        int to = from.next();
        return switch (to) {
            case RecordCutter.MORE -> {
                pause(false);
                yield false;
            }
            case RecordCutter.END -> fileOver(from.taken());
            default -> deliver(from, to);
        };
    }

    private boolean deliver(FileRecords from, int to) {
        RecordOwner records = owner.orElseThrow();
        Optional<ShardId> whose = records.of(from.cutter(), from.taken() + 1L);
        if (whose.isEmpty()) {
            pause(true);
            return false;
        }
        ShardId shard = whose.get();
        Optional<LoadPart> known = shards.of(shard);
        if (known.isEmpty()) {
            shards.requireAllowed(shard, from.taken() + 1L);
            pause(true);
            shards.begin(shard, own);
            return false;
        }
        LoadPart part = known.get();
        switch (part.stage()) {
            case LOADING -> {
                records.write(part, from.cutter(), file.bytes(), file.from(), to, from.taken());
                from.take(to);
                lastPart = Optional.of(part);
                if (part.isFull()) {
                    part.end();
                }
                return true;
            }
            case IDLE -> {
                pause(true);
                shards.ask(part, text);
            }
            case STARTING, ASKED, ENDING, FAILED -> pause(true);
        }
        return false;
    }

    /** The statement goes to a node even without records: every MySQL answers it. */
    private boolean fileOver(int taken) {
        if (shards.all().isEmpty()) {
            Transaction transaction = session.transaction();
            shards.begin(
                    transaction.writtenShards().stream()
                            .findFirst()
                            .orElse(topology.defaultShard()),
                    own);
            return false;
        }
        for (LoadPart part : shards.all()) {
            switch (part.stage()) {
                case STARTING, ASKED -> {
                    return false;
                }
                case IDLE -> {
                    if (taken == 0) {
                        shards.ask(part, text);
                        return false;
                    }
                }
                case LOADING, ENDING, FAILED -> {}
            }
        }
        stage = Stage.ENDING;
        shards.all().stream()
                .filter(part -> part.stage() == LoadPart.Stage.LOADING)
                .forEach(LoadPart::end);
        carriedOut();
        return false;
    }

    @Override
    public void canGoOn() {
        goOn();
    }

    @Override
    public void carriedOut() {
        if (failure.isPresent()) {
            undoWhenQuiet();
        } else if (stage == Stage.ENDING) {
            if (shards.areQuiet()) {
                complete();
            }
        } else {
            goOn();
        }
    }

    private void complete() {
        stage = Stage.SETTLING;
        Map<String, Optional<String>> variables =
                lastPart.map(LoadPart::variables).orElse(Map.of());
        if (!variables.isEmpty() && runner.holdsTooMuch(session.profile().with(variables))) {
            failed(ErrPacket.of(ErrorCode.TOO_MANY_SETTINGS, ""), Optional.empty());
            return;
        }
        readFirstStored()
                .thenCompose(_ -> shards.end().setTimesBack())
                .whenComplete((_, problem) -> {
                    try {
                        if (problem != null) {
                            shards.failed(problem, Optional.empty());
                        } else {
                            if (!variables.isEmpty()) {
                                session.profileIs(session.profile().with(variables));
                            }
                            finish();
                        }
                    } catch (RuntimeException bug) {
                        runner.bug(bug);
                    }
                });
    }

    /** Of drawn ids MySQL sees given ones only, which leave LAST_INSERT_ID() alone. */
    private CompletionStage<?> readFirstStored() {
        boolean stored = shards.all().stream().anyMatch(part -> part.affected() > 0);
        return ids.filter(own -> stored && own.areUsed())
                .map(own -> own.firstStored(shards.spreads(), statement.file().replaces()))
                .orElseGet(() -> CompletableFuture.completedStage(0L))
                .thenAccept(id -> firstStored = id);
    }

    private void finish() {
        shards.end().finish(own, shards.spreads(), this::succeed, this::answer);
    }

    private void succeed() {
        stage = Stage.DONE;
        pause(false);
        LoadTold.Answer answer = shards.answer();
        if (firstStored != 0) {
            session.lastInsertIdIs(firstStored);
        }
        session.diagnosticsAre(answer.diagnostics());
        runner.ok(answer.packet());
    }

    @Override
    public void failed(ShardwayException refused) {
        runner.count(refused.code());
        failed(ErrPacket.of(refused.code(), refused.detail()), Optional.empty());
    }

    /** The first failure is told, when nothing of the statement is left. */
    @Override
    public void failed(ErrPacket packet, Optional<LoadPart> part) {
        if (failure.isPresent()) {
            undoWhenQuiet();
            return;
        }
        failure = Optional.of(new Failure(packet, part));
        ids.ifPresent(LoadIds::forget);
        file.discard();
        pause(false);
        shards.breakOff();
        undoWhenQuiet();
    }

    private void undoWhenQuiet() {
        if (undoing || stage == Stage.DONE || !shards.areQuiet()) {
            return;
        }
        stage = Stage.SETTLING;
        undoing = true;
        Failure why = failure.orElseThrow();
        shards.end()
                .undo(
                        own,
                        why.part().map(LoadPart::spread).filter(p -> !p.isLost()),
                        why.packet(),
                        each -> {
                            told = Optional.of(each);
                            tell();
                        })
                .whenComplete((_, fault) -> {
                    if (fault != null) {
                        runner.bug(fault);
                    }
                });
    }

    /** Once all is undone and the client has come to the end of its file, or never will. */
    private void tell() {
        boolean listens = file.isEnded() || stalled || !client.isOpen();
        if (told.isPresent() && listens && stage != Stage.DONE) {
            answer(told.get());
        }
    }

    private void answer(SpreadEnd.Told problem) {
        stage = Stage.DONE;
        pause(false);
        runner.tell(problem.packet());
        if (!problem.conditions().isEmpty()) {
            session.diagnosticsAre(
                    new Diagnostics(problem.conditions())
                            .endedBy(problem.packet().code(), problem.packet().sqlState()));
        }
        if (stalled) {
            client.close(CloseReason.IDLE);
        }
        runner.callDone(true);
    }

    @Override
    public boolean answerBegun() {
        return stage != Stage.LOOKING && !file.isEnded();
    }

    @Override
    public String describe() {
        return switch (stage) {
            case LOOKING -> "waiting for " + runner.defaultShard();
            case LOADING ->
                    failure.isPresent()
                            ? "rolling back"
                            : paused ? "loading, waits for shards" : "loading, waits for client";
            case ENDING -> "loading";
            case SETTLING -> "settling";
            case DONE -> "";
        };
    }

    @Override
    public Optional<String> text() {
        return Optional.of(statement.shown());
    }

    @Override
    public void interrupt() {
        ErrPacket interrupted = ErrPacket.of(ErrorCode.QUERY_INTERRUPTED, "");
        switch (stage) {
            case LOOKING -> {
                failure = Optional.of(new Failure(interrupted, Optional.empty()));
                if (look.forget()) {
                    refuse(interrupted);
                }
            }
            case LOADING, ENDING -> {
                runner.count(ErrorCode.QUERY_INTERRUPTED);
                failed(interrupted, Optional.empty());
            }
            case SETTLING, DONE -> {}
        }
    }

    /** The rest of the file will never come; but where all of it has come, it goes on. */
    @Override
    public void abandon() {
        if (stage == Stage.LOOKING || !file.isEnded()) {
            interrupt();
        }
        tell();
    }

    @Override
    public void closeConnections() {
        stage = Stage.DONE;
        ids.ifPresent(LoadIds::forget);
        for (SpreadPart part : shards.spreads()) {
            if (part.isConnected()) {
                part.connection().close();
            }
        }
    }
}
