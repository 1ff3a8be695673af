package io.shardway.proxy.frontend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.shardway.proxy.protocol.MalformedPacketException;
import io.shardway.router.ShardwayException;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CommandFramerTest {

    private static final int FULL = 0xFFFFFF;
    private static final int MAX = 40 << 20;

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
    private final CommandFramer framer = new CommandFramer(allocator, MAX);

    @AfterEach
    void everyBufferIsReleased() {
        framer.release();
        assertThat(allocator.metric().usedHeapMemory()).isZero();
    }

    @Test
    void cutsCommandsWhereverTheirBytesAreCut() {
        byte[] bytes = {2, 0, 0, 0, 3, 'a', 1, 0, 0, 0, 14, 3, 0, 0, 0, 3, 'b', 'c'};
        for (int cut = 0; cut <= bytes.length; cut++) {
            framer.add(buffer(Arrays.copyOf(bytes, cut)));
            var text = new StringBuilder();
            take(text);
            framer.add(buffer(Arrays.copyOfRange(bytes, cut, bytes.length)));
            take(text);
            assertThat(text).hasToString("[3, 97][14][3, 98, 99]");
        }
    }

    @Test
    void cutsCommandsThatComeByteByByte() {
        var text = new StringBuilder();
        for (byte each : new byte[] {2, 0, 0, 0, 3, 'a', 1, 0, 0, 0, 14}) {
            framer.add(buffer(new byte[] {each}));
            take(text);
        }
        assertThat(text).hasToString("[3, 97][14]");
    }

    @Test
    void staysSilentWhileBytesAreMissing() {
        framer.add(buffer(new byte[] {5, 0, 0, 0, 3}));
        assertThat(framer.next()).isEmpty();
        assertThat(framer.bytes()).isEqualTo(5);
    }

    @Test
    void joinsACommandOfSeveralPackets() {
        for (int length : new int[] {FULL, FULL + 3}) {
            int rest = length - FULL;
            ByteBuf bytes = allocator.buffer(length + 8);
            bytes.writeMediumLE(FULL).writeByte(0).writeByte(3).writeZero(FULL - 1);
            bytes.writeMediumLE(rest).writeByte(1).writeZero(rest);
            framer.add(bytes);
            CommandFramer.Command command = framer.next().orElseThrow();
            assertThat(command.payload().readableBytes()).isEqualTo(length);
            assertThat(command.framed().readableBytes()).isEqualTo(length + 8);
            assertThat(command.lastSequence()).isEqualTo(1);
            release(command);
        }
    }

    @Test
    void refusesPacketsOutOfOrder() {
        framer.add(buffer(new byte[] {1, 0, 0, 1, 14}));
        assertThatThrownBy(framer::next).isInstanceOf(MalformedPacketException.class);
    }

    @Test
    void takesAnySequenceNumberInTheMiddleOfACommand() {
        framer.add(buffer(new byte[] {1, 0, 0, 3, 14}));
        CommandFramer.Command packet = framer.nextPacket().orElseThrow();
        assertThat(packet.lastSequence()).isEqualTo(3);
        release(packet);
    }

    @Test
    void refusesAnEmptyCommand() {
        framer.add(buffer(new byte[] {0, 0, 0, 0}));
        assertThatThrownBy(framer::next).isInstanceOf(MalformedPacketException.class);
    }

    @Test
    void refusesACommandThatIsTooLongBeforeItHasCome() {
        var small = new CommandFramer(allocator, 10);
        small.add(buffer(new byte[] {11, 0, 0, 0}));
        assertThatThrownBy(small::next).isInstanceOf(ShardwayException.class);
        small.release();
        small.add(buffer(new byte[] {10, 0, 0, 0}));
        assertThat(small.next()).isEmpty();
        small.release();
    }

    private void take(StringBuilder text) {
        for (Optional<CommandFramer.Command> next = framer.next();
                next.isPresent();
                next = framer.next()) {
            ByteBuf payload = next.get().payload();
            byte[] bytes = new byte[payload.readableBytes()];
            payload.getBytes(payload.readerIndex(), bytes);
            text.append(Arrays.toString(bytes));
            release(next.get());
        }
    }

    private static void release(CommandFramer.Command command) {
        command.payload().release();
        command.framed().release();
    }

    private ByteBuf buffer(byte[] bytes) {
        return allocator.buffer(Math.max(1, bytes.length)).writeBytes(bytes);
    }
}
