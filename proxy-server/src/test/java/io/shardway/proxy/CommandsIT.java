package io.shardway.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shardway.proxy.protocol.Capabilities;
import io.shardway.proxy.protocol.OkPacket;
import io.shardway.proxy.protocol.SessionChange;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands and flags as they are on the wire, compared with a server. */
@Timeout(120)
class CommandsIT {

    private static final long MULTI = Capabilities.MULTI_STATEMENTS;

    private static TestProxy proxy;

    @BeforeAll
    static void start() throws SQLException {
        proxy = TestProxy.start(Map.of("frontend.event-loops", "1"));
        SideBySide.prepare(
                proxy,
                "CREATE TABLE users (user_id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(5) DEFAULT 'x')");
        try (Connection server = proxy.onShard(1);
                Statement statement = server.createStatement()) {
            statement.execute(
                    "CREATE USER IF NOT EXISTS raw IDENTIFIED WITH mysql_native_password BY 'raw'");
            statement.execute("GRANT ALL ON *.* TO raw");
        }
    }

    @AfterAll
    static void stop() {
        proxy.close();
    }

    private static PacketClient proxied(long more) throws IOException {
        return PacketClient.connect(
                "127.0.0.1", proxy.proxy().port(), "native", "native", proxy.keyspace(), more);
    }

    private static PacketClient direct(long more) throws IOException {
        var node = proxy.cluster().primary(1);
        return PacketClient.connect(
                node.host(), node.port(), "raw", "raw", SideBySide.directSchema(proxy), more);
    }

    @ParameterizedTest
    @ValueSource(
            longs = {
                MULTI,
                MULTI | Capabilities.DEPRECATE_EOF,
                MULTI | Capabilities.DEPRECATE_EOF | Capabilities.SESSION_TRACK
            })
    void sequenceNumbersAndFlagsAreMySqls(long capabilities) throws IOException {
        long key = proxy.keyOn(1, Long.bitCount(capabilities));
        String where = " WHERE user_id = " + key;
        try (PacketClient here = proxied(capabilities);
                PacketClient there = direct(capabilities)) {
            for (String sql :
                    new String[] {
                        "SELECT 1",
                        "SELECT 1; SELECT 2, 3; SET @a = 1; DO 1",
                        "SELECT 1; SELEC; SELECT 3",
                        "INSERT INTO users (user_id) VALUES ("
                                + key
                                + "); SELECT * FROM users"
                                + where
                                + "; SELECT 2",
                        "SELECT 1; INSERT INTO users (user_id) VALUES (" + key + "); SELECT 3",
                        "BEGIN; SELECT 1; UPDATE users SET name = 'a'" + where,
                        "SELECT 1",
                        "UPDATE users SET name = 'b'" + where + "; COMMIT; SELECT 1",
                        "SET autocommit = 0",
                        "SELECT 1",
                        "SELECT * FROM users" + where,
                        "SELECT 1; ROLLBACK",
                        "SELECT 'from users'",
                        "SELECT TRIM(BOTH FROM ' a ')",
                        "SELECT * FROM (SELECT 1 AS a) AS x",
                        "SELECT * FROM users" + where,
                        "ROLLBACK",
                        "SET autocommit = 1; SELECT 1",
                        "START TRANSACTION READ ONLY",
                        "SELECT * FROM users" + where,
                        "COMMIT",
                        "SET sql_mode = 'NO_BACKSLASH_ESCAPES'",
                        "SELECT '\\'; SELECT 2",
                        "SET sql_mode = DEFAULT",
                        "SELECT 1;",
                        "SELECT 1 ; ; ",
                        "SELECT 'a;b'; SELECT \"c;d\" -- ;\n; SELECT /* ; */ 3",
                        "SHOW WARNINGS; SELECT 1/0; SHOW WARNINGS",
                        "USE " + proxy.keyspace() + "; SELECT 1",
                        ";",
                        ""
                    }) {
                assertThat(here.shapeOf(sql))
                        .as(sql)
                        .isEqualTo(
                                there.shapeOf(
                                        sql.replace(
                                                "USE " + proxy.keyspace(),
                                                "USE " + SideBySide.directSchema(proxy))));
            }
        }
    }

