package io.shardway.proxy.execution;

import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import java.io.Serial;
import java.util.Arrays;

/**
 * Finds where the records of a file end, and what is in two of their fields, and where, exactly as
 * MySQL does when it reads the file: the owner of a record gets its bytes as they are and reads
 * them again. Confined to one thread.
 *
 * <p>It works on what has come of the file. Where that ends within a record it gives up and begins
 * the record anew when more has come.
 */
final class RecordCutter {

    /** The record does not end in what there is. */
    static final int MORE = -1;

    /** The file is over, and there is no further record. */
    static final int END = -2;

    private static final int EOF = -1;

    /** What a field holds. */
    enum Content {
        /** The record ends before it. */
        MISSING,
        /** {@code \N}, or the word NULL. */
        NULL,
        /** Text, perhaps empty. */
        TEXT
    }

    /** A field that is wanted. Confined to its cutter. */
    static final class Field {
        private Content content = Content.MISSING;
        private byte[] bytes = new byte[64];
        private int from;
        private int to;
        private int begins;
        private int ends;

        Content content() {
            return content;
        }

        /** Valid from {@link #from} to {@link #to} until the next record. */
        byte[] bytes() {
            return bytes;
        }

        int from() {
            return from;
        }

        int to() {
            return to;
        }

        /** Where it begins in the file's bytes, with what encloses it. */
        int begins() {
            return begins;
        }

        /** Where what ends it begins there. */
        int ends() {
            return ends;
        }

        private void add(int value) {
            if (to == bytes.length) {
                bytes = Arrays.copyOf(bytes, 2 * to);
            }
            bytes[to++] = (byte) value;
        }
    }

    /** The data end within a record. */
    private static final class NeedsMore extends RuntimeException {
        @Serial private static final long serialVersionUID = 1;
        private static final NeedsMore INSTANCE = new NeedsMore();

        private NeedsMore() {
            super("", null, false, false);
        }
    }

    private final FileFormat format;
    private final FileCharset charset;
    private final int fields;
    private final int keyAt;
    private final int idAt;
    private final boolean[] plain = new boolean[256];
    private final Field key = new Field();
    private final Field id = new Field();
    private final Field other = new Field();

    private byte[] data = new byte[0];
    private int at;
    private int end;
    private int begins;
    private boolean last;
    private boolean lineEnded;
    private boolean fileEnded;
    private boolean enclosed;
    private boolean foundNull;

    /**
     * @param fields how many the statement reads of each record
     * @param keyAt which of them is the shard key
     * @param idAt which of them is the AUTO_INCREMENT column; -1 for none
     */
    RecordCutter(FileFormat format, FileCharset charset, int fields, int keyAt, int idAt) {
        this.format = format;
        this.charset = charset;
        this.fields = fields;
        this.keyAt = keyAt;
        this.idAt = idAt;
        Arrays.fill(plain, 0, charset.bytesMax() == 1 ? 256 : 128, true);
        plain[format.fieldEnd()[0]] = false;
        plain[format.lineEnd()[0]] = false;
        if (format.enclosed() >= 0) {
            plain[format.enclosed()] = false;
        }
        if (format.escaped() >= 0) {
            plain[format.escaped()] = false;
        }
    }

    Field key() {
        return key;
    }

    Field id() {
        return id;
    }

    /** Where the first field of the record begins. */
    int begins() {
        return begins;
    }

    /**
     * Where the line ends that begins at {@code from}, as IGNORE n LINES counts them; {@link #MORE}
     * or {@link #END}.
     */
    int skipLine(byte[] bytes, int from, int to, boolean isLast) {
        begin(bytes, from, to, isLast);
        try {
            return nextLine() ? END : at;
        } catch (NeedsMore _) {
            return MORE;
        }
    }

    /**
     * Where the record ends that begins at {@code from}, {@link #MORE} or {@link #END}.
     *
     * @param isLast nothing of the file follows
     */
    int cut(byte[] bytes, int from, int to, boolean isLast) {
        begin(bytes, from, to, isLast);
        key.content = Content.MISSING;
        id.content = Content.MISSING;
        try {
            if (format.lineStart().length > 0 && !findStart()) {
                return END;
            }
            begins = at;
            for (int field = 0; field < fields; field++) {
                Field into = field == keyAt ? key : field == idAt ? id : other;
                if (!readField(into, into != other)) {
                    if (field == 0) {
                        return END;
                    }
                    break;
                }
            }
            nextLine();
            return at;
        } catch (NeedsMore _) {
            return MORE;
        }
    }

    private void begin(byte[] bytes, int from, int to, boolean isLast) {
        data = bytes;
        at = from;
        end = to;
        last = isLast;
        lineEnded = false;
        fileEnded = false;
    }

    private int next() {
        if (at < end) {
            return data[at++] & 0xFF;
        }
        if (last) {
            return EOF;
        }
        throw NeedsMore.INSTANCE;
    }

    /** Steps back before a byte, which EOF is not. */
    private void back(int value) {
        if (value != EOF) {
            at--;
        }
    }

    private boolean findStart() {
        byte[] start = format.lineStart();
        while (true) {
            int value = next();
            if (value == EOF) {
                return false;
            }
            if (value == start[0]) {
                int retry = at;
                int matched = 1;
                while (matched < start.length && next() == start[matched]) {
                    matched++;
                }
                if (matched == start.length) {
                    return true;
                }
                at = retry;
            }
        }
    }

