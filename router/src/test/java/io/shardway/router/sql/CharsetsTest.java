package io.shardway.router.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class CharsetsTest {

    @Test
    void thoseInWhichAsciiBytesAreNoAsciiAreUnreadable() {
        List<String> unreadable =
                Charsets.NAMES.stream().filter(Charsets::isUnreadable).sorted().toList();
        assertThat(unreadable).containsExactly("swe7", "ucs2", "utf16", "utf16le", "utf32");
    }

    @Test
    void knowsThoseInWhichAByteOfACharacterCanBeABackslash() {
        List<String> hiding =
                Charsets.NAMES.stream()
                        .filter(name -> Charsets.encodingOf(name).hidesAscii())
                        .sorted()
                        .toList();
        assertThat(hiding).containsExactly("big5", "cp932", "gb18030", "gbk", "sjis");
    }
}
