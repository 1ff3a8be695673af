package io.shardway.router.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardway.router.sql.SqlDialect;
import io.shardway.router.sql.Tokens;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatementTraitsTest {

    private static Traits traits(String sql) {
        byte[] text = sql.getBytes(StandardCharsets.UTF_8);
        return StatementTraits.of(Tokens.of(text, 0, text.length, SqlDialect.DEFAULT));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT a FROM t WHERE b = 'last_insert_id()'",
                "INSERT INTO t (last_insert_id) VALUES (1)",
                "SELECT @@version, @@global.x",
                "SELECT 1 FROM get_lock",
                "SHOW TABLES",
            })
    void anOrdinaryStatementHasNone(String sql) {
        assertThat(traits(sql)).isEqualTo(Traits.NONE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT last_insert_id()",
                "INSERT INTO t VALUES (LAST_INSERT_ID ( ))",
                "UPDATE t SET a = `last_insert_id`(a + 1)",
                "SELECT @@last_insert_id",
                "SELECT @@session.identity",
                "SELECT @@session . `identity`",
            })
    void findsTheLastInsertId(String sql) {
        assertThat(traits(sql).lastInsertId()).isTrue();
    }

    @Test
    void findsAssignedAndReadVariables() {
        assertThat(traits("SELECT @A := a, @`b` := 1 FROM t").assignedVariables())
                .isEqualTo(List.of("a", "b"));
        assertThat(traits("SELECT @A := a FROM t").readsVariables()).isFalse();
        assertThat(traits("SELECT a, b INTO @x, @'Y z' FROM t").assignedVariables())
                .isEqualTo(List.of("x", "y z"));
        assertThat(traits("SELECT a INTO @x FROM t").readsVariables()).isFalse();
        assertThat(traits("SELECT @a").readsVariables()).isTrue();
        assertThat(traits("SELECT @a = 5").assignedVariables()).isEmpty();
        assertThat(traits("SET @a = 5, @b = @c = 5").assignedVariables())
                .isEqualTo(List.of("a", "b"));
        assertThat(traits("SET @a = 5").readsVariables()).isFalse();
        assertThat(traits("SET @a = @b").readsVariables()).isTrue();
        assertThat(traits("SELECT @a := @a + 1").readsVariables()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT GET_LOCK('a', 1)",
                "DO RELEASE_LOCK('a')",
                "SELECT `release_all_locks`()",
                "CREATE TEMPORARY TABLE t (a INT)",
            })
    void pins(String sql) {
        assertThat(traits(sql).pins()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE TABLE t (a INT)",
                "alter table t add b int",
                "TRUNCATE t",
                "DROP INDEX i ON t",
                "ANALYZE TABLE t",
                "RENAME TABLE a TO b",
            })
    void commitsImplicitly(String sql) {
        assertThat(traits(sql).implicitCommit()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"CREATE TEMPORARY TABLE t (a INT)", "DROP TEMPORARY TABLE t"})
    void temporaryTablesDoNotCommit(String sql) {
        assertThat(traits(sql).implicitCommit()).isFalse();
    }

    @Test
    void findsSessionFunctions() {
        assertThat(traits("SELECT CONNECTION_ID()").sessionFunctions()).isTrue();
        assertThat(traits("SELECT connection_id").sessionFunctions()).isFalse();
    }
}
