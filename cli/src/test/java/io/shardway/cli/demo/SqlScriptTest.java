package io.shardway.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SqlScriptTest {

    @Test
    void cutsAtSemicolonsAndKnowsTheLineOfEachStatement() {
        assertThat(statements("CREATE TABLE a (x INT);\n\n  INSERT INTO a\nVALUES (1);\nSELECT 1"))
                .containsExactly(
                        new SqlScript.Statement(1, "CREATE TABLE a (x INT)"),
                        new SqlScript.Statement(3, "INSERT INTO a\nVALUES (1)"),
                        new SqlScript.Statement(5, "SELECT 1"));
    }

    @Test
    void keepsSemicolonsInQuotes() {
        assertSingle("INSERT INTO `a;b` VALUES ('x;''y', \"z\\\";\", 'back\\\\')");
    }

    @Test
    void leavesOutCommentsBeforeAStatementAndKeepsThoseInside() {
        assertThat(statements("-- one; two\n# three;\n/* four; */ SELECT 1 -- five;\n + 1;"))
                .containsExactly(new SqlScript.Statement(3, "SELECT 1 -- five;\n + 1"));
    }

    @Test
    void keepsCommentsThatMySqlExecutes() {
        assertSingle("/*!40101 SET NAMES utf8mb4 */");
    }

    @Test
    void takesTwoMinusSignsWithoutASpaceForArithmetic() {
        assertSingle("SELECT 1--1");
    }

    @Test
    void findsNothingInAnEmptyFile() {
        assertThat(statements(" ;; \n-- only a comment")).isEmpty();
    }

    @Test
    void endsAtTheEndOfAnUnfinishedQuoteOrComment() {
        assertSingle("SELECT 'abc");
        assertSingle("SELECT 'abc\\");
        assertThat(statements("/* never closed")).isEmpty();
        assertThat(statements("--")).isEmpty();
    }

    private static void assertSingle(String sql) {
        assertThat(statements(sql + ";")).hasSizeBetween(1, 1);
        assertThat(statements(sql)).containsExactly(new SqlScript.Statement(1, sql));
    }

    private static List<SqlScript.Statement> statements(String text) {
        return SqlScript.parse(text).statements();
    }
}
