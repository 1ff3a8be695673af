package io.shardway.proxy.auth;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import io.shardway.proxy.protocol.AuthSwitchRequest;
import io.shardway.proxy.protocol.Capabilities;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.protocol.HandshakeResponse;
import io.shardway.proxy.protocol.HandshakeV10;
import io.shardway.proxy.protocol.MalformedPacketException;
import io.shardway.proxy.protocol.OkPacket;
import io.shardway.proxy.protocol.PacketDecoder;
import io.shardway.proxy.protocol.Packets;
import io.shardway.proxy.protocol.RsaKeys;
import io.shardway.proxy.protocol.Scrambles;
import io.shardway.proxy.protocol.Wire;
import java.io.EOFException;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of a login at a node; then hands over to a {@link BackendLoginCallback} and
 * leaves the pipeline. Confined to its connection's event loop.
 *
 * <p>The password goes over the line only inside TLS or encrypted for the node's RSA key. Without a
 * trusted authority neither is proof against somebody who plays the node.
 *
 * @see <a
 *     href="https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html">
 *     MySQL Client/Server Protocol: Connection Phase</a>
 */
public final class BackendLogin extends ByteToMessageDecoder {

    private static final int PAYLOAD_BYTES_MAX = 256 * 1024;

    /** The longest payload that the node may send and take, in its own counting. */
    private static final long PACKET_BYTES_MAX = 1L << 30;

    private static final int MORE_DATA = 0x01;
    private static final int FAST_PATH_DONE = 0x03;
    private static final int FULL_PATH_WANTED = 0x04;
    private static final byte KEY_REQUEST = 0x02;

    private enum State {
        /** The node's greeting is due. */
        CONNECTED,
        /** Our response is sent; OK, an error or a question is due. */
        ANSWERED,
        /** The node's RSA key is due. */
        KEY_ASKED,
        /** Logged in or failed. */
        ENDED
    }

    private final BackendLoginSettings settings;
    private final BackendCredentials credentials;
    private final BackendLoginCallback callback;
    private final PacketDecoder packets = new PacketDecoder(PAYLOAD_BYTES_MAX);
    private State state = State.CONNECTED;
    private boolean tls;
    private long capabilities;
    private byte[] nonce = new byte[0];
    private String plugin = "";
    private @Nullable HandshakeV10 greeting;
    private @Nullable Future<?> deadline;

    public BackendLogin(
            BackendLoginSettings settings,
            BackendCredentials credentials,
            BackendLoginCallback callback) {
        this.settings = settings;
        this.credentials = credentials;
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
        if (deadline == null) {
            long millis = settings.timeout().toMillis();
            Runnable late =
                    () -> fail(context, "the node took too long to log in", new TimeoutException());
            deadline = context.executor().schedule(late, millis, TimeUnit.MILLISECONDS);
        }
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (state == State.ENDED) {
            in.skipBytes(in.readableBytes());
            return;
        }
        try {
            packets.decode(in).ifPresent(payload -> onPayload(context, payload, in));
        } catch (MalformedPacketException malformed) {
            in.skipBytes(in.readableBytes());
            fail(context, "the node breaks the protocol: " + malformed.detail(), malformed);
        }
    }

    private void onPayload(ChannelHandlerContext context, ByteBuf payload, ByteBuf in) {
        if (!payload.isReadable()) {
            throw new MalformedPacketException("an empty packet in the login");
        }
        int header = payload.getUnsignedByte(payload.readerIndex());
        if (header == ErrPacket.HEADER) {
            fail(context, new BackendLoginException(ErrPacket.read(payload)));
            return;
        }
        switch (state) {
            case CONNECTED -> onGreeting(context, HandshakeV10.read(payload), in);
            case ANSWERED -> onAnswer(context, header, payload);
            case KEY_ASKED -> onKey(context, payload);
            case ENDED -> {}
        }
    }

    private void onGreeting(ChannelHandlerContext context, HandshakeV10 read, ByteBuf in) {
        greeting = read;
        nonce = read.nonce();
        plugin = read.plugin();
        boolean offered = Capabilities.has(read.capabilities(), Capabilities.SSL);
        tls = offered && settings.tlsMode() != TlsMode.DISABLED;
        if (!offered && settings.tlsMode() == TlsMode.REQUIRED) {
            fail(context, new BackendLoginException("the node does not offer TLS"));
            return;
        }
        capabilities = settings.capabilities() & read.capabilities();
        if (!credentials.schema().isEmpty()) {
            capabilities |= Capabilities.CONNECT_WITH_DB;
        }
        HandshakeResponse response = response();
        if (tls) {
            if (in.isReadable()) {
                throw new MalformedPacketException("plain bytes where TLS is due");
            }
            capabilities |= Capabilities.SSL;
            response = response();
            send(context, response::writeSslRequest);
            addTls(context);
        }
        send(context, response::write);
        state = State.ANSWERED;
    }

