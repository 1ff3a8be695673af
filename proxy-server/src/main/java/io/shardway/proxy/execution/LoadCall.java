package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.CollectedAnswer;
import io.shardway.proxy.backend.SettingsProfile;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.protocol.OkPacket;
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
import io.shardway.router.plan.Access;
import io.shardway.router.plan.FileKeys;
import io.shardway.router.plan.TransactionMode;
import io.shardway.router.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
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
final class LoadCall implements RunningCall {

    /** A node waits so long for records while others get theirs: an hour. */
    private static final String WAIT_SECONDS = "3600";

    /** Larger pieces of a record are not read again each time that more of it has come. */
    private static final int SMALL_BYTES = 64 << 10;

    private final StatementRunner runner;
    private final Session session;
    private final ClientChannel client;
    private final LoadStatement statement;
    private final LoadSettings settings;
    private final Topology topology;
    private final UploadedFile file = new UploadedFile(this::arrived);
    private final Map<ShardId, LoadPart> parts = new TreeMap<>();
    private final List<SpreadPart> spreads = new ArrayList<>();
    private final List<List<Diagnostics.Condition>> conditions = new ArrayList<>();
    private final SpreadEnd end;
    private final LoadLook look;

    private Optional<RecordCutter> cutter = Optional.empty();
    private byte[] text = new byte[0];
    private FileKeys.Encoding keys = FileKeys.Encoding.OTHER;
    private Optional<String> time = Optional.empty();
    private Optional<Borrow> waiting = Optional.empty();
    private Optional<LoadPart> lastPart = Optional.empty();
    private Optional<Failure> failure = Optional.empty();
    private Optional<SpreadEnd.Told> told = Optional.empty();
    private Stage stage = Stage.LOOKING;
    private boolean own;
    private boolean pumping;
    private boolean paused;
    private boolean stalled;
    private boolean undoing;
    private long linesToSkip;
    private int records;
    private int triedWith;
    private int repeated;

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

    LoadCall(StatementRunner runner, LoadStatement statement, LoadSettings settings) {
        this.runner = runner;
        this.session = runner.session();
        this.client = runner.client();
        this.statement = statement;
        this.settings = settings;
        this.topology = runner.loop().serving().topology();
        this.end = new SpreadEnd(runner, spreads);
        this.look = new LoadLook(runner, statement.file(), this::ask, this::refuse);
        this.linesToSkip = statement.format().ignoredLines();
    }

