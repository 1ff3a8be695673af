package io.shardway.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sessions in other character sets than utf8mb4, compared with MySQL. */
@Timeout(180)
class ConnectionCharsetsIT {

    private static Twin twin;

    @BeforeAll
    static void start() throws SQLException {
        twin =
                Twin.start(
                        "CREATE TABLE notes (user_id BIGINT NOT NULL, n INT NOT NULL, t VARCHAR(100),"
                                + " PRIMARY KEY (user_id, n)) DEFAULT CHARSET utf8mb4",
                        "CREATE TABLE named (user_id VARCHAR(40) COLLATE utf8mb4_0900_bin NOT NULL"
                                + " PRIMARY KEY, t VARCHAR(100)) DEFAULT CHARSET utf8mb4");
    }

    @AfterAll
    static void stop() {
        if (twin != null) {
            twin.close();
        }
    }

    /** The texts hold characters whose second byte is a backslash. */
    @ParameterizedTest
    @CsvSource({
        "GBK, 誠意\\誠",
        "GB18030, 誠意\\誠",
        "Big5, 許功蓋",
        "SJIS, 表示ソ",
        "WINDOWS-31J, 表示ソ",
        "EUC_KR, 한국어",
        "EUC-JP, 表示",
        "ISO-8859-1, Ärger",
        "KOI8-R, Привет",
    })
    void talksInOtherCharacterSets(String encoding, String text) throws SQLException {
        long key = twin.keyOn(1, 0);
        long other = twin.keyOn(2, 0);
        for (String parameters :
                List.of(
                        "characterEncoding=" + encoding,
                        "useServerPrepStmts=true&characterEncoding=" + encoding)) {
            twin.same(
                    parameters,
                    (connection, transcript) -> {
                        try (Statement statement = connection.createStatement()) {
                            transcript.run(statement, "DELETE FROM notes WHERE user_id = " + key);
                            transcript.run(statement, "DELETE FROM notes WHERE user_id = " + other);
                            String escaped = text.replace("\\", "\\\\");
                            String quoted = "'" + escaped + "'";
                            for (long user : List.of(key, other)) {
                                transcript.run(
                                        statement,
                                        "INSERT INTO notes VALUES (%d, 1, %s), (%d, 2, 'it''s %s')"
                                                .formatted(user, quoted, user, escaped));
                                transcript.run(
                                        statement,
                                        "SELECT t, HEX(t), %s, \"%s\", t = %s FROM notes WHERE user_id = %d"
                                                .formatted(quoted, escaped, quoted, user));
                                transcript.run(statement, "SELECT @a := " + quoted);
                                transcript.run(statement, "SHOW TABLES LIKE 'no%'");
                            }
                            transcript.run(statement, "SELECT HEX(@a), @a, COLLATION(@a)");
                            transcript.run(statement, "SELECT 1/0 AS " + quoted);
                            transcript.run(
                                    statement,
                                    "SELECT CAST("
                                            + quoted
                                            + " AS SIGNED) /* ' */ FROM notes"
                                            + " WHERE user_id = "
                                            + key);
                            transcript.run(statement, "SHOW WARNINGS");
                        }
                        try (PreparedStatement prepared =
                                connection.prepareStatement(
                                        "SELECT HEX(?), t FROM notes WHERE user_id = ? AND t = ?")) {
                            prepared.setString(1, text);
                            prepared.setLong(2, other);
                            prepared.setString(3, text);
                            transcript.attempt(() -> {
                                transcript.rows(prepared.executeQuery());
                                return "done";
                            });
                        }
                    });
        }
    }

    private static byte[] bytes(Object... parts) {
        var all = new ByteArrayOutputStream();
        for (Object part : parts) {
            if (part instanceof Integer number) {
                all.write(number);
            } else {
                all.writeBytes(part.toString().getBytes(UTF_8));
            }
        }
        return all.toByteArray();
    }

    private static List<String> shapes(boolean proxied, byte[]... statements) throws Exception {
        var shapes = new ArrayList<String>();
        try (PacketClient client =
                proxied
                        ? PacketClient.connect(
                                "127.0.0.1",
                                twin.proxy().proxy().port(),
                                "app",
                                "app",
                                twin.keyspace(),
                                0)
                        : PacketClient.connect(
                                twin.node().host(),
                                twin.node().port(),
                                "root",
                                twin.node().rootPassword(),
                                twin.directSchema(),
                                0)) {
            for (byte[] statement : statements) {
                shapes.addAll(client.shapeOf(statement));
            }
        }
        return shapes;
    }

