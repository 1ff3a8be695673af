package io.shardway.proxy.execution;

import io.shardway.router.plan.FileKeys;
import java.util.Optional;
import java.util.Set;

/**
 * The character sets of files that the proxy can cut as MySQL does: in others a byte that looks
 * like a separator can be a part of a character. Immutable.
 *
 * @param bytesMax of a character; more than one only in UTF-8
 */
record FileCharset(int bytesMax, FileKeys.Encoding keys) {

    private static final Set<String> ONE_BYTE =
            Set.of(
                    "armscii8",
                    "ascii",
                    "cp1250",
                    "cp1251",
                    "cp1256",
                    "cp1257",
                    "cp850",
                    "cp852",
                    "cp866",
                    "dec8",
                    "geostd8",
                    "greek",
                    "hebrew",
                    "hp8",
                    "keybcs2",
                    "koi8r",
                    "koi8u",
                    "latin1",
                    "latin2",
                    "latin5",
                    "latin7",
                    "macce",
                    "macroman",
                    "tis620");

    /**
     * @param name in lower case; empty if files in it cannot be cut
     */
    static Optional<FileCharset> of(String name) {
        return switch (name) {
            case "utf8mb4" -> Optional.of(new FileCharset(4, FileKeys.Encoding.UTF_8));
            case "utf8", "utf8mb3" -> Optional.of(new FileCharset(3, FileKeys.Encoding.UTF_8));
            case "binary" -> Optional.of(new FileCharset(1, FileKeys.Encoding.BYTES));
            default ->
                    ONE_BYTE.contains(name)
                            ? Optional.of(new FileCharset(1, FileKeys.Encoding.OTHER))
                            : Optional.empty();
        };
    }

    /**
     * How many bytes a character has that begins so; 0 if none does.
     *
     * @param first unsigned
     */
    int widthOf(int first) {
        if (first < 0x80 || bytesMax == 1) {
            return 1;
        }
        int width = first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
        return width <= bytesMax ? width : 0;
    }
}
