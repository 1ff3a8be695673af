package io.shardway.router.topology.zookeeper;

import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import java.time.Duration;
import java.util.Optional;
import org.apache.zookeeper.common.PathUtils;

/**
 * How ZooKeeper is reached. Immutable.
 *
 * @param servers {@code host:port}, several with commas between
 * @param root the path under which everything is kept, such as {@code /shardway}
 * @param credentials without them every node is open to everybody who reaches ZooKeeper
 * @param sessionTimeout how long a process may be silent before it counts as lost; ZooKeeper itself
 *     allows 2 to 20 of its ticks
 * @param operationTimeout how long one operation is tried while ZooKeeper is away
 * @param refreshInterval how often a watch looks for changes without being told
 */
public record ZooKeeperSettings(
        String servers,
        String root,
        Optional<ZooKeeperCredentials> credentials,
        Duration sessionTimeout,
        Duration operationTimeout,
        Duration refreshInterval) {

    public static final String DEFAULT_ROOT = "/shardway";
    public static final Duration DEFAULT_SESSION_TIMEOUT = Duration.ofSeconds(10);
    public static final Duration DEFAULT_OPERATION_TIMEOUT = Duration.ofSeconds(10);
    public static final Duration DEFAULT_REFRESH_INTERVAL = Duration.ofSeconds(5);

    public ZooKeeperSettings {
        require(!servers.isBlank(), "the ZooKeeper servers are missing");
        require(isRoot(root), "the ZooKeeper root must be a path such as /shardway, not " + root);
        require(isPositive(sessionTimeout), "the ZooKeeper session timeout must be positive");
        require(isPositive(operationTimeout), "the ZooKeeper operation timeout must be positive");
        require(isPositive(refreshInterval), "the ZooKeeper refresh interval must be positive");
    }

    /** Everything by default, without credentials. */
    public static ZooKeeperSettings of(String servers) {
        return new ZooKeeperSettings(
                servers,
                DEFAULT_ROOT,
                Optional.empty(),
                DEFAULT_SESSION_TIMEOUT,
                DEFAULT_OPERATION_TIMEOUT,
                DEFAULT_REFRESH_INTERVAL);
    }

    private static boolean isRoot(String root) {
        try {
            PathUtils.validatePath(root);
            return root.length() > 1;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    private static boolean isPositive(Duration duration) {
        return duration.toMillis() > 0 && duration.toMillis() <= Integer.MAX_VALUE;
    }

    private static void require(boolean condition, String detail) {
        if (!condition) {
            throw new ShardwayException(ErrorCode.BAD_SETTING, detail);
        }
    }
}
