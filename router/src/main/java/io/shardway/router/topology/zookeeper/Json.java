package io.shardway.router.topology.zookeeper;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * Turns records into the bytes of a node and back; large ones are compressed. Stateless.
 *
 * <p>Unknown and missing fields are refused: the format version says what a node holds, and a field
 * that is skipped when read would be lost when written back.
 */
final class Json {

    private static final int PLAIN_BYTES_MAX = 16 * 1024;
    private static final int CONTENT_BYTES_MAX = 64 * 1024 * 1024;

    private static final JsonMapper MAPPER =
            JsonMapper.builder()
                    .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private Json() {}

    static byte[] write(Object document) {
        try {
            byte[] plain = MAPPER.writeValueAsBytes(document);
            return plain.length <= PLAIN_BYTES_MAX ? plain : compress(plain);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a document must be writable", e);
        }
    }

    /**
     * @param path named in the error when the node cannot be read
     */
    static <T> T read(byte[] data, Class<T> type, String path) {
        try {
            return MAPPER.readValue(isCompressed(data) ? expand(data) : data, type);
        } catch (IOException e) {
            throw malformed(path, e);
        }
    }

    static ShardwayException malformed(String path, Exception cause) {
        return new ShardwayException(
                ErrorCode.TOPOLOGY_FORMAT, path + ": " + cause.getMessage(), cause);
    }

    private static boolean isCompressed(byte[] data) {
        return data.length > 2 && data[0] == (byte) 0x1f && data[1] == (byte) 0x8b;
    }

    private static byte[] compress(byte[] plain) {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(plain);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static byte[] expand(byte[] data) throws IOException {
        try (var gzip = new GZIPInputStream(new ByteArrayInputStream(data))) {
            byte[] plain = gzip.readNBytes(CONTENT_BYTES_MAX + 1);
            if (plain.length > CONTENT_BYTES_MAX) {
                throw new IOException("the content is larger than 64 MiB");
            }
            return plain;
        }
    }
}
