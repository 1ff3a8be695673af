package io.shardway.proxy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import io.shardway.proxy.settings.BackendSettings;
import io.shardway.proxy.settings.BackendTls;
import io.shardway.router.Deadline;
import io.shardway.router.schema.ConnectionSource;
import io.shardway.router.topology.Node;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * JDBC connections of the owner account for schema and accounts, away from the clients' pools.
 * Thread-safe; blocks.
 */
final class OwnerConnections implements ConnectionSource, AutoCloseable {

    private static final long IDLE_MILLIS = 60_000;

    /** Connecting is a few round trips and a login, and a connection may have to be waited for. */
    private static final int WAIT_FACTOR = 3;

    /** A node that hangs must not hold up a start or a new epoch for ever. */
    private static final String BOUNDED = "&socketTimeout=30000";

    private final BackendSettings settings;
    private final int connectionsMax;
    private final Map<Node, HikariDataSource> pools = new ConcurrentHashMap<>();

    /**
     * @param connectionsMax to one node
     */
    OwnerConnections(BackendSettings settings, int connectionsMax) {
        this.settings = settings;
        this.connectionsMax = connectionsMax;
    }

    @Override
    public Connection open(Node node) throws SQLException {
        try {
            return pools.computeIfAbsent(node, this::pool).getConnection();
        } catch (HikariPool.PoolInitializationException refused) {
            throw reason(refused);
        } catch (SQLTransientConnectionException timedOut) {
            throw reason(timedOut);
        }
    }

    /** A connection of another account, which the caller closes; not pooled. */
    Connection openAs(Node node, String user, byte[] password) throws SQLException {
        return DriverManager.getConnection(
                url(node, BOUNDED), user, new String(password, StandardCharsets.US_ASCII));
    }

    /** How long something may take that is done over such a connection. */
    Deadline deadline() {
        return Deadline.after(settings.killTimeout());
    }

    /**
     * A connection outside of the pools, for a statement that may take hours: the caller closes it.
     */
    Connection openAlone(Node node) throws SQLException {
        String url = url(node, "&tcpKeepAlive=true&connectionAttributes=program_name:shardway-ddl");
        return DriverManager.getConnection(
                url, settings.ownerUser(), settings.ownerPassword().reveal());
    }

    private String url(Node node, String more) {
        String tls = settings.tls() == BackendTls.DISABLED ? "DISABLED" : settings.tls().name();
        return "jdbc:mysql://%s:%d/?sslMode=%s&allowPublicKeyRetrieval=true&connectTimeout=%d%s"
                .formatted(
                        node.host(), node.port(), tls, settings.connectTimeout().toMillis(), more);
    }

    /** The driver's first line, such as a wrong password; the pool's own words hide it. */
    private static SQLException reason(Exception failed) {
        if (failed.getCause() instanceof SQLException said) {
            String text = String.valueOf(said.getMessage()).lines().findFirst().orElse("");
            return new SQLException(text, said.getSQLState(), said.getErrorCode(), said);
        }
        return new SQLException(failed.getMessage(), failed);
    }

    private HikariDataSource pool(Node node) {
        var config = new HikariConfig();
        config.setJdbcUrl(url(node, BOUNDED));
        config.setUsername(settings.ownerUser());
        config.setPassword(settings.ownerPassword().reveal());
        config.setMaximumPoolSize(connectionsMax);
        config.setMinimumIdle(0);
        config.setIdleTimeout(IDLE_MILLIS);
        config.setConnectionTimeout(
                Math.max(250, WAIT_FACTOR * settings.connectTimeout().toMillis()));
        // The first connection is made by the caller: it fails at once with its reason, and a busy
        // machine may take its time over loading the driver.
        config.setInitializationFailTimeout(1);
        config.setPoolName("owner-" + node.name());
        return new HikariDataSource(config);
    }

    @Override
    public void close() {
        pools.values().forEach(HikariDataSource::close);
    }
}
