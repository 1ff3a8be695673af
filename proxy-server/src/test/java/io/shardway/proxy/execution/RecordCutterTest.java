package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shardway.router.ShardwayException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecordCutterTest {

    private static final FileCharset UTF8 = FileCharset.of("utf8mb4").orElseThrow();
    private static final FileFormat PLAIN = format("\t", "", "\n", FileFormat.NONE, '\\');
    private static final FileFormat CSV = format(",", "", "\r\n", '"', '\\');

    private static FileFormat format(
            String fields, String start, String lines, int enclosed, int escaped) {
        return new FileFormat(
                fields.getBytes(UTF_8),
                start.getBytes(UTF_8),
                lines.getBytes(UTF_8),
                enclosed,
                escaped,
                0);
    }

    /** Each record as {@code bytes=field}; the field is the one at the index. */
    private static List<String> cut(FileFormat format, int fields, int at, String file) {
        return cut(format, fields, at, file.getBytes(UTF_8), Integer.MAX_VALUE);
    }

    private static List<String> cut(FileFormat format, int fields, int at, byte[] file, int piece) {
        var cutter = new RecordCutter(format, UTF8, fields, at, -1);
        var found = new ArrayList<String>();
        int from = 0;
        int to = Math.min(piece, file.length);
        while (true) {
            int end = cutter.cut(file, from, to, to == file.length);
            if (end == RecordCutter.END) {
                return found;
            }
            if (end == RecordCutter.MORE) {
                assertThat(to).isLessThan(file.length);
                to = (int) Math.min((long) to + piece, file.length);
                continue;
            }
            RecordCutter.Field key = cutter.key();
            String value =
                    switch (key.content()) {
                        case MISSING -> "(missing)";
                        case NULL -> "(null)";
                        case TEXT ->
                                new String(key.bytes(), key.from(), key.to() - key.from(), UTF_8);
                    };
            found.add(new String(file, from, end - from, UTF_8) + "=" + value);
            from = end;
        }
    }

    @Test
    void fieldsAndLinesOfTheDefaultFormat() {
        assertThat(cut(PLAIN, 2, 1, "1\ta\n2\t\\N\n\n3\n4\tb\\\tc\td\n5\te\\\nf"))
                .containsExactly(
                        "1\ta\n=a",
                        "2\t\\N\n=(null)",
                        "\n=(missing)",
                        "3\n=(missing)",
                        "4\tb\\\tc\td\n=b\tc",
                        "5\te\\\nf=e\nf");
    }

    @Test
    void escapesStandForWhatMySqlSays() {
        assertThat(cut(PLAIN, 1, 0, "a\\tb\\n\\r\\b\\0\\Z\\x\\\\\\N\n"))
                .containsExactly("a\\tb\\n\\r\\b\\0\\Z\\x\\\\\\N\n=a\tb\n\r\b\0\032x\\N");
        assertThat(cut(PLAIN, 1, 0, "a\\")).containsExactly("a\\=a\\");
        assertThat(cut(PLAIN, 1, 0, "\\é\n")).containsExactly("\\é\n=é");
    }

    @Test
    void enclosedFieldsHoldSeparatorsAndDoubledQuotes() {
        assertThat(
                        cut(
                                CSV,
                                2,
                                1,
                                "1,\"a,\r\n\"\"b\"\"\"\r\n2,\"x\"y\",z\"\r\n3,NULL\r\n4,\"NULL\"\r\n"))
                .containsExactly(
                        "1,\"a,\r\n\"\"b\"\"\"\r\n=a,\r\n\"b\"",
                        "2,\"x\"y\",z\"\r\n=x\"y",
                        "3,NULL\r\n=(null)",
                        "4,\"NULL\"\r\n=NULL");
        assertThat(cut(CSV, 2, 1, "1,\"open\r\nto the end"))
                .containsExactly("1,\"open\r\nto the end=\"open\r\nto the end");
    }

    @Test
    void quotesDoNotCountBehindTheLastFieldThatIsRead() {
        assertThat(cut(CSV, 1, 0, "1,\"a\r\nb\"\r\n2\r\n"))
                .containsExactly("1,\"a\r\n=1", "b\"\r\n=b\"", "2\r\n=2");
    }

    @Test
    void oneCharacterThatEnclosesAndEscapesOnlyDoubles() {
        FileFormat format = format(",", "", "\n", '"', '"');
        assertThat(cut(format, 2, 1, "1,\"a\"\"b\\n\"\n2,x\"\"y\n"))
                .containsExactly("1,\"a\"\"b\\n\"\n=a\"b\\n", "2,x\"\"y\n=x\"y");
    }

    @Test
    void separatorsOfSeveralCharactersCountWholeOnly() {
        FileFormat format = format("||", "", "<>\n", FileFormat.NONE, FileFormat.NONE);
        assertThat(cut(format, 3, 1, "a||b|c||d<>\ne||f<>g||<>\n\\||x||"))
                .containsExactly("a||b|c||d<>\n=b|c", "e||f<>g||<>\n=f<>g", "\\||x||=x");
    }

    @Test
    void linesBeginBehindTheirPrefix() {
        FileFormat format = format(",", "xxy", "\n", FileFormat.NONE, '\\');
        assertThat(cut(format, 2, 0, "junk\nxxxy1,a\nno\nmore xxy2,b\nrest"))
                .containsExactly("junk\nxxxy1,a\n=1", "no\nmore xxy2,b\n=2");
    }

    @Test
    void skippedLinesKnowEscapesAndNoQuotes() {
        var cutter = new RecordCutter(CSV, UTF8, 1, 0, -1);
        byte[] file = "a\\\r\n\"b\r\nc\"\r\n1\r\n".getBytes(UTF_8);
        int first = cutter.skipLine(file, 0, file.length, true);
        // The escape takes the first character of the line's end away.
        assertThat(new String(file, 0, first, UTF_8)).isEqualTo("a\\\r\n\"b\r\n");
        assertThat(cutter.skipLine(file, file.length, file.length, true))
                .isEqualTo(RecordCutter.END);
        assertThat(cutter.skipLine(file, 0, 3, false)).isEqualTo(RecordCutter.MORE);
    }

    @Test
    void whatIsNoUtf8IsRefused() {
        for (String bytes : List.of("a\u00ff\n", "\u00c3(\n", "\u00ed\u00a0\u0080\n", "x\u00e4")) {
            assertThatThrownBy(
                            () -> cut(PLAIN, 1, 0, bytes.getBytes(ISO_8859_1), Integer.MAX_VALUE))
                    .isInstanceOf(ShardwayException.class);
        }
    }

    @Test
    void theSizeOfPiecesDoesNotMatter() {
        byte[] file =
                "1,\"a,\r\n\"\"b\"\"\"\r\n2,\"x\"y\",é\"\r\r\n3,\\N\\\\,😀\r\n\r\n4"
                        .getBytes(UTF_8);
        List<String> whole = cut(CSV, 2, 1, file, Integer.MAX_VALUE);
        assertThat(whole).hasSize(5);
        for (int piece = 1; piece < 9; piece++) {
            assertThat(cut(CSV, 2, 1, file, piece)).isEqualTo(whole);
        }
    }
}
