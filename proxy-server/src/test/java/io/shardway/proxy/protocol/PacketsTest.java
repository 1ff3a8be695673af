package io.shardway.proxy.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PacketsTest {

    private static final int MAX = Packets.PAYLOAD_BYTES_MAX;

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 1", "16777214, 1", "16777215, 2", "16777216, 2", "33554430, 3"})
    void longPayloadsAreSplitAndJoined(int length, int packets) {
        byte[] payload = new byte[length];
        for (int i = 0; i < length; i += 1021) {
            payload[i] = (byte) i;
        }
        ByteBuf framed =
                Packets.frame(
                        UnpooledByteBufAllocator.DEFAULT, 254, out -> out.writeBytes(payload));
        try {
            assertThat(framed.readableBytes()).isEqualTo(length + packets * Packets.HEADER_BYTES);
            PacketDecoder decoder = new PacketDecoder(length);
            decoder.sequence(254);
            assertThat(decoder.decode(framed))
                    .hasValueSatisfying(
                            joined -> assertThat(Wire.readRest(joined)).isEqualTo(payload));
            assertThat(decoder.sequence()).isEqualTo((254 + packets) & 0xFF);
            assertThat(framed.isReadable()).isFalse();
        } finally {
            framed.release();
        }
    }

    @Test
    void appendsBehindWhatIsThere() {
        ByteBuf out = Unpooled.buffer().writeByte(9);
        int next = Packets.append(out, 3, body -> body.writeByte(7));
        assertThat(next).isEqualTo(4);
        assertThat(Wire.readRest(out)).containsExactly(9, 1, 0, 0, 3, 7);
    }

    @Test
    void waitsForMissingBytesWithoutTakingAny() {
        ByteBuf whole = Unpooled.buffer();
        Packets.append(whole, 0, body -> body.writeBytes(new byte[10]));
        PacketDecoder decoder = new PacketDecoder(10);
        for (int length = 0; length < 14; length++) {
            ByteBuf part = whole.slice(0, length);
            assertThat(decoder.decode(part)).isEmpty();
            assertThat(part.readableBytes()).isEqualTo(length);
        }
        assertThat(decoder.decode(whole)).isPresent();
    }

    @Test
    void packetsOutOfOrderAreMalformed() {
        ByteBuf in = Unpooled.buffer();
        Packets.append(in, 1, body -> body.writeByte(1));
        assertThatThrownBy(() -> new PacketDecoder(10).decode(in))
                .isInstanceOf(MalformedPacketException.class)
                .hasMessageContaining("packet 1 came where packet 0 was due");
    }

    @Test
    void theLimitHoldsFromTheHeaderOn() {
        ByteBuf atLimit = Unpooled.buffer().writeMediumLE(10).writeByte(0);
        assertThat(new PacketDecoder(10).decode(atLimit)).isEmpty();
        ByteBuf past = Unpooled.buffer().writeMediumLE(11).writeByte(0);
        assertThatThrownBy(() -> new PacketDecoder(10).decode(past))
                .isInstanceOf(MalformedPacketException.class);
        ByteBuf huge = Unpooled.buffer().writeMediumLE(MAX).writeByte(0);
        assertThatThrownBy(() -> new PacketDecoder(MAX - 1).decode(huge))
                .isInstanceOf(MalformedPacketException.class);
    }
}