    @Test
    void severalStatementsNeedTheOption() throws IOException {
        try (PacketClient here = proxied(0);
                PacketClient there = direct(0)) {
            assertThat(here.shapeOf("SELECT 1; SELECT 2"))
                    .isEqualTo(there.shapeOf("SELECT 1; SELECT 2"));
            for (PacketClient client : new PacketClient[] {here, there}) {
                assertThat(client.ask(0x1B, (byte) 0, (byte) 0).first()).isEqualTo(0xFE);
            }
            assertThat(here.shapeOf("SELECT 1; SELECT 2"))
                    .isEqualTo(there.shapeOf("SELECT 1; SELECT 2"));
            for (PacketClient client : new PacketClient[] {here, there}) {
                assertThat(client.ask(0x1B, (byte) 1, (byte) 0).first()).isEqualTo(0xFE);
            }
            assertThat(here.shapeOf("SELECT 1; SELECT 2"))
                    .isEqualTo(there.shapeOf("SELECT 1; SELECT 2"));
            assertThat(here.ask(0x1B, (byte) 7, (byte) 0).isError()).isTrue();
            assertThat(here.shapeOf("SELECT 1")).isEqualTo(there.shapeOf("SELECT 1"));
        }
    }

    @Test
    void smallCommandsAnswer() throws IOException {
        try (PacketClient here = proxied(0);
                PacketClient there = direct(0)) {
            assertThat(here.ask(0x0E).first()).isZero();
            assertThat(here.ask(0x09).text())
                    .startsWith("Uptime: ")
                    .contains("Threads: ", "Questions: ");
            assertThat(here.ask(0x02, proxy.keyspace()).first()).isZero();
            PacketClient.Packet unknown = here.ask(0x02, "no_such_keyspace");
            assertThat(unknown.errorCode())
                    .isEqualTo(there.ask(0x02, "no_such_keyspace").errorCode());
            for (int command :
                    new int[] {0x05, 0x06, 0x0B, 0x0F, 0x10, 0x13, 0x14, 0x1D, 0x40, 0xEE}) {
                PacketClient.Packet answer = here.ask(command);
                assertThat(answer.isError()).as("command " + command).isTrue();
                assertThat(answer.sequence()).isEqualTo(1);
            }
            assertThat(here.shapeOf("SELECT 1")).isEqualTo(there.shapeOf("SELECT 1"));
        }
    }

    @Test
    void processesAreShownAndKilled() throws IOException {
        try (PacketClient here = proxied(0);
                PacketClient victim = proxied(0)) {
            PacketClient.Packet header = here.ask(0x0A);
            assertThat(header.first()).isEqualTo(8);
            int eofs = 0;
            while (eofs < 2) {
                PacketClient.Packet packet = here.read();
                eofs += packet.first() == 0xFE && packet.payload().length < 9 ? 1 : 0;
            }
            victim.send(3, "SELECT CONNECTION_ID()".getBytes(UTF_8));
            PacketClient.Packet row = victim.read();
            for (int eof = 0; eof < 2; ) {
                PacketClient.Packet packet = victim.read();
                if (packet.first() == 0xFE) {
                    eof++;
                } else if (eof == 1) {
                    row = packet;
                }
            }
            long id = Long.parseLong(new String(row.payload(), 1, row.payload().length - 1, UTF_8));
            byte[] wire = {(byte) id, (byte) (id >> 8), (byte) (id >> 16), (byte) (id >> 24)};
            assertThat(here.ask(0x0C, wire).first()).isZero();
            assertThat(victim.isClosedByServer()).isTrue();
            assertThat(here.ask(0x0C, wire).errorCode()).isEqualTo(1094);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, Capabilities.DEPRECATE_EOF})
    void fieldsAreListed(long capabilities) throws IOException {
        try (PacketClient here = proxied(capabilities);
                PacketClient there = direct(capabilities)) {
            for (PacketClient client : new PacketClient[] {here, there}) {
                client.send(0x04, "users\0".getBytes(UTF_8));
                assertThat(client.read().text()).contains("user_id");
                assertThat(client.read().text()).contains("name");
                PacketClient.Packet end = client.read();
                assertThat(end.first()).isEqualTo(0xFE);
                assertThat(end.sequence()).isEqualTo(3);
            }
            assertThat(here.ask(0x04, "nothing\0").errorCode()).isEqualTo(1146);
            assertThat(here.shapeOf("SELECT 1")).isEqualTo(there.shapeOf("SELECT 1"));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, Capabilities.DEPRECATE_EOF, MULTI})
    void whatTheShardsAnswerIsOneResult(long capabilities) throws IOException {
        long one = proxy.keyOn(1, 40);
        long two = proxy.keyOn(2, 40);
        try (PacketClient here = proxied(capabilities);
                PacketClient there = direct(capabilities)) {
            for (String sql :
                    new String[] {
                        "INSERT INTO users (user_id) VALUES (" + one + ")",
                        "INSERT INTO users (user_id) VALUES (" + two + ")",
                        "SELECT user_id FROM users",
                        "SELECT * FROM users WHERE user_id IN (" + one + ", " + two + ")",
                        "SELECT user_id FROM users ORDER BY user_id LIMIT 2",
                        "SELECT COUNT(*) FROM users",
                        "SELECT nothing FROM users",
                        "SELECT user_id + 9223372036854775807 FROM users ORDER BY user_id",
                        "SET autocommit = 0",
                        "SELECT user_id FROM users WHERE 1 = 0",
                        "SELECT user_id FROM users ORDER BY user_id LIMIT 0",
                        "SELECT COUNT(*) FROM users",
                        "COMMIT",
                        "START TRANSACTION READ ONLY",
                        "SELECT COUNT(*) FROM users",
                        "SELECT user_id FROM users",
                        "COMMIT",
                        "SET autocommit = 1",
                        "DELETE FROM users WHERE user_id = " + one,
                        "DELETE FROM users WHERE user_id = " + two
                    }) {
                assertThat(here.shapeOf(sql)).as(sql).isEqualTo(there.shapeOf(sql));
            }
            if (capabilities == MULTI) {
                String several =
                        "SELECT user_id FROM users; SELECT 1; SELECT COUNT(*) FROM users; SELECT 2";
                assertThat(here.shapeOf(several)).isEqualTo(there.shapeOf(several));
            }
        }
    }

