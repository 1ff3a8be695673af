package io.shardway.proxy.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import io.shardway.router.ErrorCode;
import io.shardway.router.plan.ReferenceTable;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReferenceQueueTest {

    private static final ReferenceTable TABLE = new ReferenceTable("store", "products");
    private static final ReferenceTable OTHER = new ReferenceTable("store", "countries");

    private final DefaultEventLoop loop = new DefaultEventLoop();
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

    @AfterEach
    void stop() {
        loop.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private ReferenceQueue.Turn enter(ReferenceQueue queue, ReferenceTable table, String name) {
        return queue.enter(
                table, loop, () -> heard.add(name), code -> heard.add(name + " " + code.id()));
    }

    private String next() throws InterruptedException {
        String word = heard.poll(10, TimeUnit.SECONDS);
        return word == null ? "nothing" : word;
    }

    @Test
    void letsOneAfterTheOtherInTheOrderTheyCame() throws InterruptedException {
        var queue = new ReferenceQueue(10, Duration.ofSeconds(10));
        enter(queue, TABLE, "a");
        enter(queue, TABLE, "b");
        enter(queue, TABLE, "c");
        enter(queue, OTHER, "another table");
        assertThat(next()).isEqualTo("a");
        assertThat(next()).isEqualTo("another table");
        assertThat(queue.waiters()).isEqualTo(2);
        queue.done(TABLE);
        assertThat(next()).isEqualTo("b");
        queue.done(TABLE);
        assertThat(next()).isEqualTo("c");
        queue.done(TABLE);
        enter(queue, TABLE, "d");
        assertThat(next()).isEqualTo("d");
        assertThat(heard).isEmpty();
    }

    @Test
    void refusesOneMoreThanMayWait() throws InterruptedException {
        var queue = new ReferenceQueue(2, Duration.ofSeconds(10));
        enter(queue, TABLE, "a");
        enter(queue, TABLE, "b");
        enter(queue, TABLE, "c");
        enter(queue, TABLE, "d");
        assertThat(next()).isEqualTo("a");
        assertThat(next()).isEqualTo("d " + ErrorCode.TOO_MANY_REFERENCE_WRITERS.id());
        queue.done(TABLE);
        assertThat(next()).isEqualTo("b");
    }

    @Test
    void doesNotLetThemWaitForEver() throws InterruptedException {
        var queue = new ReferenceQueue(2, Duration.ofMillis(50));
        enter(queue, TABLE, "a");
        enter(queue, TABLE, "b");
        assertThat(next()).isEqualTo("a");
        assertThat(next()).isEqualTo("b " + ErrorCode.REFERENCE_WRITE_WAITED.id());
        assertThat(queue.waiters()).isZero();
        queue.done(TABLE);
        enter(queue, TABLE, "c");
        assertThat(next()).isEqualTo("c");
    }

    @Test
    void whoLeftHearsNothing() throws InterruptedException {
        var queue = new ReferenceQueue(2, Duration.ofSeconds(10));
        ReferenceQueue.Turn first = enter(queue, TABLE, "a");
        ReferenceQueue.Turn second = enter(queue, TABLE, "b");
        enter(queue, TABLE, "c");
        assertThat(queue.leave(first)).isFalse();
        assertThat(queue.leave(second)).isTrue();
        queue.done(TABLE);
        assertThat(next()).isEqualTo("a");
        assertThat(next()).isEqualTo("c");
    }
}
