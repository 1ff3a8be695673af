package io.shardway.proxy.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SettingsProfileTest {

    private static final SettingsProfile ONE =
            SettingsProfile.of(Map.of("sql_mode", "'ANSI'", "@tag", "7"));

    @Test
    void isOneObjectForEqualSettings() {
        assertThat(SettingsProfile.of(Map.of("@tag", "7", "sql_mode", "'ANSI'"))).isSameAs(ONE);
        assertThat(
                        SettingsProfile.EMPTY.with(
                                Map.of(
                                        "@tag",
                                        Optional.of("7"),
                                        "sql_mode",
                                        Optional.of("'ANSI'"))))
                .isSameAs(ONE);
    }

    @Test
    void staysSilentWhenNothingDiffers() {
        assertThat(ONE.differenceFrom(ONE)).isEmpty();
        assertThat(ONE.with(Map.of())).isSameAs(ONE);
    }

    @Test
    void setsWhatDiffersBothWays() {
        assertThat(ONE.differenceFrom(SettingsProfile.EMPTY))
                .contains("SET @`tag` = 7, @@SESSION.sql_mode = 'ANSI'");
        assertThat(SettingsProfile.EMPTY.differenceFrom(ONE))
                .contains("SET @`tag` = CAST(NULL AS BINARY), @@SESSION.sql_mode = DEFAULT");
        SettingsProfile other = ONE.with(Map.of("@tag", Optional.of("8")));
        assertThat(other.differenceFrom(ONE)).contains("SET @`tag` = 8");
    }

    @Test
    void quotesTheNamesOfUserVariables() {
        assertThat(SettingsProfile.of(Map.of("@a`b", "1")).differenceFrom(SettingsProfile.EMPTY))
                .contains("SET @`a``b` = 1");
    }

    @Test
    void forgetsWhatGoesBackToTheDefault() {
        assertThat(ONE.with(Map.of("@tag", Optional.empty(), "sql_mode", Optional.empty())))
                .isSameAs(SettingsProfile.EMPTY);
        assertThat(ONE.userVariableCount()).isEqualTo(1);
    }

    @Test
    void readsTheDialectFromTheSettings() {
        assertThat(SettingsProfile.EMPTY.dialect().utf8Text()).isTrue();
        assertThat(SettingsProfile.EMPTY.dialect().ansiQuotes()).isFalse();
        var dialect =
                SettingsProfile.of(
                                Map.of(
                                        "sql_mode",
                                                "'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT'",
                                        "character_set_client", "'latin1'"))
                        .dialect();
        assertThat(dialect.ansiQuotes()).isTrue();
        assertThat(dialect.noBackslashEscapes()).isTrue();
        assertThat(dialect.pipesAsConcat()).isTrue();
        assertThat(dialect.utf8Text()).isFalse();
    }

    @Test
    void knowsWhetherAutocommitIsOn() {
        assertThat(SettingsProfile.EMPTY.autocommit()).isTrue();
        assertThat(SettingsProfile.of(Map.of("autocommit", "'ON'")).autocommit()).isTrue();
        assertThat(SettingsProfile.of(Map.of("autocommit", "'OFF'")).autocommit()).isFalse();
    }
}
