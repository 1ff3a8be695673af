package io.shardway.proxy.auth;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.shardway.proxy.protocol.Capabilities;
import io.shardway.proxy.protocol.ChangeUserRequest;
import io.shardway.proxy.protocol.ColumnDefinition;
import io.shardway.proxy.protocol.Commands;
import io.shardway.proxy.protocol.EofPacket;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.protocol.OkPacket;
import io.shardway.proxy.protocol.PacketDecoder;
import io.shardway.proxy.protocol.Packets;
import io.shardway.proxy.protocol.ServerStatus;
import io.shardway.proxy.protocol.TextResult;
import io.shardway.proxy.protocol.Wire;
import io.shardway.router.topology.PasswordHash;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server that is nothing but a login: it answers a SELECT of variables with made-up values and
 * everything else with OK.
 */
final class LoginServer implements AutoCloseable {

    static final long CAPABILITIES =
            Capabilities.LONG_PASSWORD
                    | Capabilities.FOUND_ROWS
                    | Capabilities.LONG_FLAG
                    | Capabilities.TRANSACTIONS
                    | Capabilities.MULTI_STATEMENTS
                    | Capabilities.MULTI_RESULTS
                    | Capabilities.SESSION_TRACK
                    | Capabilities.DEPRECATE_EOF;

    private static final Pattern VARIABLE =
            Pattern.compile(
                    "@@(?:session\\.|global\\.)?(\\w+)(?:\\s+as\\s+(\\w+))?",
                    Pattern.CASE_INSENSITIVE);
    private static final Map<String, String> VALUES =
            Map.of(
                    "character_set_client", "utf8mb4",
                    "character_set_connection", "utf8mb4",
                    "character_set_results", "utf8mb4",
                    "character_set_server", "utf8mb4",
                    "collation_server", "utf8mb4_0900_ai_ci",
                    "collation_connection", "utf8mb4_0900_ai_ci",
                    "time_zone", "SYSTEM",
                    "system_time_zone", "UTC",
                    "transaction_isolation", "REPEATABLE-READ",
                    "max_allowed_packet", "67108864");

    final Map<String, LoginAccount> accounts = new ConcurrentHashMap<>();
    final BlockingQueue<LoginResult> logins = new LinkedBlockingQueue<>();
    final AtomicInteger slowChecks = new AtomicInteger();
    final Authenticator authenticator;

    private final EventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final Channel channel;

    LoginServer(FrontendLoginSettings settings, AuthenticatorSettings authenticatorSettings)
            throws InterruptedException {
        authenticator =
                new Authenticator(
                        authenticatorSettings,
                        (user, address) -> Optional.ofNullable(accounts.get(user)),
                        task -> {
                            slowChecks.incrementAndGet();
                            executor.execute(task);
                        });
        channel =
                new ServerBootstrap()
                        .group(loops)
                        .channel(NioServerSocketChannel.class)
                        .childHandler(
                                new ChannelInitializer<>() {
                                    @Override
                                    protected void initChannel(Channel child) {
                                        child.pipeline().addLast(login(settings));
                                    }
                                })
                        .bind("127.0.0.1", 0)
                        .sync()
                        .channel();
    }

    private FrontendLogin login(FrontendLoginSettings settings) {
        return new FrontendLogin(settings, authenticator, 7, this::loggedIn);
    }

    int port() {
        return ((InetSocketAddress) channel.localAddress()).getPort();
    }

    void account(String name, AuthPlugin plugin, String password) {
        accounts.put(name, new LoginAccount(name, plugin, hash(plugin, password)));
    }

    static String hash(AuthPlugin plugin, String password) {
        return PasswordHash.of(plugin.stored(), password.getBytes(UTF_8));
    }

    private void loggedIn(ChannelHandlerContext context, LoginResult result) {
        logins.add(result);
        context.pipeline().addLast(new Session(result));
        ByteBuf packet =
                Packets.frame(
                        context.alloc(),
                        result.nextSequence(),
                        out ->
                                OkPacket.of(ServerStatus.AUTOCOMMIT)
                                        .write(out, OkPacket.OK_HEADER, result.capabilities()));
        context.writeAndFlush(packet);
    }

