package io.shardway.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shardway.cluster.MySqlNode;
import io.shardway.cluster.TestCluster;
import io.shardway.proxy.backend.SettingsProfile;
import io.shardway.proxy.protocol.Capabilities;
import io.shardway.proxy.protocol.Collations;
import io.shardway.proxy.protocol.Wire;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.Bucket;
import io.shardway.router.keyspace.KeyType;
import io.shardway.router.plan.KeyResolver;
import io.shardway.router.plan.ParameterValues;
import io.shardway.router.plan.Pin;
import io.shardway.router.plan.ValueRef;
import io.shardway.router.sql.Lexer;
import io.shardway.router.sql.LiteralKind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.StringJoiner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What MySQL says a literal is, compared with what the lexer reads and the key that is made of it,
 * for random literals in all character sets and SQL modes. More of them: {@code
 * -Dshardway.literals.count=100000}; the same again: {@code -Dshardway.literals.seed=...}.
 */
@Timeout(600)
class LiteralCharsetsIT {

    private static final int COUNT = Integer.getInteger("shardway.literals.count", 6000);
    private static final long SEED = Long.getLong("shardway.literals.seed", System.nanoTime());
    private static final int WITH_EQUAL_SETTINGS = 40;

    private static final List<String> CHARSETS =
            List.of(
                    "utf8mb4",
                    "utf8mb3",
                    "latin1",
                    "ascii",
                    "binary",
                    "gbk",
                    "gb18030",
                    "big5",
                    "sjis",
                    "cp932",
                    "gb2312",
                    "ujis",
                    "eucjpms",
                    "euckr",
                    "latin2",
                    "latin7",
                    "cp1251",
                    "koi8r",
                    "tis620",
                    "armscii8",
                    "greek",
                    "hebrew",
                    "cp850",
                    "dec8",
                    "geostd8",
                    "keybcs2",
                    "macroman");

    private static final List<String> MODES =
            List.of(
                    "ANSI_QUOTES",
                    "NO_BACKSLASH_ESCAPES",
                    "PIPES_AS_CONCAT",
                    "IGNORE_SPACE",
                    "HIGH_NOT_PRECEDENCE");

    private static final String[] PIECES = {
        "a",
        "Z9",
        "%",
        "_",
        "-- ",
        "#",
        "/*",
        "*/",
        "\\\\",
        "\\0",
        "\\n",
        "\\%",
        "\\x",
        "\\'",
        "\\\"",
        "''",
        "\"\"",
        "`",
        ";",
        "?",
        "\u00bf\\",
        "\u00bf\\'",
        "\u0083\\",
        "\u00a1\\",
        "\u0081\u0030",
        "\u00e4",
        "\u00c3\u00a4",
        "\u00c3",
        "\u00e4\u00b8\u00ad",
        "\u00f0\u009f\u0098\u0080",
        "\u00a0",
        "\u0080",
        "\u00fe",
        "\u00ff",
        "\\\u00bf\\",
        "\u00bf'",
        "\u0095\\",
        "\u00b2\u00bb",
        "@",
        "[~]"
    };

    private static final KeyType KEY = new KeyType.Text(10_000);

    private final Random random = new Random(SEED);
    private final Lexer lexer = new Lexer();
    private int answered;
    private int keys;

    @Test
    void theLexerReadsWhatMySqlReads() throws Exception {
        System.out.println("LiteralCharsetsIT seed " + SEED);
        MySqlNode node = TestCluster.shared().primary(1);
        try (PacketClient client =
                PacketClient.connect(
                        node.host(),
                        node.port(),
                        "root",
                        node.rootPassword(),
                        "",
                        Capabilities.DEPRECATE_EOF)) {
            for (int i = 0; i < COUNT; i += WITH_EQUAL_SETTINGS) {
                compareSome(client);
            }
        }
        System.out.printf(
                "LiteralCharsetsIT %d statements, %d answered, %d keys%n", COUNT, answered, keys);
        assertThat(answered).as("answered, seed %d", SEED).isGreaterThan(COUNT / 5);
        assertThat(keys).as("keys, seed %d", SEED).isGreaterThan(COUNT / 20);
    }

    private void compareSome(PacketClient client) throws IOException {
        String charset = CHARSETS.get(random.nextInt(CHARSETS.size()));
        String connection =
                random.nextBoolean() ? charset : CHARSETS.get(random.nextInt(CHARSETS.size()));
        var modes = new StringJoiner(",");
        MODES.stream().filter(_ -> random.nextInt(3) == 0).forEach(modes::add);
        String collation =
                Collations.nameOf(Collations.defaultOf(connection).orElseThrow()).orElseThrow();
        var profile =
                SettingsProfile.of(
                        Map.of(
                                "sql_mode", "'" + modes + "'",
                                "character_set_client", "'" + charset + "'",
                                "collation_connection", "'" + collation + "'"));
        String set =
                "SET NAMES utf8mb4, sql_mode = '%s', character_set_client = %s, collation_connection = %s"
                        .formatted(modes, charset, collation);
        assertThat(rows(client, set.getBytes(UTF_8))).as(set).isPresent();
        boolean ansi = profile.dialect().ansiQuotes();
        for (int i = 0; i < WITH_EQUAL_SETTINGS; i++) {
            byte[] sql = statement(ansi);
            Optional<List<String>> cells = rows(client, sql);
            lexer.scan(sql, 0, sql.length, profile.dialect());
            if (cells.isPresent() && lexer.wellFormed()) {
                answered++;
                String where = "seed " + SEED + " " + profile + " " + shown(sql);
                assertThat(lexer.moreStatements()).as(where).isFalse();
                if (lexer.count() == cells.get().size()) {
                    compare(cells.get(), where);
                } else {
                    assertThat(rows(client, masked(sql)).map(List::size))
                            .as("the same with other literals; %s", where)
                            .contains(cells.get().size());
                }
            }
        }
    }

