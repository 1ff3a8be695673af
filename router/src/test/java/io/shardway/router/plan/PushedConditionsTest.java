package io.shardway.router.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardway.router.keyspace.Epoch;
import io.shardway.router.keyspace.KeyType;
import io.shardway.router.keyspace.SchemaEpoch;
import io.shardway.router.schema.Catalog;
import io.shardway.router.schema.ColumnSchema;
import io.shardway.router.schema.KeyspaceSchema;
import io.shardway.router.schema.TableSchema;
import io.shardway.router.sql.Literals;
import io.shardway.router.sql.SqlDialect;
import io.shardway.router.topology.TableKind;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which conditions are asked where the rows are, with the values of one execution. */
class PushedConditionsTest {

    private static final String FIRST = "SELECT * FROM t WHERE ";

    private static final Catalog CATALOG = catalog();

    private static Catalog catalog() {
        var table =
                new TableSchema(
                        "t",
                        TableKind.SHARDED,
                        Optional.of(new TableSchema.Key("user_id", new KeyType.Integer(8, false))),
                        List.of(
                                column("user_id", "bigint"),
                                column("n", "decimal"),
                                column("name", "varchar"),
                                column("day", "date"),
                                column("made", "datetime"),
                                column("at", "timestamp")));
        var store = new KeyspaceSchema("store", "user_id", new SchemaEpoch(3), Map.of("t", table));
        return new Catalog(new Epoch(7), Map.of("store", store), Set.of());
    }

    private static ColumnSchema column(String name, String type) {
        return new ColumnSchema(name, type, type, "", false, false);
    }

    private static AssembledText.Asked asked(String condition, ParameterValues values) {
        String sql = FIRST + condition + " ORDER BY name LIMIT 3";
        Literals literals = ScannedSql.of(sql, SqlDialect.DEFAULT);
        byte[] text = literals.text();
        Plan plan =
                new StatementPlanner()
                        .plan(text, 0, text.length, SqlDialect.DEFAULT, literals, "store", CATALOG)
                        .plan();
        return AssembledText.asked(
                text,
                0,
                text.length,
                SqlDialect.DEFAULT,
                ((Plan.Assemble) plan).tables().getFirst(),
                values,
                true);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "n > 1.5",
                "name = 'a'",
                "n BETWEEN -1 AND 2",
                "n NOT BETWEEN -1 AND 2",
                "n NOT IN (1, -2.5, 3e0)",
                "name LIKE 'a%'",
                "name NOT LIKE '\\\\_a'",
                "day >= '2026-02-28'",
                "day IN ('2026-02-28', '2024-02-29 00:00:00')",
                "made BETWEEN '2026-01-01 23:59:59.999999' AND '2027-01-01'",
                "made <> \"2026-01-01\"",
                "made IS NOT NULL",
                "name IN ('b', 'c')",
            })
    void literalsOfTheColumnsKindAreAsked(String condition) {
        AssembledText.Asked asked = asked(condition, ParameterValues.NONE);
        assertThat(asked.where()).isEqualTo(" AS `t` WHERE (" + condition + ")");
        assertThat(asked.rowsMax()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "n = 'a'",
                "n LIKE '1%'",
                "name = 1",
                "name LIKE 'a%' ESCAPE '!'",
                "name LIKE CONCAT('a', '%')",
                "day = 20260228",
                "day = '2026-02-30'",
                "day = '2026-2-3'",
                "day = '0000-00-00'",
                "made > '2026-01-01T00:00:00'",
                "made > '2026-01-01 00:00:00+02:00'",
                "made > '2026-01-01 24:00:00'",
                "made IN ('2026-01-01', 'soon')",
                "at > '2026-01-01'",
                "made > ?",
            })
    void othersAreAskedAtTheEndOnly(String condition) {
        AssembledText.Asked asked = asked(condition, ParameterValues.NONE);
        assertThat(asked.where()).doesNotContain("WHERE");
        assertThat(asked.rowsMax()).isEqualTo(Long.MAX_VALUE);
    }

    static Stream<Arguments> parameters() {
        return Stream.of(
                Arguments.of("n = ?", -5L),
                Arguments.of("n IN (1, ?)", new Parameters.Unsigned(-1)),
                Arguments.of("n > ?", new BigDecimal("-1.50")),
                Arguments.of("n < ?", 1.5e300),
                Arguments.of("n = ?", Parameters.NULL),
                Arguments.of("name = ?", "é'\\".toCharArray()),
                Arguments.of("name LIKE ?", "".toCharArray()),
                Arguments.of(
                        "made BETWEEN ? AND '2027-01-01'", "2026-01-01 10:00:00".toCharArray()),
                Arguments.of("day = ?", "2026-01-01".toCharArray()));
    }

    @ParameterizedTest
    @MethodSource("parameters")
    void parametersOfTheColumnsKindAreAsked(String condition, Object value) {
        AssembledText.Asked asked = asked("made > ? AND " + condition, new Parameters(value));
        boolean isMoment = condition.startsWith("made") || condition.startsWith("day");
        boolean isNull = value == Parameters.NULL;
        assertThat(asked.where())
                .isEqualTo(
                        " AS `t` WHERE %s(%s)"
                                .formatted(isMoment || isNull ? "(made > ?) AND " : "", condition));
        assertThat(asked.parameters()).isEqualTo(isMoment || isNull ? List.of(0, 1) : List.of(1));
        assertThat(asked.rowsMax()).isEqualTo(isMoment || isNull ? 3 : Long.MAX_VALUE);
    }

    static Stream<Arguments> otherParameters() {
        return Stream.of(
                Arguments.of("n = ?", "5".toCharArray()),
                Arguments.of("name = ?", 5L),
                Arguments.of("name = ?", new byte[] {1}),
                Arguments.of("made = ?", 20260101L),
                Arguments.of("made = ?", "2026-01-01 ".toCharArray()),
                Arguments.of("at = ?", "2026-01-01".toCharArray()));
    }

    @ParameterizedTest
    @MethodSource("otherParameters")
    void otherParametersAreAskedAtTheEndOnly(String condition, Object value) {
        AssembledText.Asked asked = asked("user_id > 7 AND " + condition, new Parameters(value));
        assertThat(asked.where()).isEqualTo(" AS `t` WHERE (user_id > 7)");
        assertThat(asked.parameters()).isEmpty();
        assertThat(asked.rowsMax()).isEqualTo(Long.MAX_VALUE);
    }
}
