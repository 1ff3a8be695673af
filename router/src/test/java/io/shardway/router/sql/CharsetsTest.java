package io.shardway.router.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class CharsetsTest {

    @Test
    void thoseInWhichAQuoteCanBeAPartOfACharacterAreUnsafe() {
        List<String> unsafe = Charsets.NAMES.stream().filter(Charsets::isUnsafe).sorted().toList();
        assertThat(unsafe)
                .containsExactly(
                        "big5", "cp932", "gb18030", "gbk", "sjis", "ucs2", "utf16", "utf16le",
                        "utf32");
    }

    @Test
    void thoseThatKeepAsciiToThemselvesAreSafe() {
        assertThat(List.of("utf8mb4", "utf8mb3", "latin1", "ascii", "binary", "ujis", "euckr"))
                .noneMatch(Charsets::isUnsafe);
    }
}
