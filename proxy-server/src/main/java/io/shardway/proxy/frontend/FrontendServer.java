package io.shardway.proxy.frontend;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.shardway.proxy.auth.Authenticator;
import io.shardway.proxy.auth.FrontendLogin;
import io.shardway.proxy.auth.FrontendLoginSettings;
import io.shardway.proxy.auth.LoginResult;
import io.shardway.proxy.execution.LoopContext;
import io.shardway.proxy.execution.ProxyServices;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.protocol.OkPacket;
import io.shardway.proxy.protocol.Packets;
import io.shardway.proxy.protocol.ServerStatus;
import io.shardway.proxy.session.Session;
import io.shardway.proxy.session.SessionAccount;
import io.shardway.proxy.settings.FrontendSettings;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import java.net.InetSocketAddress;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/** Accepts clients, lets them log in and looks after them until they go. Thread-safe. */
public final class FrontendServer {

    private static final int BACKLOG = 1024;

    private final FrontendSettings settings;
    private final FrontendLoginSettings login;
    private final Authenticator authenticator;
    private final ProxyServices services;
    private final FrontendRegistry registry;
    private final Admission admission;
    private final UserChange userChange;
    private final Function<EventLoop, LoopContext> loops;
    private final Consumer<Channel> opened;
    private volatile boolean draining;

    /**
     * What a server is made of. Immutable.
     *
     * @param opened hears of every client's channel
     */
    public record Parts(
            FrontendLoginSettings login,
            Authenticator authenticator,
            ProxyServices services,
            FrontendRegistry registry,
            Function<EventLoop, LoopContext> loops,
            Consumer<Channel> opened) {}

    public FrontendServer(Parts parts) {
        this.settings = parts.services().settings().frontend();
        this.login = parts.login();
        this.authenticator = parts.authenticator();
        this.services = parts.services();
        this.registry = parts.registry();
        this.admission = new Admission(services::accounts, settings.accountConnectionsMax());
        this.userChange = new UserChanger(authenticator, admission);
        this.loops = parts.loops();
        this.opened = parts.opened();
    }

