package io.shardway.proxy.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.shardway.proxy.protocol.Capabilities;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Logs in through {@link BackendLogin} and lets go at once. */
final class LoginClient implements AutoCloseable {

    private static final long CAPABILITIES =
            Capabilities.TRANSACTIONS | Capabilities.SESSION_TRACK | Capabilities.DEPRECATE_EOF;

    private final EventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

    /** Bytes to send before everything else, such as a PROXY header. */
    String preface = "";

    String schema = "";
    Duration timeout = Duration.ofSeconds(15);

    /** Fails with a {@link BackendLoginException}. */
    CompletableFuture<BackendHello> login(
            int port, String user, String password, TlsMode mode, SslContext tls) {
        CompletableFuture<BackendHello> result = new CompletableFuture<>();
        BackendLoginSettings settings =
                new BackendLoginSettings(
                        CAPABILITIES,
                        255,
                        mode,
                        Optional.of(tls),
                        Map.of("program_name", "shardway-test"),
                        timeout);
        BackendCredentials credentials =
                new BackendCredentials(user, password.getBytes(UTF_8), schema);
        new Bootstrap()
                .group(loops)
                .channel(NioSocketChannel.class)
                .handler(
                        new ChannelInitializer<>() {
                            @Override
                            protected void initChannel(Channel channel) {
                                channel.pipeline()
                                        .addLast(
                                                new Preface(),
                                                new BackendLogin(
                                                        settings, credentials, new Result(result)));
                            }
                        })
                .connect("127.0.0.1", port);
        return result;
    }

    @Override
    public void close() {
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private final class Preface extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext context) {
            context.writeAndFlush(Unpooled.copiedBuffer(preface, UTF_8));
            context.fireChannelActive();
        }
    }

    private record Result(CompletableFuture<BackendHello> future) implements BackendLoginCallback {
        @Override
        public void loggedIn(ChannelHandlerContext context, BackendHello hello) {
            context.close();
            future.complete(hello);
        }

        @Override
        public void failed(BackendLoginException failure) {
            future.completeExceptionally(failure);
        }
    }
}
