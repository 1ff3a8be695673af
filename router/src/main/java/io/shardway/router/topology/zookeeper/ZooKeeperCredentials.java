package io.shardway.router.topology.zookeeper;

import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import java.nio.charset.StandardCharsets;

/**
 * The user and password of ZooKeeper's digest scheme. Immutable.
 *
 * @param user without a colon
 * @param password never printed
 */
public record ZooKeeperCredentials(String user, String password) {

    public ZooKeeperCredentials {
        if (user.isEmpty() || user.contains(":") || password.isEmpty()) {
            throw new ShardwayException(
                    ErrorCode.BAD_SETTING,
                    "ZooKeeper needs a user without ':' and a password that is not empty");
        }
    }

    byte[] digest() {
        return (user + ":" + password).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return "ZooKeeperCredentials[user=" + user + "]";
    }
}
