package io.shardway.proxy;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.shardway.proxy.execution.LoopContext;
import io.shardway.proxy.execution.Serving;
import io.shardway.proxy.settings.FrontendSettings;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The event loops of a proxy and what each of them serves. Immutable; the contexts are not. */
final class ProxyLoops {

    private static final int TASKS_SECONDS = 2;

    private final Transport transport;
    private final MultiThreadIoEventLoopGroup acceptor;
    private final MultiThreadIoEventLoopGroup workers;
    private final List<LoopContext> contexts;
    private final Map<EventLoop, LoopContext> byLoop;
    private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);

    private ProxyLoops(
            Transport transport,
            MultiThreadIoEventLoopGroup acceptor,
            MultiThreadIoEventLoopGroup workers,
            Serving first) {
        this.transport = transport;
        this.acceptor = acceptor;
        this.workers = workers;
        var made = new ArrayList<LoopContext>();
        this.byLoop = new IdentityHashMap<>();
        for (EventExecutor executor : workers) {
            var context = new LoopContext((EventLoop) executor, made.size(), first);
            made.add(context);
            byLoop.put(context.loop(), context);
        }
        this.contexts = List.copyOf(made);
    }

    static ProxyLoops start(FrontendSettings settings, Serving first, ProxyResources resources) {
        Transport transport = Transport.best();
        int count =
                settings.eventLoops() == 0
                        ? Runtime.getRuntime().availableProcessors()
                        : settings.eventLoops();
        var loops =
                new ProxyLoops(
                        transport,
                        resources.own(new MultiThreadIoEventLoopGroup(1, transport.handlers())),
                        resources.own(new MultiThreadIoEventLoopGroup(count, transport.handlers())),
                        first);
        resources.own(loops::closeOpen);
        return loops;
    }

    /**
     * Closes this channel at the latest when the loops end. Netty (4.2.18) does not always: a loop
     * that is told to end while it runs tasks ends without a look at its channels, and a node goes
     * on with a transaction nobody will ever end.
     */
    void opened(Channel channel) {
        open.add(channel);
    }

    private void closeOpen() {
        open.close().awaitUninterruptibly(TASKS_SECONDS, TimeUnit.SECONDS);
    }

    Transport transport() {
        return transport;
    }

    MultiThreadIoEventLoopGroup acceptor() {
        return acceptor;
    }

    MultiThreadIoEventLoopGroup workers() {
        return workers;
    }

    List<LoopContext> contexts() {
        return contexts;
    }

    List<EventLoop> loops() {
        return contexts.stream().map(LoopContext::loop).toList();
    }

    LoopContext contextOf(EventLoop loop) {
        LoopContext context = byLoop.get(loop);
        if (context == null) {
            throw new IllegalStateException("not a loop of this proxy");
        }
        return context;
    }

    /** Waits, within a bound, until each loop has done what it was given before. */
    void awaitTasks() {
        contexts.stream()
                .map(context -> context.loop().submit(() -> {}))
                .toList()
                .forEach(done -> done.awaitUninterruptibly(TASKS_SECONDS, TimeUnit.SECONDS));
    }

    /** Runs on each loop, later. */
    void forEach(Consumer<LoopContext> action) {
        contexts.forEach(context -> context.loop().execute(() -> action.accept(context)));
    }
}