    @Test
    void aHalfCharacterHidesNoQuote() throws Exception {
        long user = twin.keyOn(1, 3);
        twin.define(
                "DELETE FROM notes WHERE user_id = " + user,
                "INSERT INTO notes VALUES (%d, 1, 'x'), (%d, 2, 'y')".formatted(user, user));
        String select = "SELECT n FROM notes WHERE user_id = " + user + " AND t = '";
        for (String charset : List.of("gbk", "big5", "sjis", "gb18030", "utf8mb4", "latin1")) {
            for (int first : new int[] {0xBF, 0xA1, 0x83, 0xC3, 0xE4}) {
                byte[] set = bytes("SET NAMES " + charset);
                byte[] escaped = bytes(select, first, "\\' OR 1=1 -- ");
                byte[] closed = bytes(select, first, "\\' OR n = 1");
                byte[] both = bytes(select, first, "\\\\' OR n = 1");
                byte[] named = bytes(select, "x' AND 1 = `", first, "` OR n = 2 -- `");
                List<String> direct = shapes(false, set, escaped, closed, both);
                List<String> proxy = shapes(true, set, escaped, closed, both);
                for (int i = 0; i < direct.size(); i++) {
                    // What is not certain may be refused; an answer must be MySQL's.
                    assertThat(proxy.get(i).startsWith("ERR") ? direct.get(i) : proxy.get(i))
                            .as("%s %x, line %d of %s and %s", charset, first, i, direct, proxy)
                            .isEqualTo(direct.get(i));
                    if (proxy.get(i).startsWith("ERR") && !direct.get(i).startsWith("ERR")) {
                        assertThat(proxy.get(i)).contains("1235");
                        break;
                    }
                }
                assertThat(shapes(true, set, named).getLast()).startsWith("ERR");
            }
        }
    }

    @Test
    void keysOutsideAsciiNeedAConnectionInUtf8() throws SQLException {
        try (Connection connection = twin.proxied("");
                Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO named VALUES ('Ωmega', 'a')");
            String select = "SELECT t FROM named WHERE user_id = 'Ωmega'";
            assertThat(SideBySide.describe(connection, select)).contains("|a, ");
            for (String set :
                    List.of(
                            "SET character_set_connection = latin1",
                            "SET collation_connection = gbk_chinese_ci",
                            "SET NAMES utf8mb4, character_set_connection = ascii")) {
                statement.execute(set);
                assertThat(
                                SideBySide.describe(
                                        connection, "DELETE FROM named WHERE user_id = 'Ωmega'"))
                        .as(set)
                        .contains("SW-2004");
                assertThat(SideBySide.describe(connection, "INSERT INTO named VALUES ('Ωm', 'a')"))
                        .as(set)
                        .contains("SW-2004");
                assertThat(
                                SideBySide.describe(
                                        connection,
                                        "SELECT COUNT(*) FROM named WHERE user_id = 'ascii'"))
                        .as(set)
                        .contains("|0, ");
                statement.execute("SET NAMES utf8mb4");
                assertThat(SideBySide.describe(connection, select)).as(set).contains("|a, ");
            }
        }
    }

    /** Whatever other sessions on the event loop do between. */
    @Test
    void aParameterIsInTheCharacterSetOfItsExecution() throws SQLException {
        try (Connection connection = twin.proxied("useServerPrepStmts=true");
                Connection other = twin.proxied("");
                Connection third = twin.proxied("");
                Statement statement = connection.createStatement();
                PreparedStatement prepared =
                        connection.prepareStatement("UPDATE named SET t = t WHERE user_id = ?")) {
            statement.execute("REPLACE INTO named VALUES ('Ñandú', 'bird')");
            prepared.setString(1, "Ñandú");
            assertThat(prepared.executeUpdate()).isEqualTo(1);
            // Behind the driver's back, which goes on sending UTF-8.
            statement.execute("SET character_set_client = latin1");
            for (Connection between : List.of(other, third)) {
                assertThat(SideBySide.describe(between, "SELECT t FROM named WHERE user_id = 'a'"))
                        .doesNotContain("error");
            }
            assertThatThrownBy(prepared::executeUpdate).hasMessageContaining("SW-2004");
            statement.execute("SET character_set_client = utf8mb4");
            assertThat(prepared.executeUpdate()).isEqualTo(1);
        }
    }

    @Test
    void refusesCharacterSetsWithoutAscii() throws SQLException {
        try (Connection connection = twin.proxied("");
                Statement statement = connection.createStatement()) {
            for (String charset : List.of("swe7", "ucs2", "utf16", "utf32", "utf16le")) {
                assertThatThrownBy(() -> statement.execute("SET NAMES " + charset))
                        .as(charset)
                        .hasMessageContaining("SW-2006");
            }
        }
    }
}
