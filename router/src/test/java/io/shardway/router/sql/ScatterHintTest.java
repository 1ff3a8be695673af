package io.shardway.router.sql;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScatterHintTest {

    private static Optional<String> asComment(String sql) {
        byte[] text = sql.getBytes(UTF_8);
        return ScatterHint.asComment(text, 0, text.length, SqlDialect.DEFAULT)
                .map(written -> new String(written, UTF_8));
    }

    private static boolean isIn(String sql) {
        return ScatterHint.isIn(sql.getBytes(UTF_8), SqlDialect.DEFAULT);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SELECT /*+ SHARDWAY(SCATTER) */ 'é' | SELECT /* SHARDWAY(SCATTER) */ 'é'",
                "SELECT /*+shardway ( Scatter )*/ 1 | SELECT /* SHARDWAY(SCATTER) */ 1",
                "DELETE /*+ NO_MERGE() SHARDWAY(SCATTER) */ FROM t"
                        + " | DELETE /*+ NO_MERGE()  */ /* SHARDWAY(SCATTER) */ FROM t",
            })
    void itIsSentAsAComment(String written, String sent) {
        assertThat(asComment(written)).contains(sent);
        assertThat(isIn(sent)).isTrue();
        assertThat(asComment(sent)).isEmpty();
    }

    @Test
    void onlyTheStatementItselfIsWritten() {
        byte[] text = "SELECT 1; SELECT /*+ SHARDWAY(SCATTER) */ 2; SELECT 3".getBytes(UTF_8);
        assertThat(ScatterHint.asComment(text, 9, 43, SqlDialect.DEFAULT))
                .hasValueSatisfying(written ->
                        assertThat(new String(written, UTF_8))
                                .isEqualTo(" SELECT /* SHARDWAY(SCATTER) */ 2"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT 1",
                "SELECT '/* SHARDWAY(SCATTER) */'",
                "SELECT \"/* SHARDWAY(SCATTER) */\" FROM `/* SHARDWAY(SCATTER) */`",
                "SELECT /*+ MAX_EXECUTION_TIME(5) */ 1",
                "SELECT /* SHARDWAY(SCATTERED) */ 1",
                "SELECT /* SHARDWAY(SCATTER) or not */ 1",
                "SELECT SHARDWAY(SCATTER)",
            })
    void nothingElseIsTakenForIt(String sql) {
        assertThat(asComment(sql)).isEmpty();
        assertThat(isIn(sql)).isFalse();
    }
}
