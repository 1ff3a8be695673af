package io.shardway.proxy.execution;

import io.netty.buffer.ByteBuf;
import io.shardway.proxy.backend.AnswerKind;
import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.NodePool;
import io.shardway.proxy.backend.SettingsProfile;
import io.shardway.proxy.metrics.StatementKind;
import io.shardway.proxy.protocol.Capabilities;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.protocol.OkPacket;
import io.shardway.proxy.session.ClientChannel;
import io.shardway.proxy.session.CloseReason;
import io.shardway.proxy.session.Diagnostics;
import io.shardway.proxy.session.PreparedStatement;
import io.shardway.proxy.session.Session;
import io.shardway.proxy.session.Transaction;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.Access;
import io.shardway.router.plan.ParameterValues;
import io.shardway.router.plan.Plan;
import io.shardway.router.plan.Planned;
import io.shardway.router.plan.Traits;
import io.shardway.router.plan.TransactionMode;
import io.shardway.router.sql.ScatterHint;
import io.shardway.router.sql.SqlDialect;
import java.time.Duration;
import java.util.Optional;

/**
 * Runs a session's statements one after the other: plan, route, call. Confined to its event loop.
 */
public final class StatementRunner {

    private static final int ANY_BUCKET = -1;

    private static final Optional<StatementKind> KEYED = Optional.of(StatementKind.KEYED);
    private static final Optional<StatementKind> ANY_SHARD = Optional.of(StatementKind.ANY_SHARD);
    private static final Optional<StatementKind> ASSEMBLED = Optional.of(StatementKind.ASSEMBLED);
    private static final Optional<StatementKind> FINISHED = Optional.of(StatementKind.FINISHED);
    private static final Optional<StatementKind> SCATTERED = Optional.of(StatementKind.SCATTERED);
    private static final Optional<StatementKind> DEFAULT_SHARD =
            Optional.of(StatementKind.DEFAULT_SHARD);
    private static final Optional<StatementKind> CONTROL = Optional.of(StatementKind.CONTROL);
    private static final Optional<StatementKind> ADMIN = Optional.of(StatementKind.ADMIN);
    private static final Optional<StatementKind> DEFINE_TABLE =
            Optional.of(StatementKind.DEFINE_TABLE);
    private static final Optional<StatementKind> PLAIN = Optional.of(StatementKind.PLAIN);
    private static final Optional<StatementKind> DEFINE_KEYSPACE =
            Optional.of(StatementKind.DEFINE_KEYSPACE);
    private static final Optional<StatementKind> WRITE_REFERENCE =
            Optional.of(StatementKind.WRITE_REFERENCE);
    private static final Optional<StatementKind> SPREAD_WRITE =
            Optional.of(StatementKind.SPREAD_WRITE);
    private static final Optional<StatementKind> REJECTED = Optional.of(StatementKind.REJECTED);

    private final Session session;
    private final ClientChannel client;
    private final LoopContext loop;
    private final ProxyServices services;
    private final ControlStatements control;
    private final PreparedCommands prepared;
    private final Planning planning;
    private final Drawing drawing;
    private final Describing describing;
    private final TextStatements texts;
    private final CallScopes scopes;
    private final NamedStatements named;

    private Optional<RunningCall> call = Optional.empty();
    private Optional<Runnable> interruption = Optional.empty();
    private Optional<ReferenceWrite> write = Optional.empty();
    private int sequence;
    private long generation;
    private boolean running;
    private boolean routed;
    private long begunNanos;
    private Optional<StatementKind> kind = Optional.empty();
    private boolean abandoned;

    public StatementRunner(
            Session session, ClientChannel client, LoopContext loop, ProxyServices services) {
        this.session = session;
        this.client = client;
        this.loop = loop;
        this.services = services;
        this.control = new ControlStatements(this, services);
        this.planning = new Planning(this, services.plans());
        this.drawing = new Drawing(this, services);
        this.describing = new Describing(this, services);
        var inserts = new KeyedInserts(this, services, drawing);
        this.prepared = new PreparedCommands(this, services, planning, inserts);
        this.texts = new TextStatements(this, services, planning, inserts);
        this.scopes = new CallScopes(session, loop);
        this.named = new NamedStatements(this, services, planning, inserts, texts);
    }

