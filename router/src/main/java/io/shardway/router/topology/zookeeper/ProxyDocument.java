package io.shardway.router.topology.zookeeper;

import io.shardway.router.topology.ProxyInfo;
import java.time.Instant;

/** A node {@code /proxies/<number>}. Immutable. */
record ProxyDocument(
        String name,
        String host,
        int port,
        String servingAccount,
        String startedAt,
        String version,
        boolean stopped) {

    static ProxyDocument of(ProxyInfo info, boolean stopped) {
        return new ProxyDocument(
                info.name(),
                info.host(),
                info.port(),
                info.servingAccount(),
                info.startedAt().toString(),
                info.version(),
                stopped);
    }

    ProxyInfo toInfo() {
        return new ProxyInfo(name, host, port, servingAccount, Instant.parse(startedAt), version);
    }
}