    private void addTls(ChannelHandlerContext context) {
        SslContext sslContext =
                settings.tls().orElseThrow(() -> new IllegalStateException("TLS has no context"));
        SslHandler handler = sslContext.newHandler(context.alloc());
        handler.setHandshakeTimeoutMillis(settings.timeout().toMillis());
        context.pipeline().addFirst(handler);
    }

    /** An unknown plugin gets an empty answer: the node then asks for the account's own. */
    private HandshakeResponse response() {
        boolean attributes = Capabilities.has(capabilities, Capabilities.CONNECT_ATTRS);
        return new HandshakeResponse(
                capabilities,
                PACKET_BYTES_MAX,
                settings.collation(),
                credentials.user(),
                isKnown(plugin) ? scramble() : new byte[0],
                credentials.schema(),
                plugin,
                attributes ? settings.attributes() : Map.of());
    }

    private void onAnswer(ChannelHandlerContext context, int header, ByteBuf payload) {
        switch (header) {
            case OkPacket.OK_HEADER -> handOver(context, OkPacket.read(payload, capabilities));
            case AuthSwitchRequest.HEADER -> onSwitch(context, AuthSwitchRequest.read(payload));
            case MORE_DATA -> onMoreData(context, payload);
            default -> throw new MalformedPacketException("not an answer to a login: " + header);
        }
    }

    private void onSwitch(ChannelHandlerContext context, AuthSwitchRequest request) {
        plugin = request.plugin();
        nonce = request.nonce();
        if (!isKnown(plugin)) {
            fail(
                    context,
                    new BackendLoginException(
                            "the node's account uses plugin " + plugin + ", which is not offered"));
            return;
        }
        if (nonce.length != Scrambles.NONCE_BYTES) {
            throw new MalformedPacketException("a nonce has not 20 bytes");
        }
        byte[] scramble = scramble();
        send(context, out -> out.writeBytes(scramble));
    }

    private void onMoreData(ChannelHandlerContext context, ByteBuf payload) {
        Wire.skip(payload, 1);
        switch (Wire.readByte(payload)) {
            case FAST_PATH_DONE -> {} // The OK follows.
            case FULL_PATH_WANTED -> {
                if (tls) {
                    byte[] password = credentials.password();
                    byte[] terminated = Arrays.copyOf(password, password.length + 1);
                    send(context, out -> out.writeBytes(terminated));
                } else {
                    send(context, out -> out.writeByte(KEY_REQUEST));
                    state = State.KEY_ASKED;
                }
            }
            default -> throw new MalformedPacketException("an unknown step of the login");
        }
    }

    private void onKey(ChannelHandlerContext context, ByteBuf payload) {
        if (Wire.readByte(payload) != MORE_DATA) {
            throw new MalformedPacketException("not a public key");
        }
        try {
            byte[] encrypted =
                    Scrambles.encrypt(
                            credentials.password(),
                            nonce,
                            RsaKeys.publicKey(Wire.readRest(payload)));
            send(context, out -> out.writeBytes(encrypted));
            state = State.ANSWERED;
        } catch (GeneralSecurityException failure) {
            fail(context, "the password cannot be encrypted for the node", failure);
        }
    }

    private void handOver(ChannelHandlerContext context, OkPacket ok) {
        HandshakeV10 from = greeting;
        if (from == null) {
            throw new IllegalStateException("logged in before the greeting");
        }
        end();
        callback.loggedIn(
                context,
                new BackendHello(
                        from.connectionId(), from.serverVersion(), capabilities, ok.status()));
        if (!context.isRemoved()) {
            context.pipeline().remove(this);
        }
    }

    private static boolean isKnown(String plugin) {
        return plugin.equals(AuthPlugin.CACHING_SHA2_PASSWORD.wireName())
                || plugin.equals(AuthPlugin.MYSQL_NATIVE_PASSWORD.wireName());
    }

    private byte[] scramble() {
        return plugin.equals(AuthPlugin.CACHING_SHA2_PASSWORD.wireName())
                ? Scrambles.sha2Scramble(credentials.password(), nonce)
                : Scrambles.nativeScramble(credentials.password(), nonce);
    }

    private void fail(ChannelHandlerContext context, String message, Throwable cause) {
        fail(context, new BackendLoginException(message, cause));
    }

    private void fail(ChannelHandlerContext context, BackendLoginException failure) {
        if (state != State.ENDED) {
            end();
            context.close();
            callback.failed(failure);
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
        super.channelInactive(context); // What has come before the end counts first.
        fail(context, "the node closed the connection during the login", new EOFException());
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
        if (event instanceof SslHandshakeCompletionEvent handshake && !handshake.isSuccess()) {
            fail(context, "no TLS with the node: " + handshake.cause(), handshake.cause());
        }
        super.userEventTriggered(context, event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        Throwable inner = cause.getCause();
        Throwable reason = cause instanceof DecoderException && inner != null ? inner : cause;
        fail(context, "the login failed: " + reason, reason);
        context.close();
    }

    private void send(ChannelHandlerContext context, Consumer<ByteBuf> body) {
        int sequence = packets.sequence();
        packets.sequence(sequence + 1);
        context.writeAndFlush(Packets.frame(context.alloc(), sequence, body));
    }
}
