package io.shardway.router.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random statements, rendered with random blanks and values. */
class LexerRandomTest {

    private static final String[] BLANKS = {
        " ", "\n", "\t ", "/* c ' */", "-- c '\n", "#c\n", "/*!99999 x */", "/**/", " /*M! x */ "
    };
    private static final String[] WORDS = {
        "a",
        "user_id",
        "x1",
        "$b",
        "é",
        "`q q`",
        "`it``s`",
        "t.c",
        "t.1b",
        "@v",
        "@'v w'",
        "@@x",
        "?",
        "NULL",
        "TRUE",
        "f(a)",
        "@@session.y"
    };
    private static final String[] OPERATORS = {
        "=", "<", ">", "<=", ">=", "<>", "!=", "<=>", "+", "-", "*", "/", "%", "<<", ">>", "||",
        "&&", "|", "&", "^", "AND", "OR", "LIKE", ",", "DIV"
    };
    private static final String[][] VALUES = {
        {"5", "0", "18446744073709551616"},
        {"5.", ".5", "1.25"},
        {"1e5", "1.E-3", ".5e+2"},
        {"'a'", "''", "'it''s'", "'\\''", "\"x '\"", "'a' 'b'", "';--'"},
        {"x'41'", "0xFF", "X''"},
        {"b'01'", "0b1"},
        {"n'a'", "N'b' 'c'"},
    };

    /** A token of the shape; a negative kind is fixed text. */
    private record Part(int kind, String text) {}

    @Test
    void oneShapeIsOneDigestAndOffsetsAreRight() {
        long seed = System.nanoTime();
        System.out.println("LexerRandomTest seed " + seed);
        var random = new Random(seed);
        var lexer = new Lexer();
        for (int i = 0; i < 5000; i++) {
            List<Part> parts = shape(random);
            Digest first = check(parts, random, lexer);
            assertThat(check(parts, random, lexer)).as("seed %d", seed).isEqualTo(first);
            List<Part> changed = new ArrayList<>(parts);
            int place = 1 + random.nextInt(parts.size() - 1);
            changed.set(place, other(parts.get(place)));
            assertThat(check(changed, random, lexer))
                    .as("seed %d: %s", seed, changed)
                    .isNotEqualTo(first);
        }
    }

    @Test
    void readsGarbageWithoutFailing() {
        long seed = System.nanoTime();
        System.out.println("LexerRandomTest seed " + seed);
        var random = new Random(seed);
        String alphabet = "'\"`/*!+-# ;.@?0159exbnN_utf8abc()\\\n=<>:|&$\0é";
        var lexer = new Lexer();
        for (int i = 0; i < 50_000; i++) {
            var sql = new StringBuilder();
            for (int j = random.nextInt(40); j > 0; j--) {
                sql.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            byte[] text = sql.toString().getBytes(StandardCharsets.UTF_8);
            for (SqlDialect dialect : List.of(SqlDialect.DEFAULT, Sql.ANSI, Sql.NO_ESCAPES)) {
                lexer.scan(text, 0, text.length, dialect);
                assertSameLiterals(lexer, Tokens.of(text, 0, text.length, dialect), sql.toString());
                assertThat(lexer.statementEnd()).isLessThanOrEqualTo(lexer.nextStatement());
                assertThat(lexer.nextStatement()).isLessThanOrEqualTo(text.length);
            }
        }
    }

    private static List<Part> shape(Random random) {
        var parts = new ArrayList<Part>();
        parts.add(new Part(-1, "SELECT"));
        for (int i = 1 + random.nextInt(8); i > 0; i--) {
            parts.add(operand(random));
            parts.add(new Part(-1, OPERATORS[random.nextInt(OPERATORS.length)]));
        }
        parts.add(operand(random));
        return parts;
    }

    private static Part operand(Random random) {
        return random.nextBoolean()
                ? new Part(random.nextInt(VALUES.length), "")
                : new Part(-1, WORDS[random.nextInt(WORDS.length)]);
    }

    private static Part other(Part part) {
        return part.kind() >= 0
                ? new Part((part.kind() + 1) % VALUES.length, "")
                : new Part(-1, part.text().equals("zz") ? "yy" : "zz");
    }

    private static Digest check(List<Part> parts, Random random, Lexer lexer) {
        var sql = new StringBuilder(random.nextBoolean() ? " " : "");
        var expected = new ArrayList<String>();
        for (Part part : parts) {
            String text = part.text();
            if (part.kind() >= 0) {
                String[] values = VALUES[part.kind()];
                text = values[random.nextInt(values.length)];
                expected.add(sql.toString().getBytes(StandardCharsets.UTF_8).length + " " + text);
            }
            sql.append(text);
            for (int i = random.nextInt(2); i >= 0; i--) {
                sql.append(i == 0 ? " " : BLANKS[random.nextInt(BLANKS.length)]);
            }
        }
        byte[] bytes = sql.toString().getBytes(StandardCharsets.UTF_8);
        lexer.scan(bytes, 0, bytes.length, SqlDialect.DEFAULT);
        assertThat(lexer.wellFormed()).as(sql.toString()).isTrue();
        var found = new ArrayList<String>();
        for (int i = 0; i < lexer.count(); i++) {
            int start = lexer.start(i);
            int length = lexer.end(i) - start;
            found.add(start + " " + new String(bytes, start, length, StandardCharsets.UTF_8));
        }
        assertThat(found).as(sql.toString()).isEqualTo(expected);
        List<Token> tokens = Tokens.of(bytes, 0, bytes.length, SqlDialect.DEFAULT);
        assertSameLiterals(lexer, tokens, sql.toString());
        return lexer.digest().copy();
    }

    private static void assertSameLiterals(Lexer lexer, List<Token> tokens, String sql) {
        List<Token> literals =
                tokens.stream().filter(token -> token.kind() == Token.Kind.LITERAL).toList();
        assertThat(literals).as(sql).hasSize(lexer.count());
        for (int i = 0; i < literals.size(); i++) {
            assertThat(literals.get(i).literalIndex()).as(sql).isEqualTo(i);
            assertThat(literals.get(i).start()).as(sql).isEqualTo(lexer.start(i));
            assertThat(literals.get(i).end()).as(sql).isEqualTo(lexer.end(i));
        }
    }
}
