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
     * In these bytes below 0x80 do not stand for ASCII: neither quotes nor keys can be found in
     * statements written so, and text that passes through them is not what it was. Lower case.
     */
    private static final Set<String> UNREADABLE =
            Set.of("swe7", "ucs2", "utf16", "utf16le", "utf32");

    private Charsets() {}

    /**
     * Whether the proxy cannot read statements in this character set; {@code name} in lower case.
     */
    public static boolean isUnreadable(String name) {
        return UNREADABLE.contains(name);
    }

    /** How text in this character set is read; {@code name} in lower case, and readable. */
    public static TextEncoding encodingOf(String name) {
        return switch (name) {
            case "utf8mb4", "utf8mb3", "utf8" -> TextEncoding.UTF8;
            case "ujis", "eucjpms", "euckr", "gb2312" -> TextEncoding.EUC;
            case "big5" -> TextEncoding.BIG5;
            case "gbk" -> TextEncoding.GBK;
            case "sjis", "cp932" -> TextEncoding.SJIS;
            case "gb18030" -> TextEncoding.GB18030;
            default -> TextEncoding.ASCII_BASED;
        };
    }
}
