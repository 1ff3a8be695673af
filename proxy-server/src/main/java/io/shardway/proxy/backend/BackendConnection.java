package io.shardway.proxy.backend;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.shardway.proxy.protocol.ServerStatus;
import io.shardway.router.ErrorCode;
import io.shardway.router.topology.Node;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One logged-in connection to a node: one command at a time, its answer followed to the end. Knows
 * which settings, schema and prepared statements it has on the node. Confined to its event loop.
 */
public final class BackendConnection extends ChannelInboundHandlerAdapter {

    private static final Logger LOG = LoggerFactory.getLogger(BackendConnection.class);
    private static final int COLLECTED_BYTES_MAX = 4 << 20;

    private final Node node;
    private final BackendFlavour flavour;
    private final long threadId;
    private final long openedNanos;
    private final Channel channel;
    private final AnswerFollower follower;
    private final BackendStatements statements;
    private final KillHold kills = new KillHold();
    private final ConnectionWatcher watcher;

    private SettingsProfile profile = SettingsProfile.EMPTY;
    private Optional<byte[]> settingsDigest = Optional.empty();
    private String schema = "";
    private int status = ServerStatus.AUTOCOMMIT;
    private long lastUsedNanos;
    private boolean awaited;
    private Consumer<Throwable> bugs = BackendConnection::logBug;
    private boolean closed;
    private boolean reported;
    private boolean closedByNode;
    private String closeCause = "";
    private long insertIdLeft;
    private Optional<PreparedKey> named = Optional.empty();
    private Optional<Runnable> whenWritable = Optional.empty();

    /** Hears that an idle or leased connection is gone. */
    public interface ConnectionWatcher {
        void closed(BackendConnection connection);
    }

    public BackendConnection(
            Node node,
            BackendFlavour flavour,
            Channel channel,
            long threadId,
            int preparedMax,
            ConnectionWatcher watcher) {
        this.node = node;
        this.flavour = flavour;
        this.channel = channel;
        this.threadId = threadId;
        this.statements = new BackendStatements(preparedMax, this::closeStatement);
        this.watcher = watcher;
        this.openedNanos = System.nanoTime();
        this.lastUsedNanos = openedNanos;
        this.follower = new AnswerFollower(channel.alloc(), NobodyWaits.INSTANCE);
    }

    public Node node() {
        return node;
    }

    public BackendFlavour flavour() {
        return flavour;
    }

    /** The id of its thread on the node, for KILL. */
    public long threadId() {
        return threadId;
    }

    public ByteBufAllocator allocator() {
        return channel.alloc();
    }

    public EventLoop eventLoop() {
        return channel.eventLoop();
    }

    public SettingsProfile profile() {
        return profile;
    }

    /** What the node's settings are now; called when a statement was seen to change them. */
    public void profileIs(SettingsProfile now) {
        if (profile != now) {
            settingsDigest = Optional.empty();
        }
        profile = now;
    }

    /** Of the settings that it has now, the node's own included; empty if nobody has asked. */
    public Optional<byte[]> settingsDigest() {
        return settingsDigest;
    }

    public void settingsDigestIs(byte[] now) {
        settingsDigest = Optional.of(now);
    }

    public String schema() {
        return schema;
    }

    public void schemaIs(String now) {
        schema = now;
    }

    /** The status flags of the last OK. */
    public int status() {
        return status;
    }

    public void statusIs(int now) {
        status = now;
    }

    /**
     * What LAST_INSERT_ID() is on the node, left there by a session's INSERT; 0 if nobody left
     * anything. It is never told to another session.
     */
    public long insertIdLeft() {
        return insertIdLeft;
    }

    public void insertIdLeft(long now) {
        insertIdLeft = now;
    }

    public boolean inTransaction() {
        return (status & ServerStatus.IN_TRANS) != 0;
    }

    public boolean isUsable() {
        return !closed && channel.isActive();
    }

    /** Why it is closed; empty while it is open. */
    public String closeCause() {
        return closeCause;
    }

    /** The node closed it, not we. */
    boolean wasClosedByNode() {
        return closedByNode;
    }

    /** No command is under way. */
    public boolean isFree() {
        return follower.isDone();
    }

    long openedNanos() {
        return openedNanos;
    }

    long lastUsedNanos() {
        return lastUsedNanos;
    }

    /** Sends one framed command; the buffer is the connection's from here on. */
    public void send(ByteBuf framed, AnswerKind kind, AnswerRewrite rewrite, AnswerSink sink) {
        if (!isUsable()) {
            framed.release();
            sink.lost(
                    this,
                    false,
                    new IOException("the connection to " + node.name() + " is closed"));
            return;
        }
        lastUsedNanos = System.nanoTime();
        try {
            follower.begin(kind, rewrite, sink);
        } catch (IllegalStateException busy) {
            framed.release();
            throw busy;
        }
        awaited = true;
        channel.writeAndFlush(framed, channel.voidPromise());
    }

    /**
     * Writes commands that have no answer (COM_STMT_CLOSE, COM_STMT_SEND_LONG_DATA), not flushed.
     */
    public void write(ByteBuf framed) {
        if (isUsable()) {
            channel.write(framed, channel.voidPromise());
        } else {
            framed.release();
        }
    }

    /**
     * Sends a piece of what the node waits for in the middle of a command.
     *
     * @return whether it can take more; else {@code writable} is called once it can
     */
    public boolean sendOn(ByteBuf framed, Runnable writable) {
        if (!isUsable()) {
            framed.release();
            return true;
        }
        lastUsedNanos = System.nanoTime();
        channel.writeAndFlush(framed, channel.voidPromise());
        boolean more = channel.isWritable();
        whenWritable = more ? Optional.empty() : Optional.of(writable);
        return more;
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (channel.isWritable() && whenWritable.isPresent()) {
            Runnable waiting = whenWritable.get();
            whenWritable = Optional.empty();
            waiting.run();
        }
    }

