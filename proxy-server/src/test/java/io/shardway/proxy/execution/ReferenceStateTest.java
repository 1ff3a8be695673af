package io.shardway.proxy.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardway.router.keyspace.ShardId;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReferenceStateTest {

    private static final byte[] OWN = {1, 2, 3};
    private static final byte[] OTHERS = {4, 5, 6};
    private static final byte[] EARLIER = {7, 8, 9};

    private final ReferenceState before = state(5, EARLIER);

    private static ReferenceState state(long writes, byte[] id) {
        return new ReferenceState(new ShardId("s1"), writes, id, 0, new byte[0]);
    }

    @Test
    void theNextWriteTellsWhetherItWasThisOne() {
        assertThat(state(6, OWN).has(before, OWN)).isEqualTo(Optional.of(true));
        assertThat(state(6, OTHERS).has(before, OWN)).isEqualTo(Optional.of(false));
    }

    @Test
    void whatIsAsItWasDoesNotHaveTheWrite() {
        assertThat(state(5, EARLIER).has(before, OWN)).isEqualTo(Optional.of(false));
        assertThat(state(3, OTHERS).has(before, OWN)).isEqualTo(Optional.of(false));
    }

    @Test
    void laterWritesHideWhetherItWasDone() {
        assertThat(state(7, OTHERS).has(before, OWN)).isEmpty();
    }
}
