package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.shardway.proxy.execution.OneShard;
import io.shardway.proxy.settings.ProxySettings;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class ProxyLoopsTest {

    /**
     * Netty leaves the channels of such a loop open (4.2.18): the node would keep a transaction.
     */
    @Test
    void closesTheChannelsOfALoopThatIsAtWorkWhenItIsToldToEnd() throws Exception {
        try (var node = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var resources = new ProxyResources();
            ProxyLoops loops = start(resources);
            Channel channel = connect(loops, node);
            try (Socket peer = node.accept()) {
                peer.setSoTimeout((int) NodeSide.BOUND.toMillis());
                EventLoop loop = channel.eventLoop();
                var atWork = new CountDownLatch(1);
                loop.execute(() -> {
                    atWork.countDown();
                    workUntilItEnds(loop);
                });
                atWork.await();

                resources.close();

                assertThat(peer.getInputStream().read()).isEqualTo(-1);
                assertThat(channel.isOpen()).isFalse();
            }
        }
    }

    /** One that comes while the loops end. */
    @Test
    void closesAChannelThatIsOpenedTooLate() throws Exception {
        try (var node = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var resources = new ProxyResources();
            ProxyLoops loops = start(resources);
            var other = new ProxyResources();
            Channel channel = connect(start(other), node);

            resources.close();
            loops.opened(channel);

            assertThat(channel.closeFuture().await(NodeSide.BOUND.toMillis())).isTrue();
            other.close();
        }
    }

    private static ProxyLoops start(ProxyResources resources) {
        return ProxyLoops.start(ProxySettings.defaults().frontend(), OneShard.serving(), resources);
    }

    private static Channel connect(ProxyLoops loops, ServerSocket node) {
        Channel channel =
                new Bootstrap()
                        .group(loops.workers())
                        .channel(loops.transport().clientChannel())
                        .handler(new ChannelInboundHandlerAdapter())
                        .connect(node.getLocalSocketAddress())
                        .syncUninterruptibly()
                        .channel();
        loops.opened(channel);
        return channel;
    }

    private static void workUntilItEnds(EventLoop loop) {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!loop.isShuttingDown() && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }
}
