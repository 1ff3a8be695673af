package io.shardway.router.plan;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Texts within statements that mean the same whatever the SQL mode and character set. */
public final class SchemaText {

    private SchemaText() {}

    /** A string literal: as it is if all are plain ASCII characters, else in hex. */
    public static String quoted(String value) {
        boolean plain = value.chars().allMatch(c -> c >= ' ' && c < 0x7F && c != '\'' && c != '\\');
        return plain
                ? "'" + value + "'"
                : "_utf8mb4 x'"
                        + HexFormat.of().formatHex(value.getBytes(StandardCharsets.UTF_8))
                        + "'";
    }
}
