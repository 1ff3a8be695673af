package io.shardway.proxy.admin;

/** What MySQL reads over between words. Stateless. */
final class Blanks {

    private Blanks() {}

    /** The offset of the first letter that is neither space nor comment; the length if none is. */
    static int skip(String sql, int from) {
        int at = from;
        while (at < sql.length()) {
            int next = at;
            if (Character.isWhitespace(sql.charAt(at))) {
                next = at + 1;
            } else if (sql.startsWith("/*", at)) {
                next = after(sql, "*/", at + 2);
            } else if (sql.startsWith("-- ", at) || sql.charAt(at) == '#') {
                next = after(sql, "\n", at + 1);
            }
            if (next == at) {
                return at;
            }
            at = next;
        }
        return at;
    }

    private static int after(String sql, String end, int from) {
        int found = sql.indexOf(end, from);
        return found < 0 ? sql.length() : found + end.length();
    }
}