    public Session session() {
        return session;
    }

    ClientChannel client() {
        return client;
    }

    LoopContext loop() {
        return loop;
    }

    Killer killer() {
        return services.killer();
    }

    Duration killTimeout() {
        return services.settings().backend().killTimeout();
    }

    public PreparedCommands prepared() {
        return prepared;
    }

    NamedStatements named() {
        return named;
    }

    public ControlStatements control() {
        return control;
    }

    /** Runs statements on information_schema. */
    Describing describing() {
        return describing;
    }

    /** Whose connections the session's statements need. */
    CallScopes scopes() {
        return scopes;
    }

    /** Whether a session may not hold these settings. */
    boolean holdsTooMuch(SettingsProfile profile) {
        var limits = services.settings().session();
        long users = profile.userVariableCount();
        return users > limits.userVariablesMax()
                || profile.size() - users > limits.settingsMax()
                || profile.userVariableChars() > 2L * limits.userVariableBytesMax();
    }

    /** Of the next transaction, and of the one under way. */
    TransactionMode transactionMode() {
        return session.transactionMode().orElse(services.settings().session().transactionMode());
    }

    /**
     * A statement needs several shards.
     *
     * @param sql its text, with the hint that lets it as a comment
     * @param why no one shard can do it
     * @throws ShardwayException SCATTER_OFF
     */
    void requireScatter(byte[] sql, SqlDialect dialect, String why) {
        if (!session.scatters(services.settings().session().scatter())
                && !ScatterHint.isIn(sql, dialect)) {
            throw new ShardwayException(ErrorCode.SCATTER_OFF, why);
        }
    }

    /** The same for a read, unless the keys it names are all of one shard. */
    void requireScatter(
            Plan.Assemble read, byte[] sql, SqlDialect dialect, ParameterValues values) {
        var whole = read.whole(sql, dialect, values);
        if (!session.scatters(services.settings().session().scatter())
                && ReadShards.of(read, whole, dialect, loop.serving().topology()).size() > 1) {
            requireScatter(sql, dialect, read.why());
        }
    }

    int diagnosticsBytesMax() {
        return services.settings().session().diagnosticsBytesMax();
    }

    /**
     * A command begins.
     *
     * @param lastSequence of the command's last packet
     */
    public void begin(int lastSequence) {
        sequence = lastSequence;
        begunNanos = System.nanoTime();
        kind = Optional.empty();
        running = true;
        routeAgain();
    }

    /** What must be added to a node's sequence numbers, which answer a command of one packet. */
    int sequenceShift() {
        return sequence;
    }

    /** The client sent a packet in the middle of a command. */
    public void clientSent(int packetSequence) {
        sequence = packetSequence;
    }

    /** The sequence number of the next packet the proxy itself sends. */
    int nextSequence() {
        sequence = (sequence + 1) & 0xFF;
        return sequence;
    }

    /** The sequence number of an error in place of the answer that is waited for. */
    public int errorSequence() {
        return nextSequence();
    }

    /** Whether a part of the running statement's answer was passed on to the client. */
    public boolean answerBegun() {
        return call.map(RunningCall::answerBegun).orElse(false);
    }

    /** Packets up to this number were passed on. */
    void answeredUpTo(int lastSequence) {
        sequence = lastSequence;
    }

    boolean hasMoreStatements() {
        return texts.hasMore();
    }

    /** The status flags of an answer that the proxy ends itself. */
    int status() {
        return Answers.status(session, hasMoreStatements());
    }

    /**
     * COM_QUERY.
     *
     * @param framed the whole command; the runner owns it
     * @param sqlAt where the text begins, from the reader index
     * @param sqlBytes how long it is; the text is contiguous
     */
    public void query(ByteBuf framed, int sqlAt, int sqlBytes) {
        texts.query(framed, sqlAt, sqlBytes);
    }

    /**
     * COM_QUERY of more than one packet.
     *
     * @param framed the whole command; the runner owns it
     * @param text its text, in one piece
     */
    public void queryInParts(ByteBuf framed, byte[] text) {
        texts.queryInParts(framed, text);
    }

