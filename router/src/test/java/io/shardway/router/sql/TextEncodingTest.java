package io.shardway.router.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Strings and names in character sets in which a quote is not always a quote. */
class TextEncodingTest {

    private static Lexer scan(TextEncoding encoding, String hex) {
        byte[] text = HexFormat.of().parseHex(hex.replace(" ", ""));
        var lexer = new Lexer();
        lexer.scan(
                text, 0, text.length, new SqlDialect(false, false, false, encoding, false, 80_031));
        return lexer;
    }

    /** 27 is the quote, 5c the backslash. */
    @ParameterizedTest
    @CsvSource({
        // An escaped quote after half a character: the backslash is its other half.
        "GBK, 27 bf5c 27, 1",
        "GBK, 27 bf5c 27 20 2c 27 27, 2",
        "BIG5, 27 a15c 27 2c 27 61 27, 2",
        "SJIS, 27 835c 27 2c 27 61 27, 2",
        "GB18030, 27 8130 8130 27 2c 27 bf5c 27, 2",
        // Behind a backslash MySQL skips one byte only.
        "GBK, 27 5c bf 5c 27 61 27, 1",
        // No character: the backslash is one.
        "BIG5, 27 81 5c 27 61 27, 1",
        "EUC, 27 a1a1 27 2c 27 a1 27, 2",
        "UTF8, 27 c3a4 27 2c 27 c3 27, 2",
        "ASCII_BASED, 27 e4 27 2c 27 bf 5c 27 27, 2",
    })
    void findsTheEndOfStrings(TextEncoding encoding, String hex, int strings) {
        Lexer lexer = scan(encoding, hex);
        assertThat(lexer.count()).isEqualTo(strings);
        assertThat(lexer.wellFormed()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        // MySQL would take the closing backquote for a part of a character that is broken off.
        "UTF8, 60 61 c3 60",
        "UTF8, 60 61 e4 b8 60",
        "UTF8, 60 61 ff 60",
        "EUC, 60 61 a1 60",
        "GBK, 60 61 bf 60",
        "GBK, 60 c4e3 60",
        "UTF8, 40 60 c3 60",
    })
    void trustsNoNameWithABrokenCharacter(TextEncoding encoding, String hex) {
        assertThat(scan(encoding, hex).wellFormed()).isFalse();
    }

    @Test
    void trustsNamesOfWholeCharacters() {
        assertThat(scan(TextEncoding.UTF8, "60 c3a4 e4b8ad f09f9880 60").wellFormed()).isTrue();
        assertThat(scan(TextEncoding.ASCII_BASED, "60 e4 60").wellFormed()).isTrue();
    }
}