    /** Runs a statement of the proxy's own and collects its answer. */
    public void query(String sql, Consumer<CollectedAnswer> receiver) {
        collect(
                OwnCommands.query(channel.alloc(), sql, flavour.queryAttributes()),
                AnswerKind.RESULTS,
                receiver);
    }

    public void initSchema(String name, Consumer<CollectedAnswer> receiver) {
        collect(OwnCommands.initSchema(channel.alloc(), name), AnswerKind.SINGLE, receiver);
    }

    /** Collects a small answer whole, for {@link #send}. */
    public static AnswerSink collector(AnswerKind kind, Consumer<CollectedAnswer> receiver) {
        return new CollectingSink(kind, COLLECTED_BYTES_MAX, receiver);
    }

    public void collect(ByteBuf framed, AnswerKind kind, Consumer<CollectedAnswer> receiver) {
        send(
                framed,
                kind,
                AnswerRewrite.NONE,
                new CollectingSink(kind, COLLECTED_BYTES_MAX, receiver));
    }

    public Optional<BackendStatement> prepared(PreparedKey key) {
        return statements.find(key);
    }

    /** Remembers a statement; the least recently used one is closed when there are too many. */
    public BackendStatement remember(PreparedKey key, long statementId) {
        return statements.add(key, statementId);
    }

    /** Takes a statement out of those that are shared by its text: it has a cursor. */
    public Optional<BackendStatement> take(PreparedKey key) {
        return statements.take(key);
    }

    /** Shares a taken statement again, unless there is another one of its text. */
    public void giveBack(PreparedKey key, BackendStatement statement) {
        if (!statements.giveBack(key, statement)) {
            closeUnremembered(statement.id());
        }
    }

    /** Closes a remembered statement, so that it is prepared anew; nothing if there is none. */
    public void forget(PreparedKey key) {
        statements.take(key).ifPresent(statement -> closeUnremembered(statement.id()));
    }

    /** Whether this is the statement to which SQL's PREPARE gave its name last. */
    public boolean hasNamed(PreparedKey key) {
        return named.isPresent() && named.get().equals(key);
    }

    /** SQL's PREPARE was carried out; empty if it failed. */
    public void namedIs(Optional<PreparedKey> key) {
        named = key;
    }

    /** Closes a statement that was not remembered. */
    public void closeUnremembered(long statementId) {
        if (isUsable()) {
            closeStatement(statementId);
            channel.flush();
        }
    }

    /** Closes all prepared statements, so that the node has room for others (MySQL error 1461). */
    public void forgetStatements() {
        statements.closeAll();
    }

    private void closeStatement(long id) {
        write(OwnCommands.closeStatement(channel.alloc(), id));
    }

    /** The sequence number of the last packet of the last result, as the client saw it. */
    public int lastSequence() {
        return follower.lastSequence();
    }

    /** Stops and starts reading from the node, so that a slow client does not fill the proxy. */
    public void readOn(boolean on) {
        channel.config().setAutoRead(on);
    }

    /**
     * A KILL aimed at this connection is on its way; it must not be lent to others until {@link
     * #killDone}.
     */
    public void killBegun() {
        kills.begun();
    }

    public void killDone() {
        kills.ended().ifPresent(this::tell);
    }

    public boolean hasKillsInFlight() {
        return kills.isHeld();
    }

    /** Runs the action at once, or when the last KILL aimed at this connection is answered. */
    public void whenNoKillIsUnderWay(Runnable action) {
        kills.whenReleased(action);
    }

    /** Closes without farewell; what is under way is lost. */
    public void close() {
        closed = true;
        channel.close();
    }

    /** Says goodbye (COM_QUIT) and closes. */
    public void quit() {
        closed = true;
        channel.writeAndFlush(OwnCommands.quit()).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        AnswerSink sink = follower.sink();
        if (follower.accept((ByteBuf) message)) {
            lastUsedNanos = System.nanoTime();
            awaited = false;
            tell(() -> sink.answered(this));
        }
    }

    /** What those who wait do wrong is their bug, not the node's. */
    private void tell(Runnable news) {
        try {
            news.run();
        } catch (RuntimeException bug) {
            close();
            bugs.accept(bug);
        }
    }

    /** Who uses the connection now and hears of bugs in what its answers set off. */
    public void usedBy(Consumer<Throwable> hearsOfBugs) {
        bugs = hearsOfBugs;
    }

    /** Nobody uses it. */
    void unused() {
        bugs = BackendConnection::logBug;
    }

    private static void logBug(Throwable cause) {
        LOG.error("event=bug code={}", ErrorCode.BUG.id(), cause);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (!follower.isDone()) {
            follower.sink().readComplete();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        broken(new IOException("the node " + node.name() + " closed the connection"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        broken(cause);
        context.close();
    }

    private void broken(Throwable cause) {
        if (!reported) {
            closedByNode = !closed;
            closeCause = String.valueOf(cause.getMessage());
        }
        if (!(cause instanceof IOException)) {
            LOG.warn("event=backend-broken node={} thread={}", node.name(), threadId, cause);
        }
        closed = true;
        if (awaited) {
            awaited = false;
            boolean begun = follower.hasBegun();
            AnswerSink sink = follower.sink();
            follower.abandon();
            tell(() -> sink.lost(this, begun, cause));
        }
        kills.allEnded().ifPresent(this::tell);
        if (!reported) {
            reported = true;
            watcher.closed(this);
        }
    }

    @Override
    public String toString() {
        return "backend " + node.name() + " thread " + threadId;
    }
}
