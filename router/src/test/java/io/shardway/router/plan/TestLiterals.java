package io.shardway.router.plan;

import io.shardway.router.sql.LiteralKind;
import io.shardway.router.sql.Literals;
import io.shardway.router.sql.SqlDialect;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A small stand-in for the lexer: finds the literals of one statement by regular expressions. */
final class TestLiterals implements Literals {

    private record Found(LiteralKind kind, int start, int end) {}

    private static final String SKIPPED =
            "(?<skip>/\\*.*?\\*/|#[^\\n]*|--(?=[\\s]|$)[^\\n]*|`(?:[^`]|``)*`)";
    private static final String SINGLE_QUOTED = "'(?:\\\\.|''|[^'\\\\])*'";
    private static final String DOUBLE_QUOTED = "\"(?:\\\\.|\"\"|[^\"\\\\])*\"";
    private static final String PLAIN_QUOTED = "'(?:''|[^'])*'";

    private final byte[] text;
    private final SqlDialect dialect;
    private final List<Found> found = new ArrayList<>();

    TestLiterals(String sql, SqlDialect dialect) {
        this.text = sql.getBytes(StandardCharsets.UTF_8);
        this.dialect = dialect;
        Matcher matcher = pattern(dialect).matcher(new String(text, StandardCharsets.ISO_8859_1));
        while (matcher.find()) {
            for (LiteralKind kind : LiteralKind.values()) {
                if (matcher.group(kind.name()) != null) {
                    found.add(new Found(kind, matcher.start(), matcher.end()));
                }
            }
        }
    }

    private static Pattern pattern(SqlDialect dialect) {
        String single = dialect.noBackslashEscapes() ? PLAIN_QUOTED : SINGLE_QUOTED;
        String quoted = dialect.ansiQuotes() ? single : "(?:" + single + "|" + DOUBLE_QUOTED + ")";
        String quotedName = dialect.ansiQuotes() ? "|" + DOUBLE_QUOTED : "";
        return Pattern.compile(
                SKIPPED
                        + "|(?<OTHER>(?i:[xbn]'[^']*'|0x[0-9a-f]+\\b|0b[01]+\\b|_(?:utf8mb4|binary)\\s*'[^']*'))"
                        + "|(?<STRING>"
                        + quoted
                        + "(?:\\s+"
                        + quoted
                        + ")*)"
                        + "|(?<FLOAT>(?<![\\w$.])\\d*\\.?\\d+[eE][+-]?\\d+\\b)"
                        + "|(?<DECIMAL>(?<![\\w$])\\d*\\.\\d+(?!\\w)|(?<![\\w$.])\\d+\\.(?!\\w))"
                        + "|(?<INTEGER>(?<![\\w$.])\\d+(?![\\w$]))"
                        + "|[\\w$]+"
                        + quotedName,
                Pattern.DOTALL);
    }

    @Override
    public int count() {
        return found.size();
    }

    @Override
    public LiteralKind kind(int index) {
        return found.get(index).kind();
    }

    @Override
    public int start(int index) {
        return found.get(index).start();
    }

    @Override
    public int end(int index) {
        return found.get(index).end();
    }

    @Override
    public byte[] text() {
        return text;
    }

    @Override
    public SqlDialect dialect() {
        return dialect;
    }
}
