package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.shardway.proxy.protocol.ColumnDefinition;
import io.shardway.proxy.protocol.Wire;
import io.shardway.router.keyspace.ShardId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Writes the shard's name into what EXPLAIN answers in the text protocol: as the last column, or
 * where there is one column only, into its text. So tools find what they look for where it always
 * is. Stateless.
 */
final class ExplainLabels {

    private static final int NAME_CHARACTERS = 64;

    private ExplainLabels() {}

    /** The packets before the rows. */
    static List<byte[]> head(List<byte[]> packets) {
        int columns = packets.size() - 1;
        if (columns == 1) {
            return List.copyOf(packets);
        }
        var labelled = new ArrayList<byte[]>();
        labelled.add(written(out -> Wire.writeLength(out, columns + 1)));
        labelled.addAll(packets.subList(1, packets.size()));
        labelled.add(written(ColumnDefinition.text("shard", NAME_CHARACTERS)::write));
        return labelled;
    }

    /**
     * @param columns how many the answer has, with that of the shard
     */
    static byte[] row(byte[] payload, int columns, ShardId shard) {
        if (columns > 1) {
            return written(out -> {
                out.writeBytes(payload);
                Wire.writeText(out, shard.name(), UTF_8);
            });
        }
        byte[] text = Wire.readBytes(Unpooled.wrappedBuffer(payload));
        boolean json = text.length > 0 && text[0] == '{';
        String label =
                json ? "{\n  \"shard\": \"" + shard.name() + "\"," : "shard " + shard.name() + "\n";
        byte[] before = label.getBytes(UTF_8);
        int from = json ? 1 : 0;
        byte[] labelled = Arrays.copyOf(before, before.length + text.length - from);
        System.arraycopy(text, from, labelled, before.length, text.length - from);
        return written(out -> Wire.writeBytes(out, labelled));
    }

    private interface Writer {
        void write(ByteBuf out);
    }

    private static byte[] written(Writer writer) {
        ByteBuf out = Unpooled.buffer();
        writer.write(out);
        return ByteBufUtil.getBytes(out);
    }
}