    ByteBuf commandOf(byte[] text, int from, int length) {
        return texts.commandOf(text, from, length);
    }

    /**
     * Whether the account has the rights that a statement needs, and a place for it if it limits
     * those in flight. Takes the place.
     */
    boolean admits(Planned planned) {
        if (!planned.needs().metBy(session.account().rights())) {
            return false;
        }
        return switch (planned.plan()) {
            case Plan.Keyed _,
                    Plan.KeyedInsert _,
                    Plan.AnyShard _,
                    Plan.WriteReference _,
                    Plan.SpreadWrite _,
                    Plan.Explain _,
                    Plan.Load _,
                    Plan.InsertSelect _,
                    Plan.Change _,
                    Plan.Assemble _,
                    Plan.OnDefaultShard _,
                    Plan.Described _,
                    Plan.Plain _,
                    Plan.Stored _,
                    Plan.DefineKeyspace _,
                    Plan.DefineTable _ ->
                    session.account().takeStatement();
            case Plan.Control _, Plan.Admin _, Plan.Rejected _ -> true;
        };
    }

    /** Tells the client why {@link #admits} did not hold. */
    void refuse(Planned planned) {
        var refusal = AccessRefusal.of(planned.needs(), session);
        fail(refusal.code(), refusal.detail());
    }

    /** Notes what kind of statement runs, for the metrics. */
    void planned(Plan plan) {
        kind =
                switch (plan) {
                    case Plan.Keyed _ -> KEYED;
                    case Plan.KeyedInsert _ -> KEYED;
                    case Plan.AnyShard _ -> ANY_SHARD;
                    case Plan.Assemble assemble -> assemble.isFinished() ? FINISHED : ASSEMBLED;
                    case Plan.OnDefaultShard _, Plan.Described _ -> DEFAULT_SHARD;
                    case Plan.Plain _, Plan.Stored _ -> PLAIN;
                    case Plan.DefineKeyspace _ -> DEFINE_KEYSPACE;
                    case Plan.Control _ -> CONTROL;
                    case Plan.Admin _ -> ADMIN;
                    case Plan.DefineTable _ -> DEFINE_TABLE;
                    case Plan.WriteReference _ -> WRITE_REFERENCE;
                    case Plan.SpreadWrite _, Plan.Load _, Plan.InsertSelect _, Plan.Change _ ->
                            SPREAD_WRITE;
                    case Plan.Explain _ -> SCATTERED;
                    case Plan.Rejected _ -> REJECTED;
                };
    }

    /** The shards answer the statement by themselves. */
    void scattered() {
        kind = SCATTERED;
    }

    /** They cannot, as it turned out. */
    void assembled() {
        kind = ASSEMBLED;
    }

    ShardId defaultShard() {
        return loop.serving().topology().defaultShard();
    }

    void write(Plan.WriteReference plan, BackendCommand command) {
        var statement = new ReferenceWrite(this, services.references(), plan, command);
        write = Optional.of(statement);
        statement.start();
    }

    /** The write is about to be answered. */
    void writeDone() {
        write = Optional.empty();
    }

    ReferenceCopies references() {
        return services.references();
    }

    void start(RunningCall begun) {
        call = Optional.of(begun);
        begun.start();
    }

    boolean eofPackets() {
        return !session.can(Capabilities.DEPRECATE_EOF);
    }

    ShardId shardOf(int bucket, Serving serving) {
        return bucket == ANY_BUCKET
                ? anyShard(serving)
                : serving.topology().bucketMap().ownerOf(bucket);
    }

    /** A shard the session holds already, else the default shard. */
    ShardId anyShard(Serving serving) {
        for (ShardId held : session.transaction().leases().keySet()) {
            if (serving.topology().shards().containsKey(held)) {
                return held;
            }
        }
        return serving.topology().defaultShard();
    }

    /** As {@link #anyShard(Serving)}, with current copies of the statement's reference tables. */
    ShardId anyShard(Serving serving, Traits traits) {
        ShardId shard = anyShard(serving);
        return services.references().isFenced(shard, traits.references())
                ? serving.topology().defaultShard()
                : shard;
    }