    @Override
    public void start() {
        Transaction transaction = session.transaction();
        boolean autocommit = session.profile().autocommit();
        if (transaction.isFailed()) {
            refuse(ErrorCode.TRANSACTION_FAILED, "");
        } else if (transaction.isSnapshot()) {
            refuse(ErrorCode.NOT_OFFERED, "a consistent snapshot is one plain keyspace's");
        } else if (!transaction.isOpen() && autocommit && !transaction.leases().isEmpty()) {
            refuse(
                    ErrorCode.NOT_OFFERED,
                    "LOAD DATA while the session keeps state on one connection: a cursor, GET_LOCK"
                            + " or the like");
        } else {
            own = !transaction.isOpen() && autocommit;
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
        int keyAt = position(seen.fields(), statement.file().keyColumn());
        int idAt = statement.file().idColumn().map(id -> position(seen.fields(), id)).orElse(-1);
        if (keyAt < 0 || (idAt < 0 && statement.file().idColumn().isPresent())) {
            refuse(
                    ErrorCode.KEY_NOT_EXACT,
                    "list the columns of the file, with column " + statement.file().keyColumn());
            return;
        }
        keys = seen.charset().keys();
        text = statement.textIn(seen.charsetName());
        cutter =
                Optional.of(
                        new RecordCutter(
                                statement.format(),
                                seen.charset(),
                                seen.fields().size(),
                                keyAt,
                                idAt));
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

    private static int position(List<String> fields, String column) {
        for (int i = 0; i < fields.size(); i++) {
            if (fields.get(i).equalsIgnoreCase(column)) {
                return i;
            }
        }
        return -1;
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
            fail(ErrPacket.of(ErrorCode.FILE_STALLED, ""), Optional.empty());
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
            runner.count(refused.code());
            fail(ErrPacket.of(refused.code(), refused.detail()), Optional.empty());
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

    /** Takes one line or record; false if something must come first. */
    private boolean step() {
        for (LoadPart part : parts.values()) {
            if (part.isBlocked()) {
                pause(true);
                return false;
            }
        }
        boolean worthwhile = file.size() >= triedWith || file.isEnded();
        RecordCutter cut = cutter.orElseThrow();
        int to = RecordCutter.MORE;
        if (worthwhile) {
            to =
                    linesToSkip > 0
                            ? cut.skipLine(file.bytes(), file.from(), file.to(), file.isEnded())
                            : cut.cut(file.bytes(), file.from(), file.to(), file.isEnded());
        }
        if (to == RecordCutter.MORE) {
            requireBounded();
            if (worthwhile) {
                triedWith = file.size() > SMALL_BYTES ? 2 * file.size() : 0;
            }
            pause(false);
            return false;
        }
        if (to == RecordCutter.END) {
            return fileOver();
        }
        if (linesToSkip > 0) {
            linesToSkip--;
            triedWith = 0;
            file.takeUpTo(to);
            return true;
        }
        return deliver(cut, to);
    }

    private void requireBounded() {
        if (file.size() > settings.recordBytesMax()) {
            throw new ShardwayException(
                    ErrorCode.FILE_RECORD_TOO_LONG,
                    "record %d has more than %d bytes"
                            .formatted(records + 1, settings.recordBytesMax()));
        }
    }

    private boolean deliver(RecordCutter cut, int to) {
        ShardId shard = ownerOf(cut);
        LoadPart part = parts.get(shard);
        if (part == null) {
            requireAllowed(shard);
            pause(true);
            begin(shard);
            return false;
        }
        switch (part.stage()) {
            case LOADING -> {
                if (records == Integer.MAX_VALUE) {
                    throw new ShardwayException(
                            ErrorCode.NOT_OFFERED, "LOAD DATA of more than 2^31 - 1 records");
                }
                part.append(file.bytes(), file.from(), to, records++);
                triedWith = 0;
                file.takeUpTo(to);
                lastPart = Optional.of(part);
                if (part.isFull()) {
                    part.end();
                }
                return true;
            }
            case IDLE -> {
                pause(true);
                ask(part);
            }
            case STARTING, ASKED, ENDING, FAILED -> pause(true);
        }
        return false;
    }

    private ShardId ownerOf(RecordCutter cut) {
        RecordCutter.Field key = cut.key();
        String record = "record %d: ".formatted(records + 1L);
        switch (key.content()) {
            case MISSING ->
                    throw new ShardwayException(
                            ErrorCode.KEY_NOT_EXACT, record + "it has no field for the key");
            case NULL ->
                    throw new ShardwayException(
                            ErrorCode.KEY_NOT_EXACT, record + "the key is NULL");
            case TEXT -> {}
        }
        requireId(cut.id(), record);
        try {
            int bucket =
                    FileKeys.bucketOf(
                            statement.file().keyType(), key.bytes(), key.from(), key.to(), keys);
            return topology.bucketMap().ownerOf(bucket);
        } catch (ShardwayException inexact) {
            throw new ShardwayException(inexact.code(), record + inexact.detail());
        }
    }

    /** As for rows that are written out: shards would draw ids that no client could work out. */
    private void requireId(RecordCutter.Field id, String record) {
        if (statement.file().idColumn().isEmpty()) {
            return;
        }
        boolean given = id.content() == RecordCutter.Content.TEXT && id.to() > id.from();
        for (int at = id.from(); given && at < id.to(); at++) {
            byte digit = id.bytes()[at];
            given = digit >= (at == id.from() ? '1' : '0') && digit <= '9';
        }
        if (!given) {
            throw new ShardwayException(
                    ErrorCode.SEVERAL_DRAWN_KEYS,
                    record
                            + "it must give column "
                            + statement.file().idColumn().get()
                            + ", which each shard would draw for itself");
        }
    }

    private void requireAllowed(ShardId shard) {
        if (runner.transactionMode() == TransactionMode.SINGLE && !parts.isEmpty()) {
            throw new ShardwayException(
                    ErrorCode.DIFFERENT_KEYS,
                    "record %d of the file belongs to shard %s, those before it to %s"
                            .formatted(
                                    records + 1L, shard, TransactionRules.names(parts.keySet())));
        }
        Optional<ShardwayException> forbidden =
                TransactionRules.forbids(session, runner.transactionMode(), Access.WRITE, shard);
        if (forbidden.isPresent()) {
            throw forbidden.get();
        }
    }

    /** True if there is nothing to wait for; every MySQL answers a statement without records. */
    private boolean fileOver() {
        if (parts.isEmpty()) {
            begin(topology.defaultShard());
            return false;
        }
        boolean begun =
                parts.values().stream()
                        .allMatch(part ->
                                part.stage() != LoadPart.Stage.STARTING
                                        && part.stage() != LoadPart.Stage.ASKED);
        if (begun) {
            stage = Stage.ENDING;
            parts.values().stream()
                    .filter(part -> part.stage() == LoadPart.Stage.LOADING)
                    .forEach(LoadPart::end);
            next();
        }
        return false;
    }

    private void begin(ShardId shard) {
        var part = new LoadPart(shard, this::goOn);
        parts.put(shard, part);
        spreads.add(part.spread());
        lease(part.spread())
                .thenCompose(_ -> setTime(part.spread()))
                .thenCompose(_ -> own ? done() : part.spread().mark(SpreadSql.MARK))
                .whenComplete((_, problem) -> {
                    waiting = Optional.empty();
                    if (problem != null) {
                        part.stageIs(LoadPart.Stage.FAILED);
                        failed(problem, Optional.empty());
                    } else {
                        part.stageIs(LoadPart.Stage.IDLE);
                        ask(part);
                    }
                });
    }

    private static CompletionStage<OkPacket> done() {
        return CompletableFuture.completedStage(OkPacket.of(0));
    }

    private CompletionStage<?> lease(SpreadPart part) {
        var leased = new CompletableFuture<BackendConnection>();
        waiting =
                Optional.of(
                        Borrow.borrow(
                                runner,
                                part.shard(),
                                new Borrow.Want(
                                        statement.traits(),
                                        NoCommand.INSTANCE,
                                        true,
                                        true,
                                        LoadCall::patient),
                                new Borrow.Result() {
                                    @Override
                                    public void borrowed(BackendConnection connection) {
                                        leased.complete(connection);
                                    }

                                    @Override
                                    public void notBorrowed(ErrPacket reason) {
                                        leased.completeExceptionally(
                                                new SpreadPart.Failure(reason));
                                    }
                                }));
        return leased.thenAccept(connection -> {
            part.connectedBy(connection);
            session.transaction().leases().put(part.shard(), connection);
        });
    }

    private static SettingsProfile patient(SettingsProfile ofSession) {
        return ofSession.with(Map.of("net_read_timeout", Optional.of(WAIT_SECONDS)));
    }

    /** One time for all shards; a session that set its own has it already. */
    private CompletionStage<OkPacket> setTime(SpreadPart part) {
        if (session.profile().literal("timestamp").isPresent()) {
            return done();
        }
        CompletionStage<String> known =
                time.isPresent()
                        ? CompletableFuture.completedStage(time.get())
                        : part.rows(SpreadSql.READ_TIME)
                                .thenApply(rows -> SpreadSql.time(ReferenceState.number(rows, 0)));
        return known.thenCompose(sql -> {
            time = Optional.of(sql);
            return part.setTime(sql);
        });
    }

    private void ask(LoadPart part) {
        if (failure.isPresent()) {
            undoWhenQuiet();
            return;
        }
        session.transaction().writes(part.spread().shard());
        ByteBuf command = runner.commandOf(text, 0, text.length);
        part.ask(command, this::goOn, answer -> answered(part, answer));
    }

    private void answered(LoadPart part, CollectedAnswer answer) {
        try {
            if (answer instanceof CollectedAnswer.Ok(var ok)) {
                part.connection().statusIs(ok.status());
                part.done(ok);
                readVariables(part, () -> readConditions(part, ok));
            } else {
                part.stageIs(LoadPart.Stage.FAILED);
                ErrPacket packet =
                        Borrow.errorOf(
                                answer, ErrorCode.BACKEND_LOST, "shard " + part.spread().shard());
                readVariables(part, () -> fail(packet, Optional.of(part)));
            }
        } catch (RuntimeException bug) {
            runner.bug(bug);
        }
    }

    /** The node keeps them on the connection, so the proxy must know of them. */
    private void readVariables(LoadPart part, Runnable then) {
        List<String> names = statement.traits().assignedVariables();
        if (names.isEmpty() || !part.connection().isUsable()) {
            then.run();
            return;
        }
        UserVariables.read(
                part.connection(),
                names,
                values -> {
                    if (values.isEmpty()) {
                        part.connection().close();
                    } else {
                        part.variablesAre(values.get());
                        part.connection().profileIs(part.connection().profile().with(values.get()));
                    }
                    then.run();
                });
    }

    private void readConditions(LoadPart part, OkPacket ok) {
        if (!part.connection().isUsable()) {
            part.stageIs(LoadPart.Stage.FAILED);
            ShardId shard = part.spread().shard();
            fail(ErrPacket.of(ErrorCode.BACKEND_LOST, "shard " + shard), Optional.of(part));
            return;
        }
        if (ok.warnings() == 0) {
            part.stageIs(LoadPart.Stage.IDLE);
            next();
            return;
        }
        end.readConditions(part.spread())
                .whenComplete((found, problem) -> {
                    if (problem != null) {
                        part.stageIs(LoadPart.Stage.FAILED);
                        failed(problem, Optional.of(part));
                    } else {
                        conditions.add(found);
                        keepFewConditions();
                        part.stageIs(LoadPart.Stage.IDLE);
                        next();
                    }
                });
    }

    /** A file of many parts must not gather more than a client may ask for. */
    private void keepFewConditions() {
        if (conditions.size() > 2 * topology.shards().size()) {
            List<Diagnostics.Condition> kept = kept().conditions();
            conditions.clear();
            conditions.add(kept);
        }
    }

    /** Of what every statement on a node tells of the text itself, once. */
    private Diagnostics kept() {
        List<Diagnostics.Condition> merged = SpreadAnswer.merged(conditions);
        repeated += conditions.stream().mapToInt(List::size).sum() - merged.size();
        return SpreadAnswer.kept(merged, session.profile().literal("max_error_count"));
    }

    private void failed(Throwable problem, Optional<LoadPart> part) {
        Throwable cause =
                problem instanceof CompletionException && problem.getCause() != null
                        ? problem.getCause()
                        : problem;
        if (cause instanceof SpreadPart.Failure refused) {
            fail(refused.packet(), part);
        } else {
            runner.bug(cause);
        }
    }

    /** A part has carried a statement out. */
    private void next() {
        if (failure.isPresent()) {
            undoWhenQuiet();
        } else if (stage == Stage.ENDING) {
            if (parts.values().stream().allMatch(LoadPart::isQuiet)) {
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
            fail(ErrPacket.of(ErrorCode.TOO_MANY_SETTINGS, ""), Optional.empty());
            return;
        }
        end.setTimesBack()
                .whenComplete((_, problem) -> {
                    try {
                        if (problem != null) {
                            failed(problem, Optional.empty());
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

    private void finish() {
        if (own) {
            new TransactionEnd(
                            runner,
                            true,
                            problem -> {
                                if (problem.isPresent()) {
                                    answer(new SpreadEnd.Told(problem.get(), List.of()));
                                } else {
                                    succeed();
                                }
                            })
                    .start();
            return;
        }
        for (SpreadPart part : spreads) {
            HeldLeases.used(runner, part.shard(), part.connection());
        }
        if (!session.transaction().isOpen()) {
            session.transaction().notBegun();
        }
        succeed();
    }

    private long count(int index) {
        return parts.values().stream().mapToLong(part -> part.count(index)).sum();
    }

    private void succeed() {
        Diagnostics kept = kept();
        long warnings = count(3) - repeated;
        String info =
                "Records: %d  Deleted: %d  Skipped: %d  Warnings: %d"
                        .formatted(count(0), count(1), count(2), warnings);
        long affected = parts.values().stream().mapToLong(LoadPart::affected).sum();
        stage = Stage.DONE;
        pause(false);
        session.diagnosticsAre(kept);
        runner.ok(
                new OkPacket(
                        affected,
                        0,
                        runner.status(),
                        (int) Math.min(warnings, 0xFFFF),
                        info.getBytes(UTF_8),
                        List.of()));
    }

    /** The first failure is told, when nothing of the statement is left. */
    private void fail(ErrPacket packet, Optional<LoadPart> part) {
        if (failure.isPresent()) {
            undoWhenQuiet();
            return;
        }
        failure = Optional.of(new Failure(packet, part));
        file.discard();
        pause(false);
        if (waiting.isPresent() && waiting.get().forget()) {
            parts.values().stream()
                    .filter(each -> each.stage() == LoadPart.Stage.STARTING)
                    .forEach(each -> each.stageIs(LoadPart.Stage.FAILED));
        }
        for (LoadPart each : parts.values()) {
            if (each.isExecuting()) {
                each.breakOff();
                runner.killer().interrupt(each.connection());
            }
        }
        undoWhenQuiet();
    }

    private void undoWhenQuiet() {
        if (undoing
                || stage == Stage.DONE
                || !parts.values().stream().allMatch(LoadPart::isQuiet)) {
            return;
        }
        stage = Stage.SETTLING;
        undoing = true;
        Failure why = failure.orElseThrow();
        end.undo(
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
                fail(interrupted, Optional.empty());
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
        for (SpreadPart part : spreads) {
            if (part.isConnected()) {
                part.connection().close();
            }
        }
    }
}
