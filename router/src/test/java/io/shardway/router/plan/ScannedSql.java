package io.shardway.router.plan;

import io.shardway.router.sql.Lexer;
import io.shardway.router.sql.SqlDialect;
import java.nio.charset.StandardCharsets;

/** Statements as the lexer reads them. */
final class ScannedSql {

    private ScannedSql() {}

    /** A lexer that has read the first statement of a text. */
    static Lexer of(String sql, SqlDialect dialect) {
        byte[] text = sql.getBytes(StandardCharsets.UTF_8);
        var lexer = new Lexer();
        lexer.scan(text, 0, text.length, dialect);
        return lexer;
    }
}
