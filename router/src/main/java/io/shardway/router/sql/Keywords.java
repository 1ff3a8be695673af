package io.shardway.router.sql;

import java.nio.charset.StandardCharsets;

/**
 * The few words that decide whether the digest keeps a literal's value, found without allocating.
 * An immutable table.
 */
final class Keywords {

    /** A string after it is a value, not an alias. */
    static final int VALUE_FOLLOWS = 1;

    static final int SELECT = 2;

    /** Ends a select list. */
    static final int FROM = 4;

    /** LIMIT or OFFSET: numbers after it are kept. */
    static final int LIMIT = 8;

    /** Begins a list whose integers may be ordinals. */
    static final int BY = 16;

    /** Ends a list of ordinals. */
    static final int CLAUSE = 32;

    /** A statement that begins so keeps its plan whatever its literals are. */
    static final int STATEMENT_OF_VALUES = 64;

    private static final int SLOTS = 256;
    private static final byte[][] WORDS = new byte[SLOTS][];
    private static final int[] FLAGS = new int[SLOTS];

    static {
        addAll(
                VALUE_FOLLOWS,
                "and or xor not like between when then else case interval regexp rlike div mod"
                        + " separator binary date time timestamp distinct distinctrow all");
        addAll(VALUE_FOLLOWS | CLAUSE, "where having on");
        addAll(CLAUSE, "union into for rows range window");
        addAll(VALUE_FOLLOWS | SELECT | STATEMENT_OF_VALUES, "select");
        addAll(FROM, "from");
        addAll(LIMIT, "limit offset");
        addAll(BY | VALUE_FOLLOWS, "by");
        addAll(STATEMENT_OF_VALUES, "insert replace update delete with values table do call kill");
    }

    private Keywords() {}

    /** The flags of the word text[from,to), 0 for any other word. */
    static int flagsOf(byte[] text, int from, int to) {
        int slot = slotOf(text, from, to);
        for (byte[] word = WORDS[slot]; word != null; word = WORDS[slot]) {
            if (matches(word, text, from, to)) {
                return FLAGS[slot];
            }
            slot = (slot + 1) % SLOTS;
        }
        return 0;
    }

    /** Folds ASCII letters only, as MySQL compares keywords. */
    static String lowerCase(String word) {
        byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] >= 'A' && bytes[i] <= 'Z') {
                bytes[i] |= 0x20;
            }
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static int slotOf(byte[] text, int from, int to) {
        int first = text[from] | 0x20;
        int last = text[to - 1] | 0x20;
        return (first * 7 + last * 31 + (to - from) * 61) & (SLOTS - 1);
    }

    private static boolean matches(byte[] word, byte[] text, int from, int to) {
        if (word.length != to - from) {
            return false;
        }
        for (int i = 0; i < word.length; i++) {
            int b = text[from + i];
            if (word[i] != (b >= 'A' && b <= 'Z' ? b | 0x20 : b)) {
                return false;
            }
        }
        return true;
    }

    private static void addAll(int flags, String words) {
        for (String word : words.split(" ", -1)) {
            byte[] bytes = word.getBytes(StandardCharsets.US_ASCII);
            int slot = slotOf(bytes, 0, bytes.length);
            while (WORDS[slot] != null) {
                slot = (slot + 1) % SLOTS;
            }
            WORDS[slot] = bytes;
            FLAGS[slot] = flags;
        }
    }
}
