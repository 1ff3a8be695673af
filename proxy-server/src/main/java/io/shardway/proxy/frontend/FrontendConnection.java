package io.shardway.proxy.frontend;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.DecoderException;
import io.shardway.proxy.execution.LoopContext;
import io.shardway.proxy.execution.ProxyServices;
import io.shardway.proxy.execution.StatementRunner;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.protocol.MalformedPacketException;
import io.shardway.proxy.session.ClientChannel;
import io.shardway.proxy.session.CloseReason;
import io.shardway.proxy.session.Session;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import java.io.IOException;
import java.net.InetAddress;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One logged-in client: cuts its bytes into commands, lets one run at a time, and takes the
 * answers. Confined to its event loop.
 */
public final class FrontendConnection extends ChannelInboundHandlerAdapter
        implements ClientChannel {

    private static final Logger LOG = LoggerFactory.getLogger(FrontendConnection.class);

    private final Channel channel;
    private final Session session;
    private final StatementRunner runner;
    private final CommandDispatcher dispatcher;
    private final CommandFramer framer;
    private final FrontendRegistry registry;
    private final ProxyServices services;
    private final int pipelinedBytesMax;
    private final FlowControl flowControl;
    private final ClientTimeouts timeouts;
    private final LastWords lastWords;

    private ClientSide clientSide =
            new ClientSide(InetAddress.getLoopbackAddress(), false, Optional.empty());
    private boolean busy;
    private boolean looping;
    private boolean draining;
    private boolean closing;
    private long sinceNanos = System.nanoTime();
    private String commandName = "Sleep";
    private Optional<CommandInterceptor> interceptor = Optional.empty();
    private Optional<Upload> upload = Optional.empty();

    /** Takes packets in the middle of COM_CHANGE_USER. */
    interface CommandInterceptor {
        /**
         * @param payload valid during the call
         */
        void packet(int sequence, ByteBuf payload);
    }

    FrontendConnection(
            Channel channel,
            Session session,
            LoopContext loop,
            ProxyServices services,
            FrontendRegistry registry,
            UserChange userChange) {
        this.channel = channel;
        this.session = session;
        this.registry = registry;
        this.services = services;
        this.runner = new StatementRunner(session, this, loop, services);
        this.dispatcher = new CommandDispatcher(this, runner, services, userChange);
        this.framer =
                new CommandFramer(channel.alloc(), services.settings().frontend().packetBytesMax());
        this.pipelinedBytesMax = services.settings().frontend().pipelinedBytesMax();
        this.flowControl = new FlowControl(channel);
        this.timeouts =
                new ClientTimeouts(channel, channel.pipeline().get(TakenBytes.class), session);
        this.lastWords = new LastWords(channel);
    }

    public Session session() {
        return session;
    }

    void clientIs(ClientSide client) {
        clientSide = client;
    }

    ClientSide clientSide() {
        return clientSide;
    }

    StatementRunner runner() {
        return runner;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (closing) {
            bytes.release();
            return;
        }
        if (upload.isPresent()) {
            Optional<ByteBuf> rest = upload.get().received(bytes);
            if (rest.isPresent()) {
                upload = Optional.empty();
                framer.add(rest.get());
            }
            return;
        }
        if (!busy && interceptor.isEmpty() && framer.isEmpty() && dispatcher.isWholeQuery(bytes)) {
            if (endedWithAccount(1)) {
                bytes.release();
                return;
            }
            busy = true;
            sinceNanos = System.nanoTime();
            runWhole(bytes);
            return;
        }
        framer.add(bytes);
        if (busy && framer.bytes() > pipelinedBytesMax) {
            flowControl.pauseReading();
        }
        if (interceptor.isPresent()) {
            framer.nextPacket().ifPresent(this::intercept);
            return;
        }
        runCommands();
    }

    /** The usual case: one COM_QUERY came alone and whole; its buffer goes on as it is. */
    private void runWhole(ByteBuf bytes) {
        looping = true;
        try {
            dispatcher.query(bytes);
        } catch (MalformedPacketException | ShardwayException refused) {
            thrown(refused);
        } finally {
            looping = false;
        }
        runCommands();
    }

    private void intercept(CommandFramer.Command packet) {
        ByteBuf payload = packet.payload();
        try {
            interceptor.orElseThrow().packet(packet.lastSequence(), payload);
        } catch (MalformedPacketException | ShardwayException refused) {
            thrown(refused);
        } finally {
            payload.release();
            packet.framed().release();
        }
    }

    private void runCommands() {
        if (looping) {
            return;
        }
        looping = true;
        try {
            while (!busy && !closing && interceptor.isEmpty()) {
                Optional<CommandFramer.Command> next = framer.next();
                if (next.isEmpty()) {
                    return;
                }
                CommandFramer.Command command = next.get();
                if (endedWithAccount(command.lastSequence() + 1)) {
                    command.payload().release();
                    command.framed().release();
                    return;
                }
                busy = true;
                sinceNanos = System.nanoTime();
                dispatcher.dispatch(command);
            }
        } catch (MalformedPacketException | ShardwayException refused) {
            thrown(refused);
        } finally {
            looping = false;
        }
    }

    /**
     * Takes over what changed of the account; if it was dropped, says so and closes.
     *
     * @param sequence of the error
     */
    private boolean endedWithAccount(int sequence) {
        if (session.account().follow(services.accounts())) {
            return false;
        }
        services.counted(ErrorCode.ACCOUNT_DROPPED);
        lastWords.send(
                ErrPacket.of(ErrorCode.ACCOUNT_DROPPED, session.identity().account().toString()),
                sequence & 0xFF);
        close(CloseReason.ACCOUNT_DROPPED);
        return true;
    }

    private void malformed(ErrorCode code, String detail) {
        LOG.debug("event=malformed session={} code={} detail={}", session.id(), code.id(), detail);
        interceptor = Optional.empty();
        runner.breakOff();
        lastWords.send(ErrPacket.of(code, detail), 1);
        close(CloseReason.MALFORMED);
    }

    void intercept(Optional<CommandInterceptor> with) {
        if (with.isPresent() && !channel.isActive()) {
            // The client left while its identity was being proved; no packet will come.
            runner.breakOff();
            return;
        }
        interceptor = with;
    }

    void commandIs(String name) {
        commandName = name;
    }

    @Override
    public void commandDone() {
        busy = false;
        commandName = "Sleep";
        sinceNanos = System.nanoTime();
        flowControl.answerDone();
        flowControl.resumeReading();
        if (draining && runner.control().isIdle()) {
            shutDown();
            return;
        }
        if (!looping) {
            runCommands();
        }
    }

    /** A command without an answer is done; nothing was begun. */
    void nothingToAnswer() {
        busy = false;
        commandName = "Sleep";
    }

    @Override
    public void upload(Upload to) {
        upload = Optional.of(to);
    }

    @Override
    public void readOn(boolean on) {
        channel.config().setAutoRead(on);
    }

    @Override
    public ByteBufAllocator allocator() {
        return channel.alloc();
    }

    @Override
    public EventLoop eventLoop() {
        return channel.eventLoop();
    }

    @Override
    public void write(ByteBuf framed) {
        channel.write(framed, channel.voidPromise());
    }

    @Override
    public void flush() {
        channel.flush();
    }

    @Override
    public boolean isWritable() {
        return channel.isWritable();
    }

    @Override
    public boolean isOpen() {
        return channel.isActive() && !closing;
    }

    @Override
    public void flow(Flow to) {
        flowControl.awaitWritable(to);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        flowControl.writabilityChanged();
    }

    @Override
    public void close(CloseReason reason) {
        if (closing) {
            return;
        }
        closing = true;
        registry.closed(this, reason);
        flowControl.resumeReading();
        lastWords.close();
    }

    /** Never into the middle of an answer, where it would be taken for a part of a row. */
    private void sendLastInTurn(ErrPacket packet) {
        if (!busy) {
            lastWords.send(packet, 0);
        } else if (!runner.answerBegun()) {
            lastWords.send(packet, runner.errorSequence());
        }
    }

    /** KILL from anywhere; called on the event loop. */
    void kill(boolean queryOnly) {
        if (busy) {
            runner.interrupt();
        }
        if (!queryOnly) {
            close(CloseReason.KILLED);
        }
    }

    /** The proxy stops: no new command once no transaction is open. Called on the event loop. */
    void drain() {
        draining = true;
        if (!busy && runner.control().isIdle()) {
            shutDown();
        }
    }

    /** The client does not even take what is said to it last. Called on the event loop. */
    void cutOff() {
        channel.close();
    }

    /** The proxy stops and waits no longer. Called on the event loop. */
    void shutDown() {
        if (closing) {
            return;
        }
        sendLastInTurn(ErrPacket.of(ErrorCode.SHUTTING_DOWN, ""));
        close(CloseReason.DRAINED);
    }

    /**
     * Disconnects a client that was idle for too long, takes nothing of its answer, or whose
     * account was dropped. Called about every second on the event loop.
     *
     * @return the limit that was passed, if one was
     */
    Optional<ErrorCode> sweep(long nowNanos, long waitTimeoutSeconds, long writeTimeoutSeconds) {
        boolean takesNothing = timeouts.takesNothing(nowNanos, writeTimeoutSeconds);
        if (takesNothing && !closing) {
            LOG.debug("event=write-timeout session={}", session.id());
            close(CloseReason.WRITE_TIMEOUT);
            channel.close();
            return Optional.of(ErrorCode.WRITE_TIMEOUT);
        }
        if (busy || closing || endedWithAccount(0)) {
            return Optional.empty();
        }
        if (timeouts.isIdleTooLong(nowNanos - sinceNanos, waitTimeoutSeconds)) {
            lastWords.send(ErrPacket.of(ErrorCode.IDLE_TIMEOUT, ""), 0);
            close(CloseReason.IDLE);
            return Optional.of(ErrorCode.IDLE_TIMEOUT);
        }
        return Optional.empty();
    }

    /** What it does now. Called on the event loop. */
    SessionFigures figures(long nowNanos) {
        return SessionFigures.of(
                runner,
                commandName,
                TimeUnit.NANOSECONDS.toSeconds(nowNanos - sinceNanos),
                TakenBytes.queuedBytes(channel));
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (!closing) {
            closing = true;
            registry.closed(this, CloseReason.CLIENT_GONE);
        }
        registry.gone(this);
        framer.release();
        if (interceptor.isPresent()) {
            interceptor = Optional.empty();
            runner.breakOff();
        }
        runner.abandon();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        thrown(cause);
    }

    @Override
    public void thrown(Throwable cause) {
        switch (cause) {
            case MalformedPacketException malformed ->
                    malformed(malformed.code(), malformed.detail());
            case ShardwayException refused -> malformed(refused.code(), refused.detail());
            case IOException _ -> channel.close();
            case DecoderException tls
                    when tls.getCause() == null || tls.getCause() instanceof IOException ->
                    channel.close();
            default -> bug(cause);
        }
    }

    @Override
    public void bug(Throwable cause) {
        LOG.error("event=bug code={} session={}", ErrorCode.BUG.id(), session.id(), cause);
        if (!closing) {
            sendLastInTurn(ErrPacket.of(ErrorCode.BUG, "session " + session.id()));
        }
        close(CloseReason.BUG);
        runner.broken();
    }
}
