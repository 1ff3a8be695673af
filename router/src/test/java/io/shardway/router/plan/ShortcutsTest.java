package io.shardway.router.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.antlr.v4.runtime.BailErrorStrategy;
import org.antlr.v4.runtime.CharStreams;
import org.antlr.v4.runtime.CommonTokenStream;
import org.antlr.v4.runtime.atn.PredictionMode;
import org.antlr.v4.runtime.misc.ParseCancellationException;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementLexer;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShortcutsTest {

    private static final Path PLANS = Path.of("src/test/resources/plans");

    private final GrammarMemory hasty = new GrammarMemory(1L << 30);
    private final GrammarMemory patient = new GrammarMemory(1L << 30);

    @Test
    void theGrammarHasTheDecisions() {
        assertThat(Shortcuts.ofMySql().areKnown()).isTrue();
    }

    @Test
    void statementsOfThePlanCasesAreReadAsWithoutThem() throws IOException {
        int read = 0;
        for (String statement : statements()) {
            Optional<String> tree = tree(statement, patient, false);
            assertThat(tree(statement, hasty, true)).as("%s", statement).isEqualTo(tree);
            read += tree.isPresent() ? 1 : 0;
        }
        assertThat(read).isGreaterThan(700);
        assertThat(hasty.bytes()).isLessThan(patient.bytes() / 2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT a NOT IN (1, 2), b IN (SELECT 1), c NOT BETWEEN 1 AND 2 FROM t",
                "SELECT a IN ((SELECT 1)), b IN ((SELECT 1), 2), c IN ((1), (2)) FROM t",
                "SELECT a SOUNDS LIKE 'b', c NOT LIKE 'd' ESCAPE 'e', f RLIKE 'g' FROM t",
                "SELECT CASE WHEN a IN (1) THEN b LIKE 'x' ELSE c END IN (1, 2) FROM t",
                "SELECT CASE a WHEN 1 THEN CASE b WHEN 2 THEN 3 END END BETWEEN 1 AND 2 FROM t",
                "SELECT NOT a IN (1), ! b, NOT (c LIKE 'd') AND NOT EXISTS (SELECT 1) FROM t",
                "SELECT LEFT(a, 2) IN ('a'), IF(b, 1, 2) LIKE '1', CHAR(65) = 'A' FROM t",
                "SELECT a.end IN (1), a.end, a.status LIKE 'x', `in` IN (1) FROM a",
                "SELECT SUM(a) OVER (ORDER BY b ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t",
                "SELECT a FROM t ORDER BY b IN (1) DESC, c BETWEEN 1 AND 2 LIMIT 1",
                "SELECT a -> '$.b' = 1, a ->> '$.c' LIKE 'x', _utf8mb4'a' IN ('b') FROM t",
                "SELECT POSITION('a' IN b), MATCH (a) AGAINST ('b' IN BOOLEAN MODE) FROM t",
                "SELECT a + INTERVAL 1 DAY BETWEEN NOW() AND CURRENT_DATE FROM t",
                "SELECT a FROM t WHERE b IN (1) UNION (SELECT a FROM t) ORDER BY 1",
                "SELECT a INTO @x FROM t",
                "(SELECT a FROM t) FOR UPDATE",
                "WITH q AS (SELECT a FROM t WHERE b LIKE 'c') SELECT * FROM q",
                "INSERT INTO t SELECT a, b IN (1) FROM t WHERE c",
                "UPDATE t SET a = b IN (1), c = d BETWEEN 1 AND 2 WHERE e LIKE 'f' OR g",
                "DELETE FROM t WHERE (a, b) IN ((1, 2), (3, 4)) ORDER BY a LIMIT 3"
            })
    void isReadAsWithoutThem(String statement) {
        Optional<String> tree = tree(statement, patient, false);
        assertThat(tree).isPresent();
        assertThat(read(statement)).isEqualTo(tree);
    }

    /** As the planner does: once more without them, if the parser has failed. */
    private Optional<String> read(String statement) {
        return tree(statement, hasty, true).or(() -> tree(statement, hasty, false));
    }

    private static Optional<String> tree(String statement, GrammarMemory memory, boolean hasty) {
        var lexer = new MySQLStatementLexer(CharStreams.fromString(statement));
        lexer.removeErrorListeners();
        var tokens = new CommonTokenStream(lexer);
        tokens.fill();
        var parser = new MySQLStatementParser(tokens);
        memory.teach(parser, hasty);
        parser.removeErrorListeners();
        parser.setErrorHandler(new BailErrorStrategy());
        parser.getInterpreter().setPredictionMode(PredictionMode.SLL);
        try {
            return Optional.of(
                    parser.execute().toStringTree(Arrays.asList(MySQLStatementParser.ruleNames)));
        } catch (ParseCancellationException _) {
            return Optional.empty();
        }
    }

    private static List<String> statements() throws IOException {
        var result = new ArrayList<String>();
        try (Stream<Path> files = Files.list(PLANS)) {
            for (Path file : files.sorted().toList()) {
                Files.readAllLines(file).stream()
                        .filter(line -> !line.isBlank() && !line.startsWith("#"))
                        .forEach(result::add);
            }
        }
        return result;
    }
}
