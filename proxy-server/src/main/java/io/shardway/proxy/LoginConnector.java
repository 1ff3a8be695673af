package io.shardway.proxy;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.shardway.proxy.auth.BackendCredentials;
import io.shardway.proxy.auth.BackendHello;
import io.shardway.proxy.auth.BackendLogin;
import io.shardway.proxy.auth.BackendLoginCallback;
import io.shardway.proxy.auth.BackendLoginException;
import io.shardway.proxy.auth.BackendLoginSettings;
import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.BackendFlavour;
import io.shardway.proxy.backend.CollectedAnswer;
import io.shardway.proxy.backend.NodeConnector;
import io.shardway.proxy.protocol.Capabilities;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.topology.Node;
import java.util.function.Function;

/**
 * Connects to nodes as the proxy's serving account and brings new connections to the common start.
 * Thread-safe.
 */
final class LoginConnector implements NodeConnector {

    private static final int ACCOUNT_LOCKED = 3118;

    private static final long ALWAYS =
            Capabilities.LONG_PASSWORD
                    | Capabilities.LONG_FLAG
                    | Capabilities.TRANSACTIONS
                    | Capabilities.MULTI_RESULTS
                    | Capabilities.PS_MULTI_RESULTS
                    | Capabilities.SESSION_TRACK
                    | Capabilities.DEPRECATE_EOF;

    private final Transport transport;
    private final BackendLoginSettings login;
    private final BackendCredentials credentials;
    private final int connectTimeoutMillis;
    private final int preparedStatementsMax;
    private final Function<Node, String> setup;

    /**
     * @param setup the statement every new connection to a node begins with
     */
    LoginConnector(
            Transport transport,
            BackendLoginSettings login,
            BackendCredentials credentials,
            int connectTimeoutMillis,
            int preparedStatementsMax,
            Function<Node, String> setup) {
        this.transport = transport;
        this.login = login;
        this.credentials = credentials;
        this.connectTimeoutMillis = connectTimeoutMillis;
        this.preparedStatementsMax = preparedStatementsMax;
        this.setup = setup;
    }

    @Override
    public void connect(
            Node node,
            BackendFlavour flavour,
            EventLoop loop,
            BackendConnection.ConnectionWatcher watcher,
            Result result) {
        var once = new Once(node, result);
        new Bootstrap()
                .group(loop)
                .channel(transport.clientChannel())
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, connectTimeoutMillis)
                .handler(
                        new ChannelInitializer<Channel>() {
                            @Override
                            protected void initChannel(Channel channel) {
                                channel.pipeline()
                                        .addLast(
                                                new BackendLogin(
                                                        settingsFor(flavour),
                                                        credentials,
                                                        new Login(node, flavour, watcher, once)));
                            }
                        })
                .connect(node.host(), node.port())
                .addListener((ChannelFuture future) -> {
                    if (!future.isSuccess()) {
                        once.failed(
                                ErrorCode.BACKEND_UNAVAILABLE,
                                String.valueOf(future.cause().getMessage()));
                    }
                });
    }

    private BackendLoginSettings settingsFor(BackendFlavour flavour) {
        long capabilities =
                ALWAYS
                        | (flavour.foundRows() ? Capabilities.FOUND_ROWS : 0)
                        | (flavour.queryAttributes() ? Capabilities.QUERY_ATTRIBUTES : 0);
        return new BackendLoginSettings(
                capabilities,
                login.collation(),
                login.tlsMode(),
                login.tls(),
                login.attributes(),
                login.timeout());
    }

    /** Tells the result once, whatever comes first. Confined to the loop. */
    private static final class Once {
        private final Node node;
        private final Result result;
        private boolean told;

        private Once(Node node, Result result) {
            this.node = node;
            this.result = result;
        }

        private void failed(ErrorCode code, String detail) {
            if (!told) {
                told = true;
                result.failed(new ShardwayException(code, "node " + node.name() + ": " + detail));
            }
        }

        private boolean connected(BackendConnection connection) {
            if (told) {
                return false;
            }
            told = true;
            result.connected(connection);
            return true;
        }
    }

    private final class Login implements BackendLoginCallback {
        private final Node node;
        private final BackendFlavour flavour;
        private final BackendConnection.ConnectionWatcher watcher;
        private final Once once;

        private Login(
                Node node,
                BackendFlavour flavour,
                BackendConnection.ConnectionWatcher watcher,
                Once once) {
            this.node = node;
            this.flavour = flavour;
            this.watcher = watcher;
            this.once = once;
        }

        @Override
        public void loggedIn(ChannelHandlerContext context, BackendHello hello) {
            var connection =
                    new BackendConnection(
                            node,
                            flavour,
                            context.channel(),
                            hello.connectionId(),
                            preparedStatementsMax,
                            this::closed);
            context.pipeline().addLast(connection);
            context.executor()
                    .execute(() ->
                            connection.query(
                                    setup.apply(node), answer -> settle(connection, answer)));
        }

        private void closed(BackendConnection connection) {
            if (once.told) {
                watcher.closed(connection);
            } else {
                once.failed(ErrorCode.BACKEND_UNAVAILABLE, connection.closeCause());
            }
        }

        private void settle(BackendConnection connection, CollectedAnswer answer) {
            if (answer instanceof CollectedAnswer.Ok) {
                once.connected(connection);
                return;
            }
            String detail =
                    answer instanceof CollectedAnswer.Refused refused
                            ? new String(refused.message(), java.nio.charset.StandardCharsets.UTF_8)
                            : "closed during set-up: " + connection.closeCause();
            once.failed(ErrorCode.BACKEND_UNAVAILABLE, detail);
            connection.close();
        }

        @Override
        public void failed(BackendLoginException failure) {
            boolean locked =
                    failure.error().map(error -> error.code() == ACCOUNT_LOCKED).orElse(false);
            once.failed(
                    locked ? ErrorCode.PROXY_FENCED : ErrorCode.BACKEND_UNAVAILABLE,
                    String.valueOf(failure.getMessage()));
        }
    }
}