    /** Whether the rest of a separator follows whose first byte was read; else goes back to it. */
    private boolean follows(byte[] separator) {
        int before = at;
        for (int i = 1; i < separator.length; i++) {
            if (next() != separator[i]) {
                at = before;
                return false;
            }
        }
        return true;
    }

    /** False if the record has no such field. */
    private boolean readField(Field into, boolean wanted) {
        if (lineEnded) {
            return false;
        }
        into.from = 0;
        into.to = 0;
        into.begins = at;
        enclosed = false;
        foundNull = false;
        int first = next();
        if (first == EOF) {
            lineEnded = true;
            fileEnded = true;
            return false;
        }
        boolean quoted = first == format.enclosed();
        if (quoted) {
            into.add(first);
        } else {
            at--;
        }
        readRest(into, wanted, quoted);
        if (enclosed) {
            into.from = 1;
        }
        into.content = isNull(into) ? Content.NULL : Content.TEXT;
        return true;
    }

    private boolean isNull(Field field) {
        int length = field.to - field.from;
        return (length == 1 && foundNull)
                || (length == 4
                        && !enclosed
                        && format.enclosed() != FileFormat.NONE
                        && field.bytes[0] == 'N'
                        && field.bytes[1] == 'U'
                        && field.bytes[2] == 'L'
                        && field.bytes[3] == 'L');
    }

    private void readRest(Field into, boolean wanted, boolean quoted) {
        while (true) {
            int value = next();
            if (value == EOF) {
                lineEnded = true;
                fileEnded = true;
                into.ends = at;
                return;
            }
            if (plain[value]) {
                keep(into, wanted, value);
                continue;
            }
            if (value == format.escaped()) {
                int escaped = next();
                if (escaped == EOF) {
                    keep(into, wanted, value);
                    lineEnded = true;
                    fileEnded = true;
                    into.ends = at;
                    return;
                }
                // Where one byte encloses and escapes, it only doubles.
                if (format.escaped() != format.enclosed() || escaped == value) {
                    if (charset.widthOf(escaped) == 1) {
                        keep(into, wanted, unescaped(escaped));
                    } else {
                        at--;
                        keepCharacter(into, wanted, next());
                    }
                    continue;
                }
                back(escaped);
            }
            if (!quoted && value == format.lineEnd()[0] && follows(format.lineEnd())) {
                lineEnded = true;
                into.ends = at - format.lineEnd().length;
                return;
            }
            if (quoted && value == format.enclosed()) {
                int following = next();
                if (following == value) {
                    keep(into, wanted, value);
                    continue;
                }
                if (following == EOF
                        || (following == format.lineEnd()[0] && follows(format.lineEnd()))) {
                    enclosed = true;
                    lineEnded = true;
                    into.ends = following == EOF ? at : at - format.lineEnd().length;
                    return;
                }
                if (following == format.fieldEnd()[0] && follows(format.fieldEnd())) {
                    enclosed = true;
                    into.ends = at - format.fieldEnd().length;
                    return;
                }
                back(following);
            } else if (!quoted && value == format.fieldEnd()[0] && follows(format.fieldEnd())) {
                into.ends = at - format.fieldEnd().length;
                return;
            }
            keepCharacter(into, wanted, value);
        }
    }

    private void keep(Field into, boolean wanted, int value) {
        // Of a field that is not wanted only what tells nothing is kept.
        if (wanted) {
            into.add(value);
        }
    }

    private void keepCharacter(Field into, boolean wanted, int first) {
        keep(into, wanted, first);
        int width = charset.widthOf(first);
        if (width == 0) {
            throw illFormed();
        }
        for (int i = 1; i < width; i++) {
            keep(into, wanted, continuation(first, i));
        }
    }

    private int continuation(int first, int index) {
        int value = next();
        boolean fits =
                value >= 0x80
                        && value < 0xC0
                        && (index > 1
                                || !(first == 0xE0 && value < 0xA0
                                        || first == 0xED && value >= 0xA0
                                        || first == 0xF0 && value < 0x90
                                        || first == 0xF4 && value >= 0x90));
        if (!fits) {
            throw illFormed();
        }
        return value;
    }

    /** MySQL goes on behind such bytes in ways of its own. */
    private static ShardwayException illFormed() {
        return new ShardwayException(
                ErrorCode.FILE_NOT_READABLE, "bytes that are no text in the file's character set");
    }

    private int unescaped(int value) {
        return switch (value) {
            case 'n' -> '\n';
            case 't' -> '\t';
            case 'r' -> '\r';
            case 'b' -> '\b';
            case '0' -> 0;
            case 'Z' -> 26;
            case 'N' -> {
                foundNull = true;
                yield value;
            }
            default -> value;
        };
    }

    /**
     * Goes on behind the line's end, where quotes do not count any more.
     *
     * @return whether the file ends instead
     */
    private boolean nextLine() {
        if (lineEnded || fileEnded) {
            return fileEnded;
        }
        while (true) {
            int value = next();
            if (value == EOF) {
                return true;
            }
            int width = charset.widthOf(value);
            for (int i = 1; i < width; i++) {
                continuation(value, i);
            }
            if (value == format.escaped()) {
                if (next() == EOF) {
                    return true;
                }
            } else if (value == format.lineEnd()[0] && follows(format.lineEnd())) {
                return false;
            }
        }
    }
}
