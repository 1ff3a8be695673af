package io.shardway.proxy.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WireTest {

    @ParameterizedTest
    @CsvSource({
        "0, 1",
        "250, 1",
        "251, 3",
        "255, 3",
        "65535, 3",
        "65536, 4",
        "16777215, 4",
        "16777216, 9",
        "9223372036854775807, 9",
        "-2, 9",
        "-9223372036854775808, 9"
    })
    void lengthsTakeTheFewestBytesAndComeBack(long value, int bytes) {
        ByteBuf out = Unpooled.buffer();
        Wire.writeLength(out, value);
        assertThat(out.readableBytes()).isEqualTo(bytes);
        assertThat(Wire.readLength(out)).isEqualTo(value);
        assertThat(out.isReadable()).isFalse();
    }

    @Test
    void nullIsALengthButNotANumber() {
        assertThat(Wire.readLength(bytes(0xFB))).isEqualTo(Wire.NULL_LENGTH);
        assertThatThrownBy(() -> Wire.readNumber(bytes(0xFB)))
                .isInstanceOf(MalformedPacketException.class);
    }

    @Test
    void theFirstByte0xFfIsNoLength() {
        assertThatThrownBy(() -> Wire.readLength(bytes(0xFF)))
                .isInstanceOf(MalformedPacketException.class);
    }

    @Test
    void stringsLongerThanTheirPacketAreMalformed() {
        ByteBuf huge = Unpooled.buffer();
        Wire.writeLength(huge, Long.MAX_VALUE);
        assertThatThrownBy(() -> Wire.readBytes(huge)).isInstanceOf(MalformedPacketException.class);
        ByteBuf negative = Unpooled.buffer();
        Wire.writeLength(negative, -5);
        assertThatThrownBy(() -> Wire.readBytes(negative))
                .isInstanceOf(MalformedPacketException.class);
        assertThatThrownBy(() -> Wire.readNulTerminated(bytes('a', 'b'), UTF_8))
                .isInstanceOf(MalformedPacketException.class);
    }

    @Test
    void nulInsideANulTerminatedStringIsRefused() {
        assertThatThrownBy(() -> Wire.writeNulTerminated(Unpooled.buffer(), "a\0b", UTF_8))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static ByteBuf bytes(int... values) {
        ByteBuf out = Unpooled.buffer();
        for (int value : values) {
            out.writeByte(value);
        }
        return out;
    }
}
