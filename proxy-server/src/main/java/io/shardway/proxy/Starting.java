package io.shardway.proxy;

import io.netty.handler.ssl.SslContext;
import io.shardway.proxy.auth.AuthPlugin;
import io.shardway.proxy.auth.AuthenticatorSettings;
import io.shardway.proxy.auth.BackendLoginSettings;
import io.shardway.proxy.auth.FrontendLoginSettings;
import io.shardway.proxy.auth.LoginAccount;
import io.shardway.proxy.auth.ServerTls;
import io.shardway.proxy.auth.TlsMode;
import io.shardway.proxy.backend.BackendAccount;
import io.shardway.proxy.execution.Tracking;
import io.shardway.proxy.protocol.Capabilities;
import io.shardway.proxy.protocol.Collations;
import io.shardway.proxy.settings.BackendSettings;
import io.shardway.proxy.settings.BackendTls;
import io.shardway.proxy.settings.FrontendSettings;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.topology.Account;
import io.shardway.router.topology.Keyspace;
import io.shardway.router.topology.Node;
import io.shardway.router.topology.Shard;
import io.shardway.router.topology.Topology;
import io.shardway.router.topology.zookeeper.ZooKeeperCredentials;
import io.shardway.router.topology.zookeeper.ZooKeeperSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.net.ssl.SSLException;

/** Turns settings into what the parts of a proxy are made of. Stateless. */
final class Starting {

    /** What clients are offered; everything here is carried out or converted. */
    private static final long OFFERED =
            Capabilities.LONG_PASSWORD
                    | Capabilities.FOUND_ROWS
                    | Capabilities.LONG_FLAG
                    | Capabilities.ODBC
                    | Capabilities.INTERACTIVE
                    | Capabilities.IGNORE_SIGPIPE
                    | Capabilities.TRANSACTIONS
                    | Capabilities.RESERVED
                    | Capabilities.MULTI_STATEMENTS
                    | Capabilities.MULTI_RESULTS
                    | Capabilities.PS_MULTI_RESULTS
                    | Capabilities.SESSION_TRACK
                    | Capabilities.DEPRECATE_EOF
                    | Capabilities.QUERY_ATTRIBUTES;

    private Starting() {}

    static ZooKeeperSettings zookeeper(io.shardway.proxy.settings.ZooKeeperSettings settings) {
        Optional<ZooKeeperCredentials> credentials =
                settings.authUser().isEmpty()
                        ? Optional.empty()
                        : Optional.of(
                                new ZooKeeperCredentials(
                                        settings.authUser(), settings.authPassword().reveal()));
        return new ZooKeeperSettings(
                settings.connect(),
                settings.root(),
                credentials,
                settings.sessionTimeout(),
                settings.connectTimeout(),
                ZooKeeperSettings.DEFAULT_REFRESH_INTERVAL);
    }

