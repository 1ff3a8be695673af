package io.shardway.proxy.sequence;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardway.router.keyspace.SchemaEpoch;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BlocksTest {

    private static final Block FIRST = new Block(64, 193, 64);
    private static final Block SECOND = new Block(640, 769, 64);

    @Test
    void givesEveryKeyOfBothBlocksOnce() {
        assertThat(keys(Blocks.NONE.and(FIRST).and(SECOND)))
                .containsExactly(64L, 128L, 192L, 640L, 704L, 768L);
    }

    @Test
    void leavesOutKeysThatDoNotFit() {
        Blocks fitting = Blocks.NONE.and(FIRST).and(SECOND).fitting(key -> key % 128 == 0);
        assertThat(fitting.current().next()).isEqualTo(128);
        assertThat(Blocks.NONE.and(FIRST).and(SECOND).fitting(key -> key > 700).current().next())
                .isEqualTo(704);
        assertThat(Blocks.NONE.and(FIRST).fitting(_ -> false).current().isEmpty()).isTrue();
    }

    @Test
    void cutsWhatIsNotGreaterThanAGivenKey() {
        Blocks both = Blocks.NONE.and(FIRST).and(SECOND);
        assertThat(keys(both.after(63))).hasSize(6);
        assertThat(keys(both.after(64))).startsWith(128L).hasSize(5);
        assertThat(keys(both.after(65))).startsWith(128L).hasSize(5);
        assertThat(keys(both.after(192))).startsWith(640L).hasSize(3);
        assertThat(keys(both.after(500))).startsWith(640L).hasSize(3);
        assertThat(keys(both.after(700))).startsWith(704L);
        assertThat(keys(both.after(Long.MAX_VALUE))).isEmpty();
    }

    @Test
    void givesUpTheOlderOfThree() {
        Blocks three = Blocks.NONE.and(FIRST).and(SECOND).and(new Block(6400, 6401, 64));
        assertThat(keys(three)).containsExactly(640L, 704L, 768L, 6400L);
    }

    @Test
    void beginsAtAMultipleOfTheStride() {
        var column =
                new SequenceColumn(
                        new SequenceName("store", "users"),
                        "user_id",
                        Long.MAX_VALUE,
                        64,
                        new SchemaEpoch(1));
        assertThat(column.keyFrom(0)).isEqualTo(64);
        assertThat(column.keyFrom(64)).isEqualTo(64);
        assertThat(column.keyFrom(65)).isEqualTo(128);
        assertThat(column.keyFrom(Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
    }

    private static List<Long> keys(Blocks blocks) {
        var keys = new ArrayList<Long>();
        Blocks left = blocks;
        while (!left.fitting(_ -> true).current().isEmpty()) {
            left = left.fitting(_ -> true);
            keys.add(left.current().next());
            left = left.rest(1);
        }
        return keys;
    }
}