    @Test
    void resetConnectionForgetsTheSession() throws IOException {
        long key = proxy.keyOn(1, 30);
        try (PacketClient here = proxied(MULTI);
                PacketClient there = direct(MULTI)) {
            for (PacketClient client : new PacketClient[] {here, there}) {
                client.shapeOf("SET @a = 1, sql_mode = 'ANSI_QUOTES', autocommit = 0");
                client.shapeOf("INSERT INTO users (user_id) VALUES (" + key + ")");
                assertThat(client.ask(0x1F).first()).isZero();
            }
            for (String sql :
                    new String[] {
                        "SELECT @a IS NULL, @@autocommit, @@sql_mode",
                        "SELECT \"text\"",
                        "SELECT * FROM users WHERE user_id = " + key,
                        "SELECT LAST_INSERT_ID()"
                    }) {
                assertThat(here.shapeOf(sql)).as(sql).isEqualTo(there.shapeOf(sql));
            }
        }
    }

    @Test
    void changeUserProvesTheNewOne() throws IOException {
        try (PacketClient client = proxied(0)) {
            client.shapeOf("SET @a = 1, autocommit = 0");
            for (String user : new String[] {"app", "native", "reader", "native", "app"}) {
                for (String plugin :
                        new String[] {"mysql_native_password", "caching_sha2_password"}) {
                    PacketClient.Packet end =
                            client.changeUser(user, user, proxy.keyspace(), plugin);
                    assertThat(end.first()).as(user + " " + end.text()).isZero();
                    assertThat(client.shapeOf("SELECT 1")).hasSize(2);
                }
            }
            assertThat(client.changeUser("app", "app", "", "caching_sha2_password").first())
                    .isZero();
            assertThat(client.ask(3, "SELECT * FROM users WHERE user_id = 1").text())
                    .contains("No database selected");
            assertThat(client.changeUser("app", "wrong", "", "caching_sha2_password").errorCode())
                    .isEqualTo(1045);
            assertThat(client.isClosedByServer()).isTrue();
        }
    }

    @Test
    void whoLeavesWhileItsNewIdentityIsRefusedLeavesNothing() throws IOException {
        try (PacketClient client = proxied(0)) {
            assertThat(client.ask(3, "BEGIN").first()).isZero();
            String insert = "INSERT INTO users (user_id) VALUES (" + proxy.keyOn(1, 9) + ")";
            assertThat(client.ask(3, insert).first()).isZero();
            client.requestUser("native", "native", proxy.keyspace(), "mysql_native_password");
            PacketClient.Packet other = client.read();
            assertThat(other.first()).isEqualTo(0xFE);
            client.reply(other, new byte[20]);
        }
        new NodeSide(proxy).awaitClean();
    }

