package io.shardway.proxy.session;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.shardway.proxy.session.PreparedStatement.LongData;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LongValuesTest {

    private static final long MAX = 1 << 20;

    private final LongValues values = new LongValues(3);

    @AfterEach
    void giveBack() {
        values.clear();
        assertThat(values.pieces()).isEmpty();
    }

    private static ByteBuf piece(String text) {
        return PooledByteBufAllocator.DEFAULT
                .buffer(text.length(), Math.max(1, text.length()))
                .writeBytes(text.getBytes(US_ASCII));
    }

    private String valueOf(int parameter) {
        return values.pieces().stream()
                .filter(piece -> piece.parameter() == parameter)
                .map(piece -> piece.bytes().toString(US_ASCII))
                .collect(Collectors.joining());
    }

    @Test
    void emptyPiecesAreKeptOncePerParameter() {
        for (int i = 0; i < 100_000; i++) {
            values.append(i % 3, Unpooled.EMPTY_BUFFER, MAX);
        }
        assertThat(values.pieces()).extracting(LongData::parameter).containsExactly(0, 1, 2);
        assertThat(values.has(2)).isTrue();
        values.append(1, piece("after"), MAX);
        assertThat(valueOf(1)).isEqualTo("after");
    }

    @Test
    void smallPiecesAreJoinedWhateverTheirOrder() {
        var expected = new StringBuilder();
        for (int i = 0; i < 20_000; i++) {
            String text = String.valueOf((char) ('a' + i % 26));
            expected.append(text);
            values.append(0, piece(text), MAX);
            values.append(2, piece(text), MAX);
        }
        assertThat(valueOf(0)).isEqualTo(expected.toString());
        assertThat(valueOf(2)).isEqualTo(expected.toString());
        assertThat(values.pieces()).hasSizeLessThan(60);
    }

    @Test
    void parametersThatDoNotExistAreKeptOnce() {
        for (int i = 3; i < 65_536; i++) {
            values.append(i, Unpooled.EMPTY_BUFFER, MAX);
        }
        assertThat(values.pieces()).extracting(LongData::parameter).containsExactly(3);
    }

    @Test
    void theLimitIsReachedByBytesAndDropsAllOfThem() {
        values.append(0, piece("1234"), 8);
        values.append(1, piece("5678"), 8);
        assertThat(values.isTooLarge()).isFalse();
        values.append(0, piece("9"), 8);
        values.append(0, Unpooled.EMPTY_BUFFER, 8);
        assertThat(values.isTooLarge()).isTrue();
        assertThat(values.pieces()).isEmpty();
        values.clear();
        assertThat(values.isTooLarge()).isFalse();
    }
}
