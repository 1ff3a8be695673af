package io.shardway.proxy.auth;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyProtocolException;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.protocol.HandshakeResponse;
import io.shardway.proxy.protocol.HandshakeV10;
import io.shardway.proxy.protocol.MalformedPacketException;
import io.shardway.proxy.protocol.PacketDecoder;
import io.shardway.proxy.protocol.Packets;
import io.shardway.proxy.protocol.Scrambles;
import io.shardway.proxy.protocol.ServerStatus;
import io.shardway.proxy.protocol.Wire;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's side of a client's login, from the first byte to the moment when only the OK is
 * missing; then hands over to a {@link LoginCallback} and leaves the pipeline. Confined to its
 * connection's event loop.
 *
 * <p>After an SSLRequest no byte is taken as plain text any more: what has come with it goes to
 * TLS, so that nobody on the way can put words into a client's mouth.
 *
 * @see <a
 *     href="https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html">
 *     MySQL Client/Server Protocol: Connection Phase</a>
 */
public final class FrontendLogin extends ByteToMessageDecoder {

    private static final Logger LOG = LoggerFactory.getLogger(FrontendLogin.class);

    /** Room for 64 KiB of connection attributes and all else. */
    private static final int PAYLOAD_BYTES_MAX = 256 * 1024;

    private enum State {
        /** Nothing is sent; with the PROXY protocol, its header is due. */
        NEW,
        /** The greeting is sent; an SSLRequest or the response is due. */
        GREETED,
        /** The exchange waits for the client. */
        ASKED,
        /** A password is being checked; what the client sends now is kept. */
        CHECKING,
        /** Accepted or refused; what a refused client still sends is thrown away. */
        ENDED
    }

    private final FrontendLoginSettings settings;
    private final Authenticator authenticator;
    private final long connectionId;
    private final LoginCallback callback;
    private final PacketDecoder packets = new PacketDecoder(PAYLOAD_BYTES_MAX);
    private final byte[] nonce = Scrambles.newNonce();
    private State state = State.NEW;
    private boolean tls;

    /** As far as known: 0 until the response has come, which decides the form of errors. */
    private long capabilities;

    private @Nullable SocketAddress client;
    private @Nullable HandshakeResponse response;
    private @Nullable LoginExchange exchange;
    private @Nullable Future<?> deadline;

