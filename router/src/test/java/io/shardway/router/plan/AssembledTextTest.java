package io.shardway.router.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardway.router.sql.SqlDialect;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AssembledTextTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT 1 FROM a LEFT JOIN b ON a.x = b.x AND b.y IN (SELECT y FROM c)",
                "SELECT 1 FROM a RIGHT JOIN b ON (a.x = 5 OR EXISTS (SELECT y FROM c)) WHERE 1",
                "SELECT 1 FROM a LEFT JOIN b ON a.x = b.x JOIN c ON c.y IN (SELECT y FROM d)",
            })
    void aSubqueryOfAConditionBesideAnOuterJoinMayDoubleRows(String sql) {
        assertThat(mayDoubleRows(sql)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT 1 FROM a LEFT JOIN b ON a.x = b.x WHERE b.y IN (SELECT y FROM c)",
                "SELECT 1 FROM a JOIN b ON a.x = b.x AND b.y IN (SELECT y FROM c)",
                "SELECT (SELECT 1 FROM a LEFT JOIN b ON a.x = b.x), (SELECT 2) FROM c",
            })
    void othersMayNot(String sql) {
        assertThat(mayDoubleRows(sql)).isFalse();
    }

    private static boolean mayDoubleRows(String sql) {
        return AssembledText.mayDoubleRows(
                sql.getBytes(StandardCharsets.UTF_8), SqlDialect.DEFAULT);
    }
}
