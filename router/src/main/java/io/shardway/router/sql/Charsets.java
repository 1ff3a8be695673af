package io.shardway.router.sql;

import java.util.Set;

/** The character sets of MySQL 8.0. Stateless. */
public final class Charsets {

    /** An underscore and such a name introduce a literal. Lower case. */
    static final Set<String> NAMES =
            Set.of(
                    ("armscii8 ascii big5 binary cp1250 cp1251 cp1256 cp1257 cp850 cp852 cp866"
                                    + " cp932 dec8 eucjpms euckr gb18030 gb2312 gbk geostd8 greek"
                                    + " hebrew hp8 keybcs2 koi8r koi8u latin1 latin2 latin5 latin7"
                                    + " macce macroman sjis swe7 tis620 ucs2 ujis utf16 utf16le"
                                    + " utf32 utf8 utf8mb3 utf8mb4")
                            .split(" ", -1));

    /**
     * In these a byte of a character can be a quote or a backslash, or no ASCII is in them: the
     * ends of strings cannot be found in statements written so. Lower case.
     */
    private static final Set<String> UNSAFE =
            Set.of("big5", "cp932", "gbk", "sjis", "gb18030", "ucs2", "utf16", "utf16le", "utf32");

    private Charsets() {}

    /**
     * Whether the proxy cannot read statements in this character set; {@code name} in lower case.
     */
    public static boolean isUnsafe(String name) {
        return UNSAFE.contains(name);
    }
}
