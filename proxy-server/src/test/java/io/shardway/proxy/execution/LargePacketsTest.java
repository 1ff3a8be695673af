package io.shardway.proxy.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.shardway.proxy.protocol.PacketDecoder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LargePacketsTest {

    private static final int FULL = 0xFFFFFF;

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);

    @ParameterizedTest
    @ValueSource(ints = {1, 2, FULL - 1, FULL, FULL + 1, 2 * FULL, 2 * FULL + 5})
    void cutsPayloadsThatTheDecoderJoins(int length) {
        byte[] payload = new byte[length];
        payload[0] = 3;
        payload[length - 1] = 3;
        ByteBuf framed = LargePackets.frame(allocator, Unpooled.wrappedBuffer(payload));
        assertThat(joined(framed)).isEqualTo(payload);
        byte[] argument = new byte[length - 1];
        System.arraycopy(payload, 1, argument, 0, length - 1);
        assertThat(joined(LargePackets.command(allocator, 3, argument))).isEqualTo(payload);
        assertThat(allocator.metric().usedHeapMemory()).isZero();
    }

    private static byte[] joined(ByteBuf framed) {
        ByteBuf payload = new PacketDecoder(3 * FULL).decode(framed).orElseThrow();
        assertThat(framed.isReadable()).isFalse();
        framed.release();
        byte[] bytes = new byte[payload.readableBytes()];
        payload.readBytes(bytes);
        return bytes;
    }
}
