package io.shardway.proxy.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResultTest {

    private static final EofPacket END = new EofPacket(1, ServerStatus.AUTOCOMMIT);
    private static final List<ColumnDefinition> COLUMNS =
            List.of(ColumnDefinition.text("name"), ColumnDefinition.number("count"));

    @Test
    void endsRowsWithEofWhereTheClientWantsIt() {
        List<byte[]> payloads = text(Capabilities.PROTOCOL_41);
        assertThat(payloads).hasSize(7);
        assertThat(payloads.get(0)).containsExactly(2);
        assertThat(payloads.get(3)).containsExactly(0xFE, 1, 0, 2, 0);
        assertThat(payloads.get(4)).containsExactly(1, 'a', 2, '4', '2');
        assertThat(payloads.get(5)).containsExactly(0xFB, 0xFB);
        assertThat(payloads.get(6)).containsExactly(0xFE, 1, 0, 2, 0);
    }

    @Test
    void endsRowsWithOkWhereEofIsDeprecated() {
        List<byte[]> payloads = text(Capabilities.PROTOCOL_41 | Capabilities.DEPRECATE_EOF);
        assertThat(payloads).hasSize(6);
        assertThat(payloads.get(5)).containsExactly(0xFE, 0, 0, 2, 0, 1, 0);
    }

    @Test
    void saysThatTheDefinitionsFollowWhereTheyAreOptional() {
        long capabilities = Capabilities.PROTOCOL_41 | Capabilities.OPTIONAL_RESULTSET_METADATA;
        assertThat(text(capabilities).get(0)).containsExactly(1, 2);
    }

    @Test
    void binaryRowsBeginWithTheirNulls() {
        BinaryResult result = new BinaryResult(COLUMNS).row("a", 258).row(null, null).row("", "7");
        ByteBuf out = Unpooled.buffer();
        result.write(out, 1, Capabilities.PROTOCOL_41 | Capabilities.DEPRECATE_EOF, END);
        List<byte[]> payloads = payloads(out);
        assertThat(payloads.get(3)).containsExactly(0, 0, 1, 'a', 2, 1, 0, 0, 0, 0, 0, 0);
        assertThat(payloads.get(4)).containsExactly(0, 0b1100);
        assertThat(payloads.get(5)).containsExactly(0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0);
    }

    @Test
    void refusesRowsThatDoNotFit() {
        assertThatThrownBy(() -> new TextResult(COLUMNS).row("one"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static List<byte[]> text(long capabilities) {
        TextResult result = new TextResult(COLUMNS).row("a".getBytes(UTF_8), 42).row(null, null);
        ByteBuf out = Unpooled.buffer();
        int next = result.write(out, 1, capabilities, END);
        List<byte[]> payloads = payloads(out);
        assertThat(next).isEqualTo(payloads.size() + 1);
        return payloads;
    }

    private static List<byte[]> payloads(ByteBuf in) {
        PacketDecoder decoder = new PacketDecoder(1 << 16);
        decoder.sequence(1);
        List<byte[]> payloads = new ArrayList<>();
        while (in.isReadable()) {
            payloads.add(Wire.readRest(decoder.decode(in).orElseThrow()));
        }
        return payloads;
    }
}
