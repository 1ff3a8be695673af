package io.shardway.router.sql;

/**
 * Skips what separates tokens: blanks, comments and the marks around executable comments. The part
 * of a {@link Scanner} that knows where it stands in the text. Confined to the scanner's thread.
 *
 * <p>MySQL's manual, "Comments": {@code #} and {@code -- } run to the end of the line; {@code /*!}
 * holds code if the version after it (five or six digits, or none) is not newer than the server.
 * Code inside ends at the next closing mark; such comments do not nest. A skipped one may hold one
 * ordinary comment.
 */
abstract class Blanks {

    byte[] text = {};
    byte[] classes = Bytes.classes(SqlDialect.DEFAULT);
    int position;
    int to;

    /** The text breaks MySQL's own rules, or may be read in more than one way. */
    boolean malformed;

    /** Between the marks of a comment that is code. */
    boolean inExecutable;

    private int serverVersion;

    final void startAt(byte[] newText, int from, int newTo, SqlDialect dialect) {
        text = newText;
        position = from;
        to = newTo;
        malformed = false;
        inExecutable = false;
        serverVersion = dialect.serverVersion();
        classes = Bytes.classes(dialect);
    }

    /** Moves to the next byte of a token, or to the end; a hint counts as a token if asked so. */
    final void skipBlanks(boolean stopAtHints) {
        while (position < to) {
            byte b = text[position];
            if (classes[b & 0xFF] == Bytes.SPACE) {
                position++;
            } else if (b == '/' && at(1) == '*') {
                if (stopAtHints && at(2) == '+') {
                    return;
                }
                skipLongComment();
            } else if (b == '#' || (b == '-' && isDashComment())) {
                skipLine();
            } else if (b == '*' && inExecutable && at(1) == '/') {
                inExecutable = false;
                position += 2;
            } else {
                return;
            }
        }
    }

    /** The byte so many places on, or 0 past the end. */
    final byte at(int distance) {
        int index = position + distance;
        return index < to ? text[index] : 0;
    }

    /** Position after the closing mark of a comment, or -1. */
    final int endOfComment(int from) {
        for (int i = from; i + 1 < to; i++) {
            if (text[i] == '*' && text[i + 1] == '/') {
                return i + 2;
            }
        }
        return -1;
    }

    private boolean isDashComment() {
        if (at(1) != '-') {
            return false;
        }
        if (position + 2 >= to) {
            return true;
        }
        int next = text[position + 2] & 0xFF;
        return next <= ' ' || next == 0x7F;
    }

    private void skipLine() {
        while (position < to && text[position] != '\n') {
            malformed |= text[position] == 0;
            position++;
        }
    }

    private void skipLongComment() {
        if (at(2) != '!') {
            closeAt(endOfComment(position + 2));
            return;
        }
        int digits = versionDigits();
        if (digits == 0 || version(digits) <= serverVersion) {
            inExecutable = true;
            position += 3 + digits;
        } else {
            closeAt(endOfSkipped(position + 3 + digits));
        }
    }

    /** Five or six digits count as a version, fewer are code. */
    private int versionDigits() {
        int digits = 0;
        while (digits < 6 && Bytes.isDigit(at(3 + digits))) {
            digits++;
        }
        return digits < 5 ? 0 : digits;
    }

    private int version(int digits) {
        int version = 0;
        for (int i = 0; i < digits; i++) {
            version = version * 10 + at(3 + i) - '0';
        }
        return version;
    }

    private int endOfSkipped(int from) {
        int i = from;
        while (i + 1 < to) {
            if (text[i] == '/' && text[i + 1] == '*') {
                i = endOfComment(i + 2);
                if (i < 0) {
                    return -1;
                }
            } else if (text[i] == '*' && text[i + 1] == '/') {
                return i + 2;
            } else {
                i++;
            }
        }
        return -1;
    }

    private void closeAt(int end) {
        malformed |= end < 0;
        position = end < 0 ? to : end;
    }
}
