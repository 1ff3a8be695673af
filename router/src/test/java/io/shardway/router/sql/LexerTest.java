package io.shardway.router.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LexerTest {

    @Test
    void leavesOutTheValuesOfLiterals() {
        assertThat(Sql.digest("SELECT a FROM t WHERE b = 5 AND c='x' AND d>.5 AND e<1e3"))
                .isEqualTo(
                        Sql.digest("SELECT a FROM t WHERE b=77 AND c = '' AND d > 1. AND e<2E-9"))
                .hasToString(
                        "SELECT a FROM t WHERE b = ?int AND c = ?string AND d > ?decimal AND e <"
                                + " ?float");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "SELECT a FROM t WHERE b = 5 | SELECT a FROM t WHERE b = 5.0",
                "SELECT a FROM t WHERE b = 5 | SELECT a FROM t WHERE b = '5'",
                "SELECT a FROM t WHERE b = 5 | SELECT a FROM t WHERE b = -5",
                "SELECT a FROM t WHERE b = 5 | SELECT a FROM t WHERE b = ?",
                "SELECT a FROM t WHERE b = 5 | SELECT a FROM t WHERE b = 0x5",
                "SELECT a FROM t WHERE b = 0x1 | SELECT a FROM t WHERE b = 0b1",
                "SELECT a FROM t WHERE b = n'a' | SELECT a FROM t WHERE b = 'a'",
                "SELECT a FROM t WHERE b = _utf8mb4'a' | SELECT a FROM t WHERE b = _latin1'a'",
                "SELECT a FROM t WHERE b IN (1) | SELECT a FROM t WHERE b IN (1, 2)",
                "SELECT a FROM t WHERE b = NULL | SELECT a FROM t WHERE b = TRUE",
                "SELECT a FROM t LIMIT 5 | SELECT a FROM t LIMIT 6",
                "SELECT a FROM t LIMIT 1, 5 | SELECT a FROM t LIMIT 1, 6",
                "SELECT a FROM t LIMIT 1 OFFSET 5 | SELECT a FROM t LIMIT 1 OFFSET 6",
                "SELECT a, b FROM t ORDER BY 1 | SELECT a, b FROM t ORDER BY 2",
                "SELECT a, b FROM t ORDER BY a, 1 | SELECT a, b FROM t ORDER BY a, 2",
                "SELECT a, b FROM t ORDER BY (1) | SELECT a, b FROM t ORDER BY (2)",
                "SELECT a, b FROM t ORDER BY +(+1) | SELECT a, b FROM t ORDER BY +(+2)",
                "SELECT a, b FROM t GROUP BY 1 | SELECT a, b FROM t GROUP BY 2",
                "SELECT /*+ BKA(t) */ a FROM t | SELECT /*+ NO_BKA(t) */ a FROM t",
                "SELECT a 'x' FROM t | SELECT a 'y' FROM t",
                "SELECT a AS 'x' FROM t | SELECT a AS 'y' FROM t",
                "SELECT 1 'x' FROM t | SELECT 1 'y' FROM t",
                "SELECT (a) 'x' FROM t | SELECT (a) 'y' FROM t",
                "SELECT a FROM t WHERE b COLLATE 'x' = 'a' | SELECT a FROM t WHERE b COLLATE 'y' = 'a'",
                "SELECT * FROM (SELECT 'x') d | SELECT * FROM (SELECT 'y') d",
                "SELECT * FROM (SELECT f(1) FROM t) d | SELECT * FROM (SELECT f(2) FROM t) d",
                "SELECT * FROM (SELECT from.a, 1 FROM t) d | SELECT * FROM (SELECT from.a, 2 FROM t) d",
                "SET NAMES 'gbk' | SET NAMES 'utf8mb4'",
                "SET autocommit = 0 | SET autocommit = 1",
                "CREATE TABLE t (a INT) COMMENT = 'a' | CREATE TABLE t (a INT) COMMENT = 'b'",
                "SELECT count(a) FROM t | SELECT count (a) FROM t",
                "SELECT select.a | SELECT select .a",
                "SELECT a.1e5 | SELECT a .1e5",
                "SELECT a.5 FROM t LIMIT 5 | SELECT a .5 FROM t LIMIT 5",
                "SELECT a < = b | SELECT a <= b",
                "SELECT a - - b | SELECT a -- b",
                "SELECT @a | SELECT @ a",
                "SELECT @@x | SELECT @x",
                "SELECT @'a' | SELECT @'b'",
                "SELECT A | SELECT a",
                "SELECT `a` | SELECT a",
                "SELECT `a b` | SELECT a b",
                "SELECT a->'$.x' FROM t | SELECT a->>'$.x' FROM t",
                "SELECT a := 1 | SELECT a = 1",
                "SELECT a && b | SELECT a & b",
                "SELECT a <=> b | SELECT a <> b",
                "SELECT a << b | SELECT a < b",
                "SELECT a FROM t /*!50000 FORCE INDEX (i) */ | SELECT a FROM t",
            })
    void keepsWhatCanChangeThePlan(String one, String other) {
        assertThat(Sql.digest(one)).isNotEqualTo(Sql.digest(other));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "SELECT a FROM t WHERE b=5 AND c IN(1,2) | SELECT  a /* x */ FROM t WHERE b = 6 AND c IN(3 , 4)",
                "SELECT a FROM t /*!99999 FORCE INDEX (i) */ | SELECT a FROM t",
                "SELECT a FROM t /*!050000 x */ | SELECT a FROM t /*! x */",
                "SELECT a FROM t /*!100000 x */ | SELECT a FROM t",
                "SELECT a FROM t /*M! x */ | SELECT a FROM t",
                "SELECT a FROM t /*M!100100 x */ | SELECT a FROM t",
                "SELECT a FROM t /*!99999 x /* y */ z */ | SELECT a FROM t",
                "SELECT a FROM t WHERE b LIKE 'x%' | SELECT a FROM t WHERE b LIKE 'y'",
                "SELECT a FROM t WHERE b = 'it''s' | SELECT a FROM t WHERE b = 'a' 'b'",
                "SELECT a FROM t WHERE b = 'a\\' -- ' | SELECT a FROM t WHERE b = \"x\"",
                "SELECT a FROM t WHERE d > DATE '2020-01-01' | SELECT a FROM t WHERE d > DATE '2021-01-01'",
                "SELECT a FROM t ORDER BY f(1), a+5 | SELECT a FROM t ORDER BY f(2), a+6",
                "SELECT 5 FROM t | SELECT 6 FROM t",
                "INSERT INTO t VALUES (1,'a'),(2,'b') | INSERT INTO t VALUES (3,'c'), (4,'d')",
                "SET @a = 5, @b := 'x' | SET @a = 6, @b := 'y'",
                "SELECT a FROM t WHERE b = x'41' | SELECT a FROM t WHERE b = 0x42",
                "SELECT a FROM t WHERE b BETWEEN 1 AND 2 LIMIT 5 | SELECT a FROM t WHERE b BETWEEN 3 AND 4 LIMIT 5",
            })
    void leavesOutWhatCannot(String one, String other) {
        assertThat(Sql.digest(one)).isEqualTo(Sql.digest(other));
    }

    @Test
    void tellsPipesApart() {
        assertThat(Sql.digest("SELECT a || b")).isNotEqualTo(Sql.digest("SELECT a | b"));
        assertThat(Sql.digest("SELECT a || b")).isNotEqualTo(Sql.digest("SELECT a | | b"));
    }

    @Test
    void tellsDialectsApart() {
        assertThat(Sql.scan("SELECT \"a\"", Sql.ANSI).digest())
                .isNotEqualTo(Sql.digest("SELECT \"a\""));
        assertThat(Sql.scan("SELECT 1", Sql.NO_ESCAPES).digest())
                .isNotEqualTo(Sql.digest("SELECT 1"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            nullValues = "none",
            value = {
                "= 42 | INTEGER 42",
                "= 5. | DECIMAL 5.",
                "= .5 | DECIMAL .5",
                "= 5.5 | DECIMAL 5.5",
                "= 1e5 | FLOAT 1e5",
                "= 1E+5 | FLOAT 1E+5",
                "= 1.e-5 | FLOAT 1.e-5",
                "= .5e5 | FLOAT .5e5",
                "= 1e5x | FLOAT 1e5",
                "= 1.x | DECIMAL 1.",
                "= a.5 | none",
                "= a.1b | none",
                "= `a`.5 | DECIMAL .5",
                "= a .5 | DECIMAL .5",
                "= a. 5 | INTEGER 5",
                "= a.1e5 | none",
                "= a.x'41' | STRING '41'",
                "= 1b | none",
                "= 1e | none",
                "= 1ex | none",
                "= 1e+ | none",
                "= 0x1F | OTHER 0x1F",
                "= 0X1F | none",
                "= 0x | none",
                "= 0xG | none",
                "= 0x1G | none",
                "= 0b01 | OTHER 0b01",
                "= 0b02 | none",
                "= 0B01 | none",
                "= x'1f' | OTHER x'1f'",
                "= X'1F' | OTHER X'1F'",
                "= b'01' | OTHER b'01'",
                "= N'a' | OTHER N'a'",
                "= n'a' 'b' | OTHER n'a' 'b'",
                "= _utf8mb4'a' | OTHER _utf8mb4'a'",
                "= _utf8mb4 /**/ 'a' | OTHER _utf8mb4 /**/ 'a'",
                "= _binary 0x41 | OTHER _binary 0x41",
                "= _binary b'1' | OTHER _binary b'1'",
                "= _latin1 | none",
                "= _unknown 'a' | STRING 'a'",
                "= x 'a' | STRING 'a'",
                "= 'a' | STRING 'a'",
                "= \"a\" | STRING \"a\"",
                "= 'it''s' | STRING 'it''s'",
                "= 'it\\'s' | STRING 'it\\'s'",
                "= 'a\\\\' | STRING 'a\\\\'",
                "= 'a' \"b\" | STRING 'a' \"b\"",
                "= 'a' /* c */ 'b' | OTHER 'a' /* c */ 'b'",
                "= 'a;b' | STRING 'a;b'",
                "= '-- ' | STRING '-- '",
                "= @a | none",
                "= @'q' | none",
                "= @`5` | none",
                "= @5 | none",
                "= @@x5.y | none",
                "= -5 | INTEGER 5",
                "= 5$ | none",
                "= é5 | none",
                "= 5é | none",
                "= NULL | none",
                "= 1-1 | INTEGER 1,INTEGER 1",
                "= 5--5 | INTEGER 5,INTEGER 5",
            })
    void findsLiteralsAsMySqlDoes(String sql, @org.jspecify.annotations.Nullable String expected) {
        List<String> literals = expected == null ? List.of() : List.of(expected.split(",", -1));
        assertThat(Sql.literals("SELECT a " + sql)).isEqualTo(literals);
        assertThat(Sql.literals("SELECT a " + sql + " AND b")).isEqualTo(literals);
    }

    @Test
    void readsDoubleQuotesAndBackslashesAsTheModeSays() {
        assertThat(Sql.literals("SELECT \"a\", 'b'", Sql.ANSI)).containsExactly("STRING 'b'");
        assertThat(Sql.literals("SELECT 'a\\', 'b'", Sql.NO_ESCAPES))
                .containsExactly("STRING 'a\\'", "STRING 'b'");
        assertThat(Sql.literals("SELECT 'a' \"b\"", Sql.ANSI)).containsExactly("STRING 'a'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT 'a",
                "SELECT 'a\\'",
                "SELECT \"a",
                "SELECT `a",
                "SELECT /* a",
                "SELECT /*+ a",
                "SELECT /*+ QB_NAME(`a*/b`) */ 1",
                "SELECT 1 /*!50000 + 1",
                "SELECT /*! 1; SELECT 2 */",
                "SELECT \0",
                "SELECT `a\0`",
                "SELECT 1 # \0",
                "SELECT \u0001",
                "SELECT 1.5e",
                "SELECT x'1'",
                "SELECT x'1g'",
                "SELECT b'2'",
                "SELECT @@",
                "SELECT @@ x",
                "SELECT ?a",
            })
    void refusesWhatMySqlRefusesOrCouldReadOtherwise(String sql) {
        assertThat(Sql.scan(sql).wellFormed()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT 'a\0b'",
                "SELECT /*+ QB_NAME(`a`) */ 1",
                "SELECT 1 /*! + 1 */",
                "SELECT 1 -- ",
                "SELECT 1 --",
                "SELECT 1 #",
                "SELECT /* \0 */ 1",
                "SELECT é, $a, a$, @é, @@global.x, @@`x`, ?, ?-1",
                "",
            })
    void acceptsWhatIsPlain(String sql) {
        assertThat(Sql.scan(sql).wellFormed()).isTrue();
    }

    @Test
    void refusesBytesOfUnknownMeaningOutsideUtf8() {
        var latin1 = new SqlDialect(false, false, false, false, 80_031);
        byte[] blank = "SELECT 1\u00A0OR 1".getBytes(StandardCharsets.ISO_8859_1);
        var lexer = new Lexer();
        lexer.scan(blank, 0, blank.length, latin1);
        assertThat(lexer.wellFormed()).isFalse();
        byte[] quoted = "SELECT `\u00E9`, '\u00A0'".getBytes(StandardCharsets.ISO_8859_1);
        lexer.scan(quoted, 0, quoted.length, latin1);
        assertThat(lexer.wellFormed()).isTrue();
    }

    @Test
    void refusesTooDeepNesting() {
        assertThat(Sql.scan("SELECT " + "(".repeat(1000)).wellFormed()).isTrue();
        assertThat(Sql.scan("SELECT " + "(".repeat(1001)).wellFormed()).isFalse();
    }

    @Test
    void stopsAtTheFirstSemicolon() {
        String sql = "SELECT ';', `;` /* ; */ ; SELECT 2";
        Lexer lexer = Sql.scan(sql);
        assertThat(lexer.statementEnd()).isEqualTo(sql.indexOf("; SELECT"));
        assertThat(lexer.nextStatement()).isEqualTo(lexer.statementEnd() + 1);
        assertThat(lexer.moreStatements()).isTrue();
        assertThat(lexer.digest()).isEqualTo(Sql.digest("SELECT '', `;`"));
        byte[] text = sql.getBytes(StandardCharsets.UTF_8);
        lexer.scan(text, lexer.nextStatement(), text.length, SqlDialect.DEFAULT);
        assertThat(lexer.digest()).isEqualTo(Sql.digest("SELECT 2"));
        assertThat(lexer.start(0)).isEqualTo(sql.length() - 1);
        assertThat(lexer.moreStatements()).isFalse();
        assertThat(lexer.statementEnd()).isEqualTo(sql.length());
    }

    @Test
    void seesNoMoreStatementsInBlanksAndComments() {
        assertThat(Sql.scan("SELECT 1; /* x */ -- y\n# z").moreStatements()).isFalse();
        assertThat(Sql.scan("SELECT 1;;").moreStatements()).isTrue();
        assertThat(Sql.scan("SELECT 1").moreStatements()).isFalse();
    }

    @Test
    void knowsBlankStatements() {
        assertThat(Stream.of("", "  ", "/* x */", "-- x", ";", "/*!99999 x */"))
                .allMatch(sql -> Sql.scan(sql).isBlank());
        assertThat(Sql.scan("/*! x */").isBlank()).isFalse();
    }

    @Test
    void countsParameters() {
        assertThat(Sql.scan("SELECT ?, '?', `?`, @'?', ? /* ? */").parameterCount()).isEqualTo(2);
    }

    @Test
    void probesAMapWithItsView() {
        var plans = new HashMap<Digest, String>();
        Lexer lexer = Sql.scan("SELECT a FROM t WHERE b = 1");
        plans.put(lexer.digest().copy(), "plan");
        byte[] text = "SELECT a FROM t WHERE b = 2".getBytes(StandardCharsets.UTF_8);
        lexer.scan(text, 0, text.length, SqlDialect.DEFAULT);
        assertThat(plans).containsEntry(lexer.digest(), "plan");
        byte[] other = "SELECT a FROM u WHERE b = 2".getBytes(StandardCharsets.UTF_8);
        lexer.scan(other, 0, other.length, SqlDialect.DEFAULT);
        assertThat(plans).doesNotContainKey(lexer.digest());
    }

    @Test
    void readsLongStatements() {
        String longSql = "INSERT INTO t VALUES " + "(1,'x'),".repeat(200_000) + "(1,'x')";
        Lexer lexer = Sql.scan(longSql);
        assertThat(lexer.count()).isEqualTo(400_002);
        assertThat(lexer.digest().sizeInBytes()).isGreaterThan(DigestWriter.KEPT_MAX);
        byte[] text = "SELECT 1".getBytes(StandardCharsets.UTF_8);
        lexer.scan(text, 0, text.length, SqlDialect.DEFAULT);
        assertThat(lexer.digest()).isEqualTo(Sql.digest("SELECT 1"));
        assertThat(lexer.count()).isEqualTo(1);
    }
}
