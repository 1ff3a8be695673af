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
import io.shardway.proxy.backend.BackendAccount;
import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.BackendFlavour;
import io.shardway.proxy.backend.CollectedAnswer;
import io.shardway.proxy.backend.NodeConnector;
import io.shardway.proxy.protocol.Capabilities;
import io.shardway.router.ErrorCode;
import io.shardway.router.topology.Node;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Connects to nodes as the proxy's serving account and brings new connections to the common start.
 * Thread-safe.
 */
final class LoginConnector implements NodeConnector {

    private static final int ACCOUNT_LOCKED = 3118;
    private static final int ACCESS_DENIED = 1045;

    private static final long ALWAYS =
            Capabilities.LONG_PASSWORD
                    | Capabilities.LONG_FLAG
                    | Capabilities.TRANSACTIONS
                    | Capabilities.MULTI_RESULTS
                    | Capabilities.PS_MULTI_RESULTS
                    | Capabilities.SESSION_TRACK
                    | Capabilities.DEPRECATE_EOF
                    | Capabilities.LOCAL_FILES;

    private final Transport transport;
    private final BackendLoginSettings login;
    private final Function<BackendAccount, BackendCredentials> credentials;
    private final int connectTimeoutMillis;
    private final int preparedStatementsMax;
    private final BiFunction<Node, BackendAccount, String> setup;
    private final Consumer<Channel> opened;

    /**
     * @param opened hears of every channel
     * @param setup the statement every new connection to a node begins with
     */
    LoginConnector(
            Transport transport,
            Consumer<Channel> opened,
            BackendLoginSettings login,
            Function<BackendAccount, BackendCredentials> credentials,
            int connectTimeoutMillis,
            int preparedStatementsMax,
            BiFunction<Node, BackendAccount, String> setup) {
        this.transport = transport;
        this.opened = opened;
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
        var outcome = new ConnectOutcome(node, result);
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
                                opened.accept(channel);
                                channel.pipeline()
                                        .addLast(
                                                new BackendLogin(
                                                        settingsFor(flavour),
                                                        credentials.apply(flavour.account()),
                                                        new Login(
                                                                node, flavour, watcher, outcome)));
                            }
                        })
                .connect(node.host(), node.port())
                .addListener((ChannelFuture future) -> {
                    if (!future.isSuccess()) {
                        outcome.failed(
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

    private final class Login implements BackendLoginCallback {
        private final Node node;
        private final BackendFlavour flavour;
        private final BackendConnection.ConnectionWatcher watcher;
        private final ConnectOutcome outcome;

        private Login(
                Node node,
                BackendFlavour flavour,
                BackendConnection.ConnectionWatcher watcher,
                ConnectOutcome outcome) {
            this.node = node;
            this.flavour = flavour;
            this.watcher = watcher;
            this.outcome = outcome;
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
                                    setup.apply(node, flavour.account()),
                                    answer -> settle(connection, answer)));
        }

        private void closed(BackendConnection connection) {
            if (outcome.isTold()) {
                watcher.closed(connection);
            } else {
                outcome.failed(ErrorCode.BACKEND_UNAVAILABLE, connection.closeCause());
            }
        }

        private void settle(BackendConnection connection, CollectedAnswer answer) {
            if (answer instanceof CollectedAnswer.Ok) {
                outcome.connected(connection);
                return;
            }
            String detail =
                    answer instanceof CollectedAnswer.Refused refused
                            ? new String(refused.message(), java.nio.charset.StandardCharsets.UTF_8)
                            : "closed during set-up: " + connection.closeCause();
            outcome.failed(ErrorCode.BACKEND_UNAVAILABLE, detail);
            connection.close();
        }

        @Override
        public void failed(BackendLoginException failure) {
            int code = failure.error().map(error -> error.code()).orElse(0);
            boolean missing = code == ACCESS_DENIED && flavour.account().isPlain();
            ErrorCode reason =
                    missing ? ErrorCode.KEYSPACE_ACCOUNT_MISSING : ErrorCode.BACKEND_UNAVAILABLE;
            outcome.failed(
                    code == ACCOUNT_LOCKED ? ErrorCode.PROXY_FENCED : reason,
                    String.valueOf(failure.getMessage()));
        }
    }
}
