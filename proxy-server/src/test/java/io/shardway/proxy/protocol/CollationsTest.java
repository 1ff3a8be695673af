package io.shardway.proxy.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import org.junit.jupiter.api.Test;

class CollationsTest {

    @Test
    void knowsTheOnesThatDriversSend() {
        assertThat(Collations.charsetOf(255)).hasValue("utf8mb4");
        assertThat(Collations.nameOf(255)).hasValue("utf8mb4_0900_ai_ci");
        assertThat(Collations.charsetOf(45)).hasValue("utf8mb4");
        assertThat(Collations.charsetOf(33)).hasValue("utf8mb3");
        assertThat(Collations.charsetOf(8)).hasValue("latin1");
        assertThat(Collations.charsetOf(63)).hasValue("binary");
        assertThat(Collations.charsetOf(323)).hasValue("utf8mb4");
    }

    @Test
    void staysSilentForNumbersThatMysqlDoesNotHave() {
        assertThat(Collations.charsetOf(0)).isEmpty();
        assertThat(Collations.charsetOf(17)).isEmpty();
        assertThat(Collations.charsetOf(5000)).isEmpty();
        assertThat(Collations.defaultOf("utf9")).isEmpty();
    }

    @Test
    void everyCharacterSetHasOneDefault() {
        assertThat(Collations.defaultOf("utf8mb4")).hasValue(255);
        assertThat(Collations.defaultOf("latin1")).hasValue(8);
        for (int id = 1; id < 400; id++) {
            Collations.charsetOf(id)
                    .ifPresent(charset -> assertThat(Collations.defaultOf(charset)).isPresent());
        }
    }

    @Test
    void namesJavasCharacterSets() {
        assertThat(Collations.javaCharset("utf8mb4")).isEqualTo(UTF_8);
        assertThat(Collations.javaCharset("latin1")).isEqualTo(Charset.forName("windows-1252"));
        assertThat(Collations.javaCharset("gbk")).isEqualTo(Charset.forName("GBK"));
        assertThat(Collations.javaCharset("dec8")).isEqualTo(Charset.forName("ISO-8859-1"));
    }
}
