package io.shardway.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class DeadlineTest {

    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);

    @Test
    void passesExactlyWhenNothingRemains() {
        Deadline deadline = Deadline.after(Duration.ofNanos(10), nanos::get);
        nanos.addAndGet(9); // The clock wraps around on the way.
        assertThat(deadline.hasPassed()).isFalse();
        assertThat(deadline.remaining()).isEqualTo(Duration.ofNanos(1));
        nanos.addAndGet(1);
        assertThat(deadline.hasPassed()).isTrue();
        assertThat(deadline.remaining()).isZero();
    }

    @Test
    void hasPassedAtOnceWithoutAWait() {
        assertThat(Deadline.after(Duration.ZERO, nanos::get).hasPassed()).isTrue();
        assertThat(Deadline.after(Duration.ofDays(-1), nanos::get).hasPassed()).isTrue();
    }

    @Test
    void takesWaitsLongerThanNanosecondsCanCount() {
        Deadline deadline = Deadline.after(Duration.ofSeconds(Long.MAX_VALUE), nanos::get);
        assertThat(deadline.remaining()).isGreaterThan(Duration.ofDays(365));
    }
}