    public FrontendLogin(
            FrontendLoginSettings settings,
            Authenticator authenticator,
            long connectionId,
            LoginCallback callback) {
        this.settings = settings;
        this.authenticator = authenticator;
        this.connectionId = connectionId;
        this.callback = callback;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        if (context.channel().isActive()) {
            start(context);
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext context) throws Exception {
        start(context);
        super.channelActive(context);
    }

    private void start(ChannelHandlerContext context) {
        if (deadline != null) {
            return; // Added to a channel just as it became active.
        }
        long millis = settings.timeout().toMillis();
        deadline =
                context.executor()
                        .schedule(() -> onDeadline(context), millis, TimeUnit.MILLISECONDS);
        client = context.channel().remoteAddress();
        if (settings.proxyProtocol()) {
            context.pipeline().addBefore(context.name(), null, new HAProxyMessageDecoder());
        } else {
            greet(context);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        if (state == State.NEW && message instanceof HAProxyMessage header) {
            try {
                onProxyHeader(header);
            } finally {
                header.release();
            }
            greet(context);
        } else {
            super.channelRead(context, message);
        }
    }

    /** LOCAL is the load balancer's own check; other families have no address to tell. */
    private void onProxyHeader(HAProxyMessage header) {
        if (header.command() == HAProxyCommand.LOCAL) {
            return;
        }
        switch (header.proxiedProtocol().addressFamily()) {
            case AF_IPv4, AF_IPv6 ->
                    client =
                            new InetSocketAddress(
                                    InetAddress.ofLiteral(header.sourceAddress()),
                                    header.sourcePort());
            case AF_UNIX, AF_UNSPEC -> {}
        }
    }

    private void greet(ChannelHandlerContext context) {
        HandshakeV10 greeting =
                new HandshakeV10(
                        settings.serverVersion(),
                        connectionId,
                        nonce,
                        settings.capabilities(),
                        settings.collation(),
                        ServerStatus.AUTOCOMMIT,
                        authenticator.defaultPlugin().wireName());
        send(context, greeting::write);
        state = State.GREETED;
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        try {
            switch (state) {
                case GREETED, ASKED ->
                        packets.decode(in).ifPresent(payload -> onPayload(context, payload, in));
                case NEW, ENDED -> in.skipBytes(in.readableBytes());
                case CHECKING -> {
                    if (in.readableBytes() > PAYLOAD_BYTES_MAX) {
                        throw new MalformedPacketException("too much is sent before the login");
                    }
                }
            }
        } catch (MalformedPacketException malformed) {
            in.skipBytes(in.readableBytes());
            fail(context, malformed.code(), malformed.detail());
        }
    }

    private void onPayload(ChannelHandlerContext context, ByteBuf payload, ByteBuf in) {
        LoginExchange running = exchange;
        if (running != null) {
            follow(context, running, running.answer(Wire.readRest(payload)));
        } else if (!tls && HandshakeResponse.isSslRequest(payload)) {
            startTls(context, in);
        } else {
            onResponse(context, HandshakeResponse.read(payload, settings.capabilities()));
        }
    }

    private void startTls(ChannelHandlerContext context, ByteBuf in) {
        SslHandler handler =
                settings.tls()
                        .orElseThrow(() -> new MalformedPacketException("TLS is not offered"))
                        .newHandler(context.alloc());
        handler.setHandshakeTimeoutMillis(settings.timeout().toMillis());
        tls = true;
        context.pipeline().addBefore(context.name(), null, handler);
        if (in.isReadable()) {
            context.pipeline().fireChannelRead(in.readBytes(in.readableBytes()));
        }
    }

    private void onResponse(ChannelHandlerContext context, HandshakeResponse read) {
        capabilities = read.capabilities() & settings.capabilities();
        if (!tls && settings.tlsRequired()) {
            fail(context, ErrorCode.TLS_REQUIRED, "");
            return;
        }
        response = read;
        LoginExchange begun = authenticator.exchange(clientIp(), tls);
        exchange = begun;
        follow(context, begun, begun.login(read.user(), nonce, read.plugin(), read.response()));
    }

    private void follow(ChannelHandlerContext context, LoginExchange running, LoginStep step) {
        switch (step) {
            case LoginStep.Send(var payload) -> {
                send(context, out -> out.writeBytes(payload));
                state = State.ASKED;
            }
            case LoginStep.Check check -> {
                state = State.CHECKING;
                authenticator
                        .check(check)
                        .whenCompleteAsync(
                                (matches, failure) -> onChecked(context, running, matches, failure),
                                context.executor());
            }
            case LoginStep.Accepted(var account, var before) -> {
                if (before.length > 0) {
                    send(context, out -> out.writeBytes(before));
                }
                handOver(context, account);
            }
            case LoginStep.Refused(var code, var detail) ->
                    failLater(
                            context,
                            code,
                            detail,
                            authenticator.failed(clientIp(), running.user()));
        }
    }

    private void onChecked(
            ChannelHandlerContext context,
            LoginExchange running,
            @Nullable Boolean matches,
            @Nullable Throwable failure) {
        if (state != State.CHECKING || !context.channel().isActive()) {
            return; // The deadline has passed, or the client has gone.
        }
        if (matches != null) {
            try {
                follow(context, running, running.checked(matches));
            } catch (RuntimeException bug) {
                exceptionCaught(context, bug); // No pipeline stands around this call.
            }
            return;
        }
        Throwable cause =
                failure instanceof CompletionException wrapped && wrapped.getCause() != null
                        ? wrapped.getCause()
                        : failure;
        if (cause instanceof ShardwayException known) {
            fail(context, known.code(), known.detail());
        } else {
            LOG.error("{} password check failed", ErrorCode.BUG.id(), cause);
            fail(context, ErrorCode.BUG, "");
        }
    }

    private void handOver(ChannelHandlerContext context, LoginAccount account) {
        HandshakeResponse read = response;
        SocketAddress address = client;
        if (read == null || address == null) {
            throw new IllegalStateException("accepted before a response came");
        }
        end();
        authenticator.succeeded(clientIp(), read.user());
        LoginResult result =
                new LoginResult(
                        read.user(),
                        account,
                        capabilities,
                        read.collation(),
                        read.schema(),
                        read.attributes(),
                        read.packetBytesMax(),
                        packets.sequence(),
                        tls,
                        address);
        callback.loggedIn(context, result);
        if (!context.isRemoved()) {
            context.pipeline().remove(this);
        }
    }

    private void failLater(
            ChannelHandlerContext context, ErrorCode code, String detail, Duration delay) {
        if (delay.isZero()) {
            fail(context, code, detail);
            return;
        }
        end();
        Runnable late = () -> fail(context, code, detail);
        context.executor().schedule(late, delay.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void fail(ChannelHandlerContext context, ErrorCode code, String detail) {
        end();
        ErrPacket error = ErrPacket.of(code, detail);
        ByteBuf packet = frame(context, out -> error.write(out, capabilities));
        context.writeAndFlush(packet).addListener(ChannelFutureListener.CLOSE);
    }

    /** Closes at once too: in an unfinished TLS handshake the error would never be written. */
    private void onDeadline(ChannelHandlerContext context) {
        if (state != State.ENDED) {
            fail(context, ErrorCode.LOGIN_TIMEOUT, "");
            context.close();
        }
    }

    private void end() {
        state = State.ENDED;
        if (deadline != null) {
            deadline.cancel(false);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        end();
        super.channelInactive(context);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (isPeersFault(cause)) {
            LOG.debug("login broken off by {}: {}", client, cause.toString());
        } else {
            LOG.error("{} login failed", ErrorCode.BUG.id(), cause);
        }
        end();
        context.close();
    }

    /** Netty wraps what a decoder throws: TLS and reading failures, but also our own mistakes. */
    private static boolean isPeersFault(Throwable cause) {
        Throwable inner = cause.getCause();
        return cause instanceof IOException
                || cause instanceof HAProxyProtocolException
                || (cause instanceof DecoderException
                        && (inner == null || inner instanceof IOException));
    }

    private InetAddress clientIp() {
        SocketAddress address = client;
        return address == null ? InetAddress.getLoopbackAddress() : LoginResult.ipOf(address);
    }

    private void send(ChannelHandlerContext context, Consumer<ByteBuf> body) {
        context.writeAndFlush(frame(context, body));
    }

    private ByteBuf frame(ChannelHandlerContext context, Consumer<ByteBuf> body) {
        int sequence = packets.sequence();
        packets.sequence(sequence + 1);
        return Packets.frame(context.alloc(), sequence, body);
    }
}
