package io.shardway.proxy;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.util.ArrayList;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a proxy has opened, closed in the opposite order when it stops or could not start. Confined
 * to the thread that starts the proxy, then to the one that stops it.
 */
final class ProxyResources implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ProxyResources.class);

    private final ArrayList<AutoCloseable> resources = new ArrayList<>();

    <T extends AutoCloseable> T own(T resource) {
        resources.add(resource);
        return resource;
    }

    /** One that does not close is logged, and the others are closed nevertheless. */
    @Override
    public void close() {
        for (AutoCloseable resource : resources.reversed()) {
            try {
                if (resource instanceof MultiThreadIoEventLoopGroup group) {
                    group.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
                } else {
                    resource.close();
                }
            } catch (Exception failed) {
                LOG.warn(
                        "event=close-failed resource={} reason={}",
                        resource.getClass().getSimpleName(),
                        failed.toString());
            }
        }
        resources.clear();
    }
}