    private static String shown(byte[] sql) {
        return new String(sql, ISO_8859_1) + " " + HexFormat.of().formatHex(sql);
    }

    /**
     * Quotes within a literal can make several literals of it, or one of two, with operators
     * between them: if the lexer saw that as MySQL did, it makes no odds what they are.
     */
    private byte[] masked(byte[] sql) {
        String text = new String(sql, ISO_8859_1);
        var masked = new StringBuilder();
        int copied = 0;
        for (int i = 0; i < lexer.count(); i++) {
            masked.append(text, copied, lexer.start(i)).append("'1'");
            copied = lexer.end(i);
        }
        return masked.append(text.substring(copied)).toString().getBytes(ISO_8859_1);
    }

    private void compare(List<String> cells, String where) {
        for (int i = 0; i < cells.size(); i++) {
            if (lexer.kind(i) == LiteralKind.STRING) {
                int bucket = bucket(i);
                if (bucket >= 0) {
                    keys++;
                    byte[] text = HexFormat.of().parseHex(cells.get(i));
                    assertThat(bucket)
                            .as("literal %d is %s; %s", i, cells.get(i), where)
                            .isEqualTo(Bucket.numberOf(text, 0, text.length));
                }
            }
        }
    }

    /** -1 if no key is made of the literal. */
    private int bucket(int literal) {
        var pin = new Pin(KEY, Pin.Use.COMPARED, List.of(new ValueRef.Literal(literal, false)));
        try {
            return KeyResolver.bucketOf(pin, lexer, ParameterValues.NONE);
        } catch (ShardwayException refused) {
            return -1;
        }
    }

    /** One column for each literal. */
    private byte[] statement(boolean ansi) {
        var sql = new StringBuilder("SELECT ");
        for (int i = 0; i < 2; i++) {
            sql.append(i == 0 ? "" : blank() + "," + blank());
            sql.append("HEX(CONVERT(").append(blank()).append(literal(ansi)).append(blank());
            sql.append(" USING utf8mb4))");
            if (random.nextInt(4) == 0) {
                char quote = ansi && random.nextBoolean() ? '"' : '`';
                sql.append(" AS ").append(quote).append(content(quote)).append(quote);
            }
        }
        return sql.append(blank()).toString().getBytes(ISO_8859_1);
    }

    private String blank() {
        return switch (random.nextInt(12)) {
            case 0 -> " ";
            case 1 -> "/* ' \u00bf*/";
            case 2 -> "-- '\u00bf\n";
            case 3 -> "# \"\n";
            case 4 -> "/*!99999 ' */";
            case 5 -> "\t\n";
            default -> "";
        };
    }

    private String literal(boolean ansi) {
        char quote = !ansi && random.nextInt(3) == 0 ? '"' : '\'';
        String text = quote + content(quote) + quote;
        return switch (random.nextInt(16)) {
            case 0 -> "_gbk" + text;
            case 1 -> "_utf8mb4 " + text;
            case 2 -> "N" + text;
            case 3 -> "x'E4B8AD'";
            case 4 -> "0x41";
            case 5 -> "b'01000001'";
            case 6 -> text + blank() + " " + quote + content(quote) + quote;
            case 7 -> "_latin1 x'e4'";
            default -> text;
        };
    }

    private String content(char quote) {
        var content = new StringBuilder();
        for (int i = random.nextInt(5); i > 0; i--) {
            String piece =
                    random.nextInt(8) == 0
                            ? String.valueOf((char) random.nextInt(1, 256))
                            : PIECES[random.nextInt(PIECES.length)];
            boolean plain = piece.indexOf(quote) < 0 || random.nextInt(3) == 0;
            content.append(plain ? piece : "" + quote + quote);
        }
        return content.toString();
    }

    /** The cells of the one row; an empty list after OK; nothing after an error. */
    private static Optional<List<String>> rows(PacketClient client, byte[] sql) throws IOException {
        client.send(3, sql);
        PacketClient.Packet packet = client.read();
        if (packet.isError()) {
            return Optional.empty();
        }
        if (packet.first() == 0) {
            return Optional.of(List.of());
        }
        int columns = packet.first();
        for (int i = 0; i < columns; i++) {
            client.read();
        }
        var cells = new ArrayList<String>();
        while (true) {
            packet = client.read();
            if (packet.isError()) {
                return Optional.empty();
            }
            if (packet.first() == 0xFE) {
                return Optional.of(cells);
            }
            ByteBuf in = Unpooled.wrappedBuffer(packet.payload());
            for (int i = 0; i < columns; i++) {
                if (in.getUnsignedByte(in.readerIndex()) == 0xFB) {
                    in.skipBytes(1);
                    cells.add("");
                } else {
                    cells.add(new String(Wire.readBytes(in), ISO_8859_1));
                }
            }
        }
    }
}