    /** COM_FIELD_LIST. */
    public void fieldList(ByteBuf framed) {
        Planned planned =
                new Planned(
                        new Plan.OnDefaultShard(Access.READ, Traits.NONE),
                        control.needsToUse(session.schema()));
        if (!admits(planned)) {
            framed.release();
            refuse(planned);
            return;
        }
        start(
                new ShardCall(
                                this,
                                defaultShard(),
                                Access.READ,
                                Traits.NONE,
                                new TextCommand(framed, AnswerKind.DEFINITIONS, eofPackets()))
                        .in(scopes.ofSession()));
    }

    /** For the error of a statement that needs another account's connection. */
    String heldBy(BackendConnection held) {
        String keyspace = held.flavour().account().keyspace();
        return session.transaction().isOpen()
                ? "a transaction in " + (keyspace.isEmpty() ? "sharded keyspaces" : keyspace)
                : "a connection in " + (keyspace.isEmpty() ? "sharded keyspaces" : keyspace);
    }

    void giveBack(ShardId shard, BackendConnection connection) {
        NodePool pool = loop.primaries().get(shard);
        if (pool == null || !pool.node().equals(connection.node())) {
            connection.close();
        } else if (connection.flavour().schemaless() && !connection.schema().isEmpty()) {
            connection.quit();
        } else {
            pool.giveBack(connection);
        }
    }

    boolean hasCursorOn(BackendConnection connection) {
        if (session.statements().isEmpty()) {
            return false;
        }
        for (PreparedStatement statement : session.statements().values()) {
            if (statement.hasCursorOn(connection)) {
                return true;
            }
        }
        return false;
    }

    /** A connection is gone, and the cursors on it. */
    void cursorsLost(BackendConnection connection) {
        for (PreparedStatement statement : session.statements().values()) {
            if (statement.hasCursorOn(connection)) {
                statement.cursorClosed(false);
            }
        }
    }

    /**
     * A call is done whose connections are given back.
     *
     * @param ended whether a node has ended the transaction by itself
     */
    void callDone(boolean failed, boolean ended) {
        if (ended) {
            transactionEndedByNode(failed);
            return;
        }
        Transaction transaction = session.transaction();
        if (!transaction.isOpen()) {
            if (session.profile().autocommit()) {
                transaction.ended();
            } else {
                transaction.notBegun();
            }
        }
        callDone(failed);
    }

    /**
     * The node ended the transaction by itself: an implicit commit, a deadlock. The client has its
     * answer already; what goes wrong now is not told in a second one.
     */
    private void transactionEndedByNode(boolean failed) {
        boolean others = !session.transaction().writtenShards().isEmpty();
        new TransactionEnd(
                        this,
                        !failed,
                        problem -> {
                            if (others && !failed && problem.isPresent()) {
                                // It must not take the answer it has for the transaction's.
                                client.close(CloseReason.ANSWER_CUT);
                            }
                            callDone(failed || problem.isPresent());
                        })
                .start();
    }

    void callDone(boolean failed) {
        call = Optional.empty();
        session.account().endStatement();
        interruption = Optional.empty();
        if (failed || abandoned) {
            texts.dropRemaining();
        }
        if (texts.hasMore()) {
            texts.runNext();
            return;
        }
        if (running) {
            running = false;
            routeDone();
            if (kind.isPresent()) {
                services.countedStatement(kind.get(), System.nanoTime() - begunNanos);
            }
        }
        if (abandoned) {
            control.dropEverything();
            return;
        }
        client.commandDone();
    }

    /**
     * The statement no longer depends on the topology it was routed by; a new epoch need not wait
     * for it.
     */
    void routeDone() {
        if (routed) {
            routed = false;
            loop.statementEnded(generation);
        }
    }

    /**
     * A statement without tables needs nothing of the topology but a node. It may sleep, or wait
     * for a named lock until another session has defined its tables: it must not hold these up.
     */
    void routeDoneUnlessOnTables(Access access, Traits traits) {
        if ((access == Access.READ || traits.pins()) && !traits.tables()) {
            routeDone();
        }
    }

    /** The statement is about to be routed by what the loop serves now. */
    void routeAgain() {
        routeDone();
        generation = loop.statementBegun();
        routed = true;
    }

