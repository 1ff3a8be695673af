package io.shardway.router.sql;

/**
 * How the bytes of a statement's text make characters, as far as finding the ends of strings hangs
 * on it (the {@code ismbchar} functions of MySQL's character sets). Immutable.
 */
public enum TextEncoding {
    /** utf8mb4 and utf8mb3: every byte of a longer character is 0x80 or more. */
    UTF8,
    /** One byte is one character, and those below 0x80 are ASCII: latin1 and most others. */
    ASCII_BASED,
    /** ujis, eucjpms, euckr, gb2312: no byte of a longer character is a quote or a backslash. */
    EUC,
    /** The second byte of a character may be a backslash or a backquote. */
    BIG5 {
        @Override
        public int bytesOf(byte[] text, int at, int to) {
            int second = at + 1 < to ? text[at + 1] & 0xFF : 0;
            return in(text[at], 0xA1, 0xF9) && (isLowTrail(second) || within(second, 0xA1, 0xFE))
                    ? 2
                    : 1;
        }
    },
    /** The same. */
    GBK {
        @Override
        public int bytesOf(byte[] text, int at, int to) {
            int second = at + 1 < to ? text[at + 1] & 0xFF : 0;
            return in(text[at], 0x81, 0xFE) && (isLowTrail(second) || within(second, 0x80, 0xFE))
                    ? 2
                    : 1;
        }
    },
    /** sjis and cp932; the same. */
    SJIS {
        @Override
        public int bytesOf(byte[] text, int at, int to) {
            int second = at + 1 < to ? text[at + 1] & 0xFF : 0;
            boolean first = in(text[at], 0x81, 0x9F) || in(text[at], 0xE0, 0xFC);
            return first && (isLowTrail(second) || within(second, 0x80, 0xFC)) ? 2 : 1;
        }
    },
    /** As GBK, and characters of four bytes with digits in them. */
    GB18030 {
        @Override
        public int bytesOf(byte[] text, int at, int to) {
            boolean four =
                    at + 3 < to
                            && in(text[at], 0x81, 0xFE)
                            && in(text[at + 1], '0', '9')
                            && in(text[at + 2], 0x81, 0xFE)
                            && in(text[at + 3], '0', '9');
            return four ? 4 : GBK.bytesOf(text, at, to);
        }
    };

    /**
     * How many bytes the character has that begins at {@code at}, if another than its first could
     * be taken for a quote or a backslash; else 1.
     */
    public int bytesOf(byte[] text, int at, int to) {
        return 1;
    }

    /** Whether {@link #bytesOf} is ever more than 1. */
    final boolean hidesAscii() {
        return this != UTF8 && this != ASCII_BASED && this != EUC;
    }

    private static boolean isLowTrail(int second) {
        return within(second, 0x40, 0x7E);
    }

    private static boolean in(byte value, int least, int greatest) {
        return within(value & 0xFF, least, greatest);
    }

    private static boolean within(int value, int least, int greatest) {
        return value >= least && value <= greatest;
    }
}
