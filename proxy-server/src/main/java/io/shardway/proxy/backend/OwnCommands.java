package io.shardway.proxy.backend;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.shardway.proxy.protocol.Commands;
import java.nio.charset.StandardCharsets;

/** Frames the commands that the proxy itself sends to nodes; all are short. Stateless. */
final class OwnCommands {

    private OwnCommands() {}

    /**
     * @param attributes whether the connection was agreed to carry query attributes; there are none
     */
    static ByteBuf query(ByteBufAllocator allocator, String sql, boolean attributes) {
        byte[] text = sql.getBytes(StandardCharsets.UTF_8);
        int attributeBytes = attributes ? 2 : 0;
        ByteBuf framed = allocator.buffer(5 + attributeBytes + text.length);
        framed.writeMediumLE(1 + attributeBytes + text.length)
                .writeByte(0)
                .writeByte(Commands.QUERY);
        if (attributes) {
            framed.writeByte(0).writeByte(1);
        }
        return framed.writeBytes(text);
    }

    static ByteBuf initSchema(ByteBufAllocator allocator, String name) {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        return allocator
                .buffer(5 + text.length)
                .writeMediumLE(1 + text.length)
                .writeByte(0)
                .writeByte(Commands.INIT_DB)
                .writeBytes(text);
    }

    static ByteBuf closeStatement(ByteBufAllocator allocator, long id) {
        return allocator
                .buffer(9)
                .writeMediumLE(5)
                .writeByte(0)
                .writeByte(Commands.STMT_CLOSE)
                .writeIntLE((int) id);
    }

    static ByteBuf quit() {
        return Unpooled.buffer(5).writeMediumLE(1).writeByte(0).writeByte(Commands.QUIT);
    }
}