    @Override
    public void close() {
        channel.close().syncUninterruptibly();
        loops.shutdownGracefully(0, 5, java.util.concurrent.TimeUnit.SECONDS).syncUninterruptibly();
        executor.close();
    }

    /** One client after its login. Confined to its event loop. */
    private final class Session extends ByteToMessageDecoder {

        private final LoginResult login;
        private final PacketDecoder packets = new PacketDecoder(1 << 20);
        private Optional<LoginExchange> change = Optional.empty();

        Session(LoginResult login) {
            this.login = login;
        }

        @Override
        protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
            if (change.isEmpty()) {
                packets.sequence(0);
            }
            packets.decode(in).ifPresent(payload -> onPayload(context, payload));
        }

        private void onPayload(ChannelHandlerContext context, ByteBuf payload) {
            if (change.isPresent()) {
                follow(context, change.get(), change.get().answer(Wire.readRest(payload)));
                return;
            }
            int command = payload.getUnsignedByte(payload.readerIndex());
            if (command == Commands.QUIT) {
                context.close();
            } else if (command == Commands.CHANGE_USER) {
                ChangeUserRequest request =
                        ChangeUserRequest.read(payload, login.capabilities(), UTF_8);
                LoginExchange exchange = authenticator.exchange(login.clientIp(), login.tls());
                change = Optional.of(exchange);
                follow(context, exchange, exchange.changeUser(request.user()));
            } else {
                answer(context, payload.skipBytes(1).toString(UTF_8));
            }
        }

        private void follow(ChannelHandlerContext context, LoginExchange exchange, LoginStep step) {
            switch (step) {
                case LoginStep.Send(var payload) -> send(context, payload);
                case LoginStep.Check check ->
                        authenticator
                                .check(check)
                                .thenAcceptAsync(
                                        matches ->
                                                follow(
                                                        context,
                                                        exchange,
                                                        exchange.checked(matches)),
                                        context.executor());
                case LoginStep.Accepted(_, var before) -> {
                    if (before.length > 0) {
                        send(context, before);
                    }
                    change = Optional.empty();
                    ok(context);
                }
                case LoginStep.Refused(var code, var detail) -> {
                    ErrPacket error = ErrPacket.of(code, detail);
                    context.writeAndFlush(
                            Packets.frame(
                                    context.alloc(),
                                    packets.sequence(),
                                    out -> error.write(out, login.capabilities())));
                    context.close();
                }
            }
        }

        private void send(ChannelHandlerContext context, byte[] payload) {
            int sequence = packets.sequence();
            packets.sequence(sequence + 1);
            context.writeAndFlush(
                    Packets.frame(context.alloc(), sequence, out -> out.writeBytes(payload)));
        }

        private void answer(ChannelHandlerContext context, String sql) {
            List<ColumnDefinition> columns = new ArrayList<>();
            List<Object> values = new ArrayList<>();
            Matcher variables = VARIABLE.matcher(sql);
            while (variables.find()) {
                String name = variables.group(1);
                String alias = variables.group(2);
                columns.add(ColumnDefinition.text(alias == null ? "@@" + name : alias));
                values.add(VALUES.getOrDefault(name, "1").getBytes(US_ASCII));
            }
            if (columns.isEmpty() || !sql.toLowerCase(java.util.Locale.ROOT).contains("select")) {
                ok(context);
                return;
            }
            ByteBuf out = context.alloc().buffer();
            new TextResult(columns)
                    .row(values.toArray())
                    .write(
                            out,
                            packets.sequence(),
                            login.capabilities(),
                            new EofPacket(0, ServerStatus.AUTOCOMMIT));
            context.writeAndFlush(out);
        }

        private void ok(ChannelHandlerContext context) {
            context.writeAndFlush(
                    Packets.frame(
                            context.alloc(),
                            packets.sequence(),
                            out ->
                                    OkPacket.of(ServerStatus.AUTOCOMMIT)
                                            .write(out, OkPacket.OK_HEADER, login.capabilities())));
        }
    }
}
