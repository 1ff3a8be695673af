package io.shardway.router.sql;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Short ways to read SQL in tests. */
final class Sql {

    static final SqlDialect ANSI = new SqlDialect(true, false, false, true, 80_031);
    static final SqlDialect NO_ESCAPES = new SqlDialect(false, true, false, true, 80_031);

    private Sql() {}

    static Lexer scan(String sql) {
        return scan(sql, SqlDialect.DEFAULT);
    }

    static Lexer scan(String sql, SqlDialect dialect) {
        byte[] text = sql.getBytes(StandardCharsets.UTF_8);
        var lexer = new Lexer();
        lexer.scan(text, 0, text.length, dialect);
        return lexer;
    }

    static Digest digest(String sql) {
        return scan(sql).digest().copy();
    }

    static List<Token> tokens(String sql, SqlDialect dialect) {
        byte[] text = sql.getBytes(StandardCharsets.UTF_8);
        return Tokens.of(text, 0, text.length, dialect);
    }

    /** Such as {@code INTEGER 42}. */
    static List<String> literals(String sql, SqlDialect dialect) {
        Lexer lexer = scan(sql, dialect);
        var literals = new ArrayList<String>();
        for (int i = 0; i < lexer.count(); i++) {
            int start = lexer.start(i);
            literals.add(
                    lexer.kind(i)
                            + " "
                            + new String(
                                    lexer.text(),
                                    start,
                                    lexer.end(i) - start,
                                    StandardCharsets.UTF_8));
        }
        return literals;
    }

    static List<String> literals(String sql) {
        return literals(sql, SqlDialect.DEFAULT);
    }
}
