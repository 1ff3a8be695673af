package io.shardway.router.keyspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class BucketTest {

    @Test
    void isCrc32OfTheCanonicalTextModulo1024() {
        // MySQL 8.0: SELECT CRC32(42) is 841265288.
        assertThat(Bucket.of("42".getBytes(StandardCharsets.US_ASCII)).number())
                .isEqualTo((int) (841265288L % 1024));
    }

    @Test
    void readsAnIntegerAsItsDecimalText() {
        for (long key : new long[] {0, 1, -1, 9, 10, 42, Long.MAX_VALUE, Long.MIN_VALUE}) {
            byte[] text = Long.toString(key).getBytes(StandardCharsets.US_ASCII);
            assertThat(Bucket.numberOf(key)).isEqualTo(Bucket.of(text).number());
        }
    }

    @Test
    void refusesNumbersOutsideTheRange() {
        assertThatThrownBy(() -> new Bucket(1024)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Bucket(-1)).isInstanceOf(IllegalArgumentException.class);
    }
}