    @Test
    void valuesInManySmallAndEmptyPiecesAreMySqls() throws IOException {
        try (PacketClient here = proxied(MULTI | Capabilities.DEPRECATE_EOF);
                PacketClient there = direct(MULTI | Capabilities.DEPRECATE_EOF)) {
            String sql = "SELECT CONCAT(?, '|', ?, '|', COALESCE(?, 'null'))";
            List<String> answers = new ArrayList<>();
            for (PacketClient client : new PacketClient[] {here, there}) {
                PacketClient.Packet prepared = client.ask(0x16, sql);
                for (int i = 0; i < 4; i++) {
                    client.read();
                }
                byte[] id = Arrays.copyOfRange(prepared.payload(), 1, 5);
                var answer = new StringBuilder();
                for (int round = 0; round < 2; round++) {
                    for (int i = 0; i < 3_000; i++) {
                        client.send(0x18, longData(id, i % 2, i % 7 == 0 ? "" : "" + i));
                    }
                    client.send(0x17, execute(id));
                    client.read();
                    client.read();
                    answer.append(client.read().text());
                    client.read();
                }
                for (int parameter : new int[] {0, 1, 9}) {
                    client.send(0x18, longData(id, parameter, ""));
                }
                client.send(0x17, execute(id));
                PacketClient.Packet refused = client.read();
                answer.append(refused.isError()).append(refused.errorCode());
                answers.add(answer.toString());
            }
            assertThat(answers.get(0)).isEqualTo(answers.get(1)).endsWith("true1210");
        }
    }

    private static byte[] longData(byte[] id, int parameter, String text) {
        byte[] bytes = text.getBytes(UTF_8);
        byte[] argument = Arrays.copyOf(id, 6 + bytes.length);
        argument[4] = (byte) parameter;
        System.arraycopy(bytes, 0, argument, 6, bytes.length);
        return argument;
    }

    /** Two parameters sent in pieces, the third NULL. */
    private static byte[] execute(byte[] id) {
        byte[] argument = Arrays.copyOf(id, 4 + 1 + 4 + 1 + 1 + 6);
        argument[5] = 1;
        argument[9] = 4;
        argument[10] = 1;
        for (int i = 0; i < 3; i++) {
            argument[11 + 2 * i] = (byte) 0xFC;
        }
        return argument;
    }

    @Test
    void withoutADefaultSchemaNoTableIsFoundAndTheErrorIsMySqls() throws IOException {
        var node = proxy.cluster().primary(1);
        int port = proxy.proxy().port();
        try (PacketClient here =
                        PacketClient.connect("127.0.0.1", port, "native", "native", "", MULTI);
                PacketClient there =
                        PacketClient.connect(node.host(), node.port(), "raw", "raw", "", MULTI)) {
            for (String sql :
                    new String[] {
                        "SELECT * FROM users",
                        "SELECT * FROM users WHERE user_id = 1 FOR UPDATE",
                        "INSERT INTO users (user_id) VALUES (1)",
                        "UPDATE users SET name = 'x' WHERE user_id = 1",
                        "DELETE FROM users WHERE user_id = 1",
                        "REPLACE INTO users (user_id) VALUES (1)",
                        "CREATE TABLE t (user_id INT NOT NULL)",
                        "DROP TABLE users",
                        "DROP TABLE IF EXISTS users",
                        "TRUNCATE TABLE users",
                        "ALTER TABLE users ADD x INT",
                        "EXPLAIN SELECT * FROM users",
                        "DESCRIBE users",
                        "SHOW TABLES",
                        "SHOW CREATE TABLE users",
                    }) {
                // MySQL prepares SHOW CREATE without looking for the table.
                int[] commands = sql.contains("SHOW CREATE") ? new int[] {3} : new int[] {3, 0x16};
                for (int command : commands) {
                    PacketClient.Packet expected = there.ask(command, sql);
                    boolean unprepared = expected.errorCode() == 1295;
                    PacketClient.Packet answer = here.ask(command, sql);
                    assertThat(answer.isError()).as(sql).isTrue();
                    assertThat(expected.errorCode()).as(sql).isIn(1046, 1295);
                    if (!unprepared && answer.errorCode() != 1295) {
                        assertThat(answer.errorCode()).as(sql).isEqualTo(1046);
                        assertThat(answer.text()).contains("#3D000").contains("No database");
                        assertThat(expected.text()).contains("#3D000").contains("No database");
                    }
                }
            }
            assertThat(here.ask(2, "").errorCode()).isEqualTo(there.ask(2, "").errorCode());
            assertThat(here.ask(4, "users\0%").errorCode())
                    .isEqualTo(there.ask(4, "users\0%").errorCode())
                    .isEqualTo(1046);
            assertThat(here.shapeOf("SELECT 1")).isEqualTo(there.shapeOf("SELECT 1"));
        }
    }