    static String machine() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException unnamed) {
            return "localhost";
        }
    }

    /** Threads for what takes long and does not depend on each other; closing waits for them. */
    static ExecutorService inParallel() {
        return Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("start-", 1).factory());
    }

    /** What a task returned or threw. */
    static <T> T result(Future<T> task) {
        try {
            return task.get();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof ShardwayException known) {
                throw known;
            }
            if (failed.getCause() instanceof SQLException refused) {
                throw new ShardwayException(
                        ErrorCode.BACKEND_UNAVAILABLE,
                        "owner account: " + refused.getMessage(),
                        refused);
            }
            throw new IllegalStateException(failed.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while starting", interrupted);
        }
    }

    /** The server version that clients are told: the default shard's. */
    static String version(Topology topology, OwnerConnections owner) throws SQLException {
        Node node = topology.shard(topology.defaultShard()).primary();
        try (Connection connection = owner.open(node)) {
            return connection.getMetaData().getDatabaseProductVersion();
        }
    }

    static FrontendLoginSettings login(FrontendSettings settings, String version, SslContext tls) {
        return new FrontendLoginSettings(
                version + "-Shardway-" + ShardwayProxy.VERSION,
                settings.localFiles() ? OFFERED | Capabilities.LOCAL_FILES : OFFERED,
                Collations.UTF8MB4,
                Optional.of(tls),
                settings.requireTls(),
                settings.proxyProtocol(),
                settings.loginTimeout());
    }

    /** Takes a second when a certificate must be made. */
    static SslContext tls(FrontendSettings settings) {
        try {
            if (settings.tlsCertificateFile().isPresent()) {
                return ServerTls.fromPem(
                        settings.tlsCertificateFile().get(),
                        settings.tlsKeyFile().orElseThrow(),
                        settings.tlsClientCaFile());
            }
            if (settings.tlsDirectory().isPresent()) {
                return ServerTls.selfSigned(
                        settings.tlsDirectory().get(), settings.tlsClientCaFile());
            }
            Path directory = Files.createTempDirectory("shardway-tls");
            SslContext made = ServerTls.selfSigned(directory, settings.tlsClientCaFile());
            try (var files = Files.list(directory)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(directory);
            return made;
        } catch (IOException failed) {
            throw new ShardwayException(
                    ErrorCode.BAD_SETTING, "TLS: " + failed.getMessage(), failed);
        }
    }

    static AuthenticatorSettings authenticator(FrontendSettings settings) {
        AuthenticatorSettings defaults = AuthenticatorSettings.DEFAULTS;
        return new AuthenticatorSettings(
                defaults.defaultPlugin(),
                defaults.checksRunningMax(),
                defaults.checksWaitingMax(),
                defaults.failuresFree(),
                settings.loginFailureDelay(),
                settings.loginFailureDelay().multipliedBy(5),
                defaults.decoySecret());
    }

    static LoginAccount loginAccount(Account account) {
        AuthPlugin plugin =
                switch (account.credential().plugin()) {
                    case CACHING_SHA2 -> AuthPlugin.CACHING_SHA2_PASSWORD;
                    case NATIVE -> AuthPlugin.MYSQL_NATIVE_PASSWORD;
                };
        return new LoginAccount(account.name(), plugin, account.credential().hashes());
    }

    static BackendLoginSettings backendLogin(BackendSettings settings) {
        TlsMode mode =
                switch (settings.tls()) {
                    case DISABLED -> TlsMode.DISABLED;
                    case PREFERRED -> TlsMode.PREFERRED;
                    case REQUIRED -> TlsMode.REQUIRED;
                };
        try {
            Optional<SslContext> tls =
                    settings.tls() == BackendTls.DISABLED
                            ? Optional.empty()
                            : Optional.of(
                                    settings.tlsCaFile().isPresent()
                                            ? io.shardway.proxy.auth.BackendTls.trusting(
                                                    settings.tlsCaFile().get())
                                            : io.shardway.proxy.auth.BackendTls.trustAll());
            return new BackendLoginSettings(
                    0,
                    Collations.UTF8MB4,
                    mode,
                    tls,
                    Map.of("program_name", "shardway", "_client_version", ShardwayProxy.VERSION),
                    settings.connectTimeout());
        } catch (SSLException failed) {
            throw new ShardwayException(
                    ErrorCode.BAD_SETTING, "backend TLS: " + failed.getMessage(), failed);
        }
    }

    /**
     * The statement every connection to a node begins with: tracking, and the shard's ids. In plain
     * keyspaces ids step as the node says.
     */
    static String connectionSetup(Topology topology, Node node, BackendAccount account) {
        if (account.kind() != BackendAccount.Kind.SERVING) {
            return Tracking.SET;
        }
        int stride =
                topology.keyspaces().values().stream()
                        .filter(Keyspace::isSharded)
                        .mapToInt(Keyspace::idStride)
                        .max()
                        .orElse(Keyspace.DEFAULT_ID_STRIDE);
        int offset =
                topology.shards().values().stream()
                        .filter(shard -> shard.nodes().contains(node))
                        .mapToInt(Shard::idOffset)
                        .findFirst()
                        .orElse(1);
        return Tracking.SET
                + ", @@SESSION.auto_increment_increment = "
                + stride
                + ", @@SESSION.auto_increment_offset = "
                + (stride == 1 ? 1 : offset);
    }
}
