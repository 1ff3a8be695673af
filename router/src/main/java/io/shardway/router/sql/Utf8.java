package io.shardway.router.sql;

/** The form of UTF-8 characters. Stateless. */
final class Utf8 {

    private Utf8() {}

    /** How many bytes the character has that begins there; 0 if none of more than one byte does. */
    static int characterBytes(byte[] text, int at, int to) {
        int first = text[at] & 0xFF;
        int bytes = first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
        if (bytes == 0 || at + bytes > to) {
            return 0;
        }
        for (int i = at + 1; i < at + bytes; i++) {
            if ((text[i] & 0xC0) != 0x80) {
                return 0;
            }
        }
        int second = text[at + 1] & 0xFF;
        boolean overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
        boolean beyond = (first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F);
        return overlong || beyond ? 0 : bytes;
    }
}
