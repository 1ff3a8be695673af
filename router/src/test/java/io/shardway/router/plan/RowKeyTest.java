package io.shardway.router.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.Bucket;
import io.shardway.router.sql.SqlDialect;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowKeyTest {

    @ParameterizedTest
    @ValueSource(strings = {"42", "042", "42.0", "'42'"})
    void takesAGivenKey(String literal) {
        assertThat(rowKey("INSERT INTO users (user_id) VALUES (" + literal + ")", true))
                .isEqualTo(new RowKey.Given(Bucket.numberOf(42), 42));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "00", "0.0", "'0'", "NULL", "DEFAULT"})
    void drawsWhereMySqlWouldDraw(String literal) {
        assertThat(rowKey("INSERT INTO users (user_id) VALUES (" + literal + ")", true))
                .isEqualTo(new RowKey.Drawn());
    }

    @Test
    void storesZeroWhereTheSqlModeSaysSo() {
        assertThat(rowKey("INSERT INTO users (user_id) VALUES (0)", false))
                .isEqualTo(new RowKey.Given(Bucket.numberOf(0), 0));
        assertThat(rowKey("INSERT INTO users (user_id) VALUES (NULL)", false))
                .isEqualTo(new RowKey.Drawn());
    }

    @Test
    void refusesToDrawForSeveralRowsThatCannotBeToldApart() {
        assertThatThrownBy(() -> rowKey("INSERT INTO users (user_id) VALUES ROW(0), ROW(0)", true))
                .isInstanceOfSatisfying(
                        ShardwayException.class,
                        refused ->
                                assertThat(refused.code()).isEqualTo(ErrorCode.SEVERAL_DRAWN_KEYS));
    }

    @ParameterizedTest
    @ValueSource(strings = {"(user_id, name) VALUES (0, user_id)", "(user_id) SELECT 0"})
    void refusesToDrawWhereTheKeyCannotBeWrittenIn(String rest) {
        assertThatThrownBy(() -> rowKey("INSERT INTO users " + rest, true))
                .isInstanceOfSatisfying(
                        ShardwayException.class,
                        refused -> assertThat(refused.code()).isEqualTo(ErrorCode.KEY_NOT_EXACT));
    }

    @Test
    void knowsNothingOfAParameterMarkerInAText() {
        assertThat(rowKey("INSERT INTO users (user_id) VALUES (?)", true))
                .isEqualTo(new RowKey.Unknown());
    }

    @Test
    void writesAKeyIntoEveryStatementOfAShape() {
        String sql = "INSERT INTO users (name, user_id) VALUES ('x', 0)";
        var given = (KeySource.Given) insertOf(sql).key().source();
        String other = "INSERT  INTO users(name,user_id)VALUES('a longer one' , 000)";
        byte[] text = other.getBytes(StandardCharsets.UTF_8);
        byte[] written =
                given.writing()
                        .orElseThrow()
                        .write(text, 0, text.length, SqlDialect.DEFAULT, "640");
        assertThat(new String(written, StandardCharsets.UTF_8))
                .isEqualTo("INSERT  INTO users(name,user_id)VALUES('a longer one' ,640)");
    }

    private static RowKey rowKey(String sql, boolean zeroDraws) {
        var literals = ScannedSql.of(sql, SqlDialect.DEFAULT);
        return KeyResolver.rowKey(insertOf(sql).key(), literals, ParameterValues.NONE, zeroDraws);
    }

    private static Plan.KeyedInsert insertOf(String sql) {
        var literals = ScannedSql.of(sql, SqlDialect.DEFAULT);
        byte[] text = literals.text();
        Plan plan =
                new StatementPlanner()
                        .plan(
                                text,
                                0,
                                text.length,
                                SqlDialect.DEFAULT,
                                literals,
                                "store",
                                TestCatalog.catalog())
                        .plan();
        return (Plan.KeyedInsert) plan;
    }
}