    /** Binds and begins to accept. Blocks until the port is bound. */
    public Channel listen(
            EventLoopGroup acceptor, EventLoopGroup workers, Class<? extends ServerChannel> type) {
        var mark =
                new WriteBufferWaterMark(
                        settings.writeBufferHighBytes() / 2, settings.writeBufferHighBytes());
        return new ServerBootstrap()
                .group(acceptor, workers)
                .channel(type)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, mark)
                .childHandler(
                        new ChannelInitializer<Channel>() {
                            @Override
                            protected void initChannel(Channel channel) {
                                accept(channel);
                            }
                        })
                .bind(settings.host(), settings.port())
                .syncUninterruptibly()
                .channel();
    }

    private void accept(Channel channel) {
        opened.accept(channel);
        if (draining) {
            refuse(channel, ErrorCode.SHUTTING_DOWN);
            return;
        }
        if (!registry.enter()) {
            refuse(channel, ErrorCode.TOO_MANY_CONNECTIONS);
            return;
        }
        channel.closeFuture().addListener(_ -> registry.left());
        long id = registry.nextId();
        channel.pipeline()
                .addLast(
                        new TakenBytes(),
                        new FrontendLogin(
                                login,
                                authenticator,
                                id,
                                (context, result) -> loggedIn(context, result, id)));
    }

    private void refuse(Channel channel, ErrorCode code) {
        services.counted(code);
        ByteBuf packet =
                Packets.frame(channel.alloc(), 0, out -> ErrPacket.of(code, "").write(out, 0));
        channel.writeAndFlush(packet).addListener(ChannelFutureListener.CLOSE);
    }

    private void loggedIn(ChannelHandlerContext context, LoginResult result, long id) {
        Channel channel = context.channel();
        try {
            FrontendConnection connection = connection(channel, result, id);
            context.pipeline().addLast(connection);
            registry.loggedIn(connection);
            authenticator
                    .listener()
                    .accepted(result.account().name(), result.clientIp(), id, result.tls());
            channel.writeAndFlush(
                    Packets.frame(
                            channel.alloc(),
                            result.nextSequence(),
                            out ->
                                    OkPacket.of(ServerStatus.AUTOCOMMIT)
                                            .write(
                                                    out,
                                                    OkPacket.OK_HEADER,
                                                    result.capabilities())));
            if (draining) {
                connection.drain();
            }
        } catch (ShardwayException refused) {
            services.counted(refused.code());
            authenticator.listener().refused(result.user(), result.clientIp(), refused.code());
            ByteBuf packet =
                    Packets.frame(
                            channel.alloc(),
                            result.nextSequence(),
                            out ->
                                    ErrPacket.of(refused.code(), refused.detail())
                                            .write(out, result.capabilities()));
            channel.writeAndFlush(packet).addListener(ChannelFutureListener.CLOSE);
        }
    }

    /** Throws why the client may not stay, although its password was right. */
    private FrontendConnection connection(Channel channel, LoginResult result, long id) {
        if (draining) {
            throw new ShardwayException(ErrorCode.SHUTTING_DOWN, "");
        }
        ClientSide client = ClientSide.of(channel, result.clientIp());
        SessionAccount account = admission.admit(result.account().name(), client);
        var session = new Session(id, addressOf(result), account, result.capabilities());
        channel.closeFuture().addListener(_ -> session.account().leave());
        var connection =
                new FrontendConnection(
                        channel,
                        session,
                        loops.apply(channel.eventLoop()),
                        services,
                        registry,
                        userChange);
        connection.clientIs(client);
        session.loggedInWith(LoginSettings.profileOf(result.collation()));
        if (!result.schema().isEmpty()) {
            connection.runner().control().requireUsable(result.schema());
        }
        session.schemaIs(result.schema());
        return connection;
    }

    private static String addressOf(LoginResult result) {
        String ip = result.clientIp().getHostAddress();
        return result.client() instanceof InetSocketAddress socket
                ? ip + ":" + socket.getPort()
                : ip;
    }

    /**
     * Disconnects those that were idle, or took nothing of their answers, for too long. Called
     * about every second, on any thread.
     */
    public void sweep() {
        long now = System.nanoTime();
        long wait = settings.waitTimeout().toSeconds();
        long write = settings.writeTimeout().toSeconds();
        for (FrontendConnection connection : registry.all()) {
            connection
                    .eventLoop()
                    .execute(() -> connection.sweep(now, wait, write).ifPresent(services::counted));
        }
    }

    /** Takes no new clients, and lets those without a transaction go. */
    public void drain() {
        draining = true;
        for (FrontendConnection connection : registry.all()) {
            connection.eventLoop().execute(connection::drain);
        }
    }

    /** Lets everybody go. */
    public void shutDown() {
        for (FrontendConnection connection : registry.all()) {
            connection.eventLoop().execute(connection::shutDown);
        }
    }

    /** Closes the connections of those who did not take their last words. */
    public void cutOff() {
        for (FrontendConnection connection : registry.all()) {
            connection.eventLoop().execute(connection::cutOff);
        }
    }

    /**
     * KILL; false if the session is not here or is gone.
     *
     * @param heard called once what comes after it finds the session killed
     */
    public boolean kill(long id, boolean queryOnly, Runnable heard) {
        return registry.find(id)
                .map(connection -> {
                    // On its own loop nothing comes before it, and who kills itself is told first.
                    boolean own = connection.eventLoop().inEventLoop();
                    connection
                            .eventLoop()
                            .execute(() -> {
                                connection.kill(queryOnly);
                                if (!own) {
                                    heard.run();
                                }
                            });
                    if (own) {
                        heard.run();
                    }
                    return true;
                })
                .orElse(false);
    }

    /** The account a session belongs to. */
    public Optional<String> userOf(long id) {
        return registry.find(id).map(connection -> connection.session().identity().user());
    }

    /** What all sessions do; waits for the event loops. */
    public List<SessionFigures> figures() {
        long now = System.nanoTime();
        return registry.all().stream()
                .map(connection -> connection.eventLoop().submit(() -> connection.figures(now)))
                .toList()
                .stream()
                .map(future -> {
                    future.awaitUninterruptibly(5, TimeUnit.SECONDS);
                    return future.isSuccess()
                            ? List.of(future.getNow())
                            : List.<SessionFigures>of();
                })
                .flatMap(List::stream)
                .sorted(Comparator.comparingLong(SessionFigures::id))
                .toList();
    }
}