    /** Answers OK and ends the statement. */
    void ok() {
        ok(Answers.okPacket(session, hasMoreStatements()));
    }

    /** As {@link #ok()}; with warnings the session knows them already. */
    void ok(OkPacket packet) {
        if (packet.warnings() == 0) {
            session.diagnosticsAre(Diagnostics.NONE);
        }
        okOfCommand(packet);
    }

    /** Answers a command that is no statement: what is kept of the last one stays. */
    void okOfCommand(OkPacket packet) {
        session.rowCountIs(packet.affectedRows());
        client.write(Answers.ok(client, session, nextSequence(), packet));
        client.flush();
        callDone(false);
    }

    /** Answers with an error and ends the statement. */
    void fail(ErrorCode code, String detail) {
        count(code);
        failWith(ErrPacket.of(code, detail));
    }

    void failWith(ErrPacket packet) {
        tell(packet);
        callDone(true);
    }

    /** Answers with an error; the statement has yet to end. */
    void tell(ErrPacket packet) {
        session.failedWith(packet.code(), packet.sqlState(), packet.message());
        client.write(Answers.error(client, nextSequence(), packet));
        client.flush();
    }

    void count(ErrorCode code) {
        services.counted(code);
    }

    /** Framed packets that answer the statement whole. */
    void answer(ByteBuf packets, int lastSequence) {
        sequence = lastSequence & 0xFF;
        client.write(packets);
        client.flush();
        callDone(false);
    }

    /** What the running statement waits for; empty when nothing runs. */
    public String state() {
        if (drawing.isWaiting()) {
            return "waiting for a key";
        }
        if (describing.isWaiting()) {
            return "waiting for sizes";
        }
        if (planning.isWaiting()) {
            return "planning";
        }
        return write.map(ReferenceWrite::describe)
                .or(() -> call.map(RunningCall::describe))
                .orElse("");
    }

    /** The beginning of the running statement's text; empty when none runs or it is not known. */
    public String statementText() {
        if (planning.isWaiting()) {
            return planning.text();
        }
        return write.flatMap(ReferenceWrite::text)
                .or(() -> call.flatMap(RunningCall::text))
                .orElse("");
    }

    /** Lets a statement go that waits for its plan, its key or sizes; false if none waits. */
    private boolean dropWaiting() {
        return planning.drop() || drawing.drop() || describing.drop();
    }

    /** KILL QUERY from another connection. */
    public void interrupt() {
        if (dropWaiting()) {
            fail(ErrorCode.QUERY_INTERRUPTED, "");
        } else {
            write.ifPresent(ReferenceWrite::interrupt);
            call.ifPresent(RunningCall::interrupt);
            interruption.ifPresent(Runnable::run);
        }
    }

    /** What stops the running statement if it is no call. */
    void interruptedBy(Runnable action) {
        interruption = Optional.of(action);
    }

    /**
     * The command ends without an answer of its runner's: it was malformed, or its exchange with
     * the client broke. The caller closes the connection.
     */
    public void breakOff() {
        if (running && call.isEmpty() && write.isEmpty()) {
            dropWaiting();
            ended();
            if (abandoned) {
                control.dropEverything();
            }
        }
    }

    /**
     * A fault of our own: nobody knows in which state the session's connections are, so all of them
     * go.
     */
    public void broken() {
        abandoned = true;
        call.ifPresent(RunningCall::closeConnections);
        call = Optional.empty();
        dropWaiting();
        control.closeEverything();
        ended();
    }

    /** A fault of our own in the middle of an answer. */
    void bug(Throwable cause) {
        client.bug(cause);
    }

    private void ended() {
        running = false;
        session.account().endStatement();
        texts.dropRemaining();
        routeDone();
    }

    /** The client is gone: what runs is cut short, what is held goes back. */
    public void abandon() {
        abandoned = true;
        texts.dropRemaining();
        if (!running) {
            control.dropEverything();
        } else if (dropWaiting()) {
            callDone(true);
        } else {
            write.ifPresent(ReferenceWrite::abandon);
            call.ifPresent(RunningCall::abandon);
        }
    }
}