    @Test
    void clientsHearOfTheChangesTheyAskedFor() throws IOException {
        long tracking = MULTI | Capabilities.DEPRECATE_EOF | Capabilities.SESSION_TRACK;
        try (PacketClient here = proxied(tracking);
                PacketClient there = direct(tracking)) {
            for (String asked :
                    new String[] {
                        "SET @x = 1",
                        "SET session_track_schema = OFF",
                        "SET session_track_system_variables = ''",
                        "SET session_track_schema = 1, session_track_system_variables = '*'",
                        "SET session_track_gtids = OFF, session_track_state_change = 0",
                        "SET SESSION session_track_system_variables = 'sql_mode,autocommit'",
                        "SET session_track_system_variables ="
                                + " CONCAT(@@global.session_track_system_variables,',sql_safe_updates')",
                        "SET session_track_transaction_info = DEFAULT",
                        "SET session_track_system_variables = DEFAULT",
                    }) {
                assertThat(here.ask(3, asked).first()).as(asked).isZero();
                assertThat(there.ask(3, asked).first()).as(asked).isZero();
                for (String sql :
                        new String[] {
                            "SET autocommit = 0",
                            "SET autocommit = 1",
                            "SET sql_mode = 'ANSI_QUOTES'",
                            "SET sql_mode = DEFAULT",
                            "SET sql_safe_updates = 1",
                            "SET sql_safe_updates = 0",
                            "SET time_zone = '+01:00', @y = 2",
                            "USE information_schema",
                            "DO 1",
                        }) {
                    assertThat(told(here.ask(3, sql)))
                            .as(asked + ", " + sql)
                            .isEqualTo(told(there.ask(3, sql)));
                }
            }
            for (String refused :
                    new String[] {
                        "SET session_track_gtids = OWN_GTID",
                        "SET session_track_state_change = ON",
                        "SET session_track_transaction_info = 'STATE'",
                        "SET autocommit = 0, @@session.session_track_gtids = @x",
                    }) {
                PacketClient.Packet answer = here.ask(3, refused);
                assertThat(answer.text()).as(refused).contains("SW-2006").contains("write OFF");
            }
            assertThat(here.shapeOf("SELECT @@autocommit"))
                    .isEqualTo(there.shapeOf("SELECT @@autocommit"));
        }
    }

    /** The changes an OK packet tells of. */
    private static List<String> told(PacketClient.Packet ok) {
        ByteBuf in = Unpooled.wrappedBuffer(ok.payload());
        assertThat((int) in.readByte()).isZero();
        return OkPacket.read(
                        in.resetReaderIndex(),
                        Capabilities.SESSION_TRACK | Capabilities.PROTOCOL_41)
                .changes()
                .stream()
                .map(change ->
                        change instanceof SessionChange.SystemVariable variable
                                ? variable.name() + "=" + new String(variable.value(), UTF_8)
                                : change.toString())
                .sorted()
                .toList();
    }

    @Test
    void aMistypedSetIsRefusedByMySqlAndTheSessionLivesOn() throws IOException {
        try (PacketClient here = proxied(MULTI);
                PacketClient there = direct(MULTI)) {
            for (String sql :
                    new String[] {
                        "SET @a =",
                        "SET",
                        "SET x",
                        "SET x y = 5",
                        "SET a.b.c = 5",
                        "SET = 5",
                        "SET 'x' = 5",
                        "SET @a",
                        "SET @@sql_mode",
                        "SET @a = 1, @b =",
                        "SET @a = 1,, @b = 2",
                        "SET @a = 1,",
                        "SET NAMES",
                        "SET NAMES = 'latin1'",
                        "SET CHARACTER SET",
                        "SET TRANSACTION",
                        "SET TRANSACTION ISOLATION LEVEL FOO",
                        "SET TRANSACTION READ ONLY, READ WRITE",
                        "SET TRANSACTION = 5",
                        "SET SESSION TRANSACTION foo",
                        "SET SESSION",
                        "SET SESSION = 5",
                    }) {
                PacketClient.Packet expected = there.ask(3, sql);
                assertThat(expected.isError()).as(sql).isTrue();
                assertThat(here.ask(3, sql).text()).as(sql).isEqualTo(expected.text());
                String several = "SELECT 1; " + sql + "; SELECT 2";
                assertThat(here.shapeOf(several)).as(several).isEqualTo(there.shapeOf(several));
                assertThat(here.shapeOf("SELECT @a, @b")).isEqualTo(there.shapeOf("SELECT @a, @b"));
            }
        }
    }
}
