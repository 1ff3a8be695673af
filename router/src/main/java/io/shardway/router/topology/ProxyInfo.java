package io.shardway.router.topology;

import java.time.Instant;

/**
 * What a proxy tells the others about itself. Immutable.
 *
 * @param name unique among the proxies and the same after a restart
 * @param host where clients reach it
 * @param servingAccount its MySQL account on every node
 * @param startedAt when the process started
 * @param version of Shardway
 */
public record ProxyInfo(
        String name,
        String host,
        int port,
        String servingAccount,
        Instant startedAt,
        String version) {

    public ProxyInfo {
        if (name.isBlank() || name.length() > 255) {
            throw new IllegalArgumentException("a proxy name has 1 to 255 characters");
        }
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("a port is 1 to 65535, not " + port);
        }
    }
}
