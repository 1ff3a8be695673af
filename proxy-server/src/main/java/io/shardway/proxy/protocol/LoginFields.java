package io.shardway.proxy.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.Charset;
import java.util.LinkedHashMap;
import java.util.Map;

/** Fields that login and COM_CHANGE_USER share. Thread-safe: static and without state. */
final class LoginFields {

    private LoginFields() {}

    /** Clients before 5.5.10 leave the last NUL out. */
    static String readPlugin(ByteBuf in) {
        if (in.bytesBefore((byte) 0) < 0) {
            return new String(Wire.readRest(in), UTF_8);
        }
        return Wire.readNulTerminated(in, UTF_8);
    }

    static Map<String, String> readAttributes(ByteBuf in, Charset charset) {
        Map<String, String> attributes = new LinkedHashMap<>();
        if (!in.isReadable()) {
            return attributes;
        }
        ByteBuf block = Unpooled.wrappedBuffer(Wire.readBytes(in));
        while (block.isReadable()) {
            String name = Wire.readText(block, charset);
            attributes.put(name, Wire.readText(block, charset));
        }
        return attributes;
    }

    static void writeAttributes(ByteBuf out, Map<String, String> attributes) {
        ByteBuf block = Unpooled.buffer();
        attributes.forEach((name, value) -> {
            Wire.writeText(block, name, UTF_8);
            Wire.writeText(block, value, UTF_8);
        });
        Wire.writeBytes(out, Wire.readRest(block));
    }
}
