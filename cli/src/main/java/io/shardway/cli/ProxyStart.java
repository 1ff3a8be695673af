package io.shardway.cli;

import io.shardway.proxy.ShardwayProxy;
import io.shardway.proxy.settings.ProxySettings;
import java.util.Optional;

/** Starts the proxy in this JVM. Stateless. */
public final class ProxyStart {

    private ProxyStart() {}

    public static RunningProxy start(ProxySettings settings) {
        ShardwayProxy proxy = ShardwayProxy.start(settings);
        return new RunningProxy() {
            @Override
            public int port() {
                return proxy.port();
            }

            @Override
            public Optional<Integer> managementPort() {
                return proxy.managementPort();
            }

            @Override
            public void awaitStopped() throws InterruptedException {
                proxy.awaitStopped();
            }

            @Override
            public void close() {
                proxy.close();
            }
        };
    }
}
