package io.shardway.proxy.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoopContextTest {

    private static final Serving SERVING = OneShard.serving();

    private final DefaultEventLoop loop = new DefaultEventLoop();
    private final LoopContext context = new LoopContext(loop, 0, SERVING);
    private final List<String> drained = new ArrayList<>();

    @AfterEach
    void stop() {
        loop.shutdownGracefully();
    }

    @Test
    void isDrainedAtOnceWhenNothingRuns() {
        context.serve(SERVING, () -> drained.add("2"));
        assertThat(drained).containsExactly("2");
    }

    @Test
    void isDrainedWhenTheStatementsBeforeHaveEndedWhateverRunsSince() {
        long first = context.statementBegun();
        long second = context.statementBegun();
        context.serve(SERVING, () -> drained.add("2"));
        long later = context.statementBegun();
        context.statementEnded(first);
        assertThat(drained).isEmpty();
        context.statementEnded(second);
        assertThat(drained).containsExactly("2");
        context.statementEnded(later);
        assertThat(drained).containsExactly("2");
    }

    @Test
    void drainsEpochsThatFollowEachOther() {
        long first = context.statementBegun();
        context.serve(SERVING, () -> drained.add("2"));
        long second = context.statementBegun();
        context.serve(SERVING, () -> drained.add("3"));
        context.statementEnded(first);
        assertThat(drained).isEmpty();
        context.statementEnded(second);
        assertThat(drained).containsExactly("2", "3");
        context.serve(SERVING, () -> drained.add("4"));
        assertThat(drained).containsExactly("2", "3", "4");
    }

    @Test
    void givesBackMemoryThatAGreatStatementTook() {
        assertThat(context.scratch(2 << 20).length).isGreaterThanOrEqualTo(2 << 20);
        assertThat(context.scratch(10).length).isLessThan(1 << 20);
    }
}
