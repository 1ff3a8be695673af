package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.shardway.proxy.protocol.SessionChange;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VariableChangesTest {

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "sql_wait,7,7",
                "x,-2.5,-2.5",
                "x,ON,'ON'",
                "x,\"\",''",
                "x,a'b,'a''b'",
                "x,a\\b,CONVERT(X'615C62' USING utf8mb4)",
                "x,\u00e4,CONVERT(X'C3A4' USING utf8mb4)",
                "character_set_results,\"\",NULL"
            })
    void writesValuesSoThatTheyMeanTheSameInEveryMode(String name, String value, String literal) {
        assertThat(literals(name, value)).isEqualTo(Map.of(name, Optional.of(literal)));
    }

    @Test
    void staysSilentOnVariablesOfTheClientsOwnConnection() {
        assertThat(literals("wait_timeout", "5")).isEmpty();
        assertThat(literals("session_track_gtids", "OFF")).isEmpty();
        assertThat(literals("last_insert_id", "5")).isEmpty();
    }

    @Test
    void keepsTheClientsTimeouts() {
        assertThat(
                        VariableChanges.timeouts(
                                List.of(variable("wait_timeout", "5"), variable("sql_mode", ""))))
                .isEqualTo(Map.of("wait_timeout", 5L));
    }

    @Test
    void asksForTheCollationOnlyWhenACharacterSetChanged() {
        assertThat(
                        VariableChanges.touchCollation(
                                List.of(variable("character_set_client", "latin1"))))
                .isTrue();
        assertThat(VariableChanges.touchCollation(List.of(variable("sql_mode", "")))).isFalse();
    }

    private static Map<String, Optional<String>> literals(String name, String value) {
        return VariableChanges.literals(List.of(variable(name, value)));
    }

    private static SessionChange variable(String name, String value) {
        return new SessionChange.SystemVariable(name, value.getBytes(UTF_8));
    }
}
