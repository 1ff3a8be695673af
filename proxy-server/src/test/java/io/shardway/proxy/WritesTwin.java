package io.shardway.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.shardway.cluster.MySqlNode;
import io.shardway.proxy.protocol.Capabilities;
import io.shardway.proxy.protocol.OkPacket;
import io.shardway.proxy.protocol.ServerStatus;
import io.shardway.proxy.protocol.Wire;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The same writes on two shards through a proxy and on one MySQL, with all that an OK packet tells,
 * and the whole table afterwards. Confined to one thread.
 */
final class WritesTwin implements AutoCloseable {

    static final String ITEMS =
            "CREATE TABLE items (user_id BIGINT NOT NULL, seq INT NOT NULL, n INT, name VARCHAR(5),"
                    + " at DATETIME(6) NULL, PRIMARY KEY (user_id, seq), UNIQUE KEY by_n (user_id, n))";

    /** In place of a cell's length. */
    private static final int NULL = 0xFB;

    private static final int STATUS =
            ServerStatus.AUTOCOMMIT | ServerStatus.IN_TRANS | ServerStatus.MORE_RESULTS;

    private final TestProxy proxy;
    private final SideBySide both;
    private final RawClient proxied;
    private final RawClient direct;

    private WritesTwin(TestProxy proxy, SideBySide both, RawClient proxied, RawClient direct) {
        this.proxy = proxy;
        this.both = both;
        this.proxied = proxied;
        this.direct = direct;
    }

    static WritesTwin start(String... definitions) throws SQLException, IOException {
        TestProxy proxy = TestProxy.start(Map.of("session.transaction-mode", "best-effort"));
        SideBySide.prepare(proxy, definitions);
        MySqlNode node = proxy.cluster().primary(1);
        node.execute(
                "CREATE USER IF NOT EXISTS native@'%' IDENTIFIED WITH mysql_native_password BY"
                        + " 'native'");
        node.execute(
                "GRANT ALL ON `%s`.* TO native@'%%'".formatted(SideBySide.directSchema(proxy)));
        var direct = new RawClient(node.port(), new byte[0]);
        assertThat(direct.login(SideBySide.directSchema(proxy), "native")[0]).isZero();
        return new WritesTwin(proxy, SideBySide.open(proxy), RawClient.connect(proxy), direct);
    }

    TestProxy proxy() {
        return proxy;
    }

    SideBySide both() {
        return both;
    }

    /** Odd numbers are keys of shard 1, even ones of shard 2. */
    long key(int number) {
        return proxy.keyOn(number % 2 == 1 ? 1 : 2, number / 2);
    }

    /** With {@link #key} for every number in angle brackets. */
    String keyed(String sql) {
        return Pattern.compile("<(\\d+)>")
                .matcher(sql)
                .replaceAll(number -> Long.toString(key(Integer.parseInt(number.group(1)))));
    }

    /** Without the row's number, which hangs on the order in which an UPDATE finds them. */
    private static String withoutRow(String sql, String message) {
        return sql.startsWith("UPDATE") ? message.replaceAll(" at row \\d+$", "") : message;
    }

    /** Runs on both sides and wants the same answer, the same warnings and the same tables. */
    String same(String written) throws SQLException, IOException {
        String sql = keyed(written);
        String there = answer(direct, sql);
        String here = answer(proxied, sql);
        assertThat(here).as("the proxy's answer to %s", sql).isEqualTo(there);
        return here;
    }

    /**
     * As {@link #same}; errors are errors, and conditions without a row's number may come in
     * another order.
     */
    String sameButForErrors(String written) throws IOException {
        String sql = keyed(written);
        String there = answer(direct, sql);
        String here = answer(proxied, sql);
        if (there.startsWith("error") && here.startsWith("error")) {
            assertThat(here).as("the proxy's answer to %s", sql).doesNotContain("SW-");
            return there;
        }
        assertThat(sorted(here)).as("the proxy's answer to %s", sql).isEqualTo(sorted(there));
        return here;
    }

    private static List<String> sorted(String answer) {
        return Arrays.stream(answer.replace("[", ", ").replace("]", "").split(", "))
                .sorted()
                .toList();
    }

    /** In the middle of a transaction of the raw clients: what they themselves see. */
    void sameRowsMeanwhile() throws IOException {
        String sql = "SELECT user_id, seq, n, name FROM items ORDER BY user_id, seq";
        assertThat(rows(proxied, sql)).isEqualTo(rows(direct, sql));
    }

    void same(String... statements) throws SQLException, IOException {
        for (String sql : statements) {
            same(sql);
        }
        sameRows();
    }

    /** The whole table as both have it now. */
    void sameRows() throws SQLException {
        both.same("SELECT user_id, seq, n, name FROM items ORDER BY user_id, seq");
    }

    private static String answer(RawClient client, String sql) throws IOException {
        client.query(sql);
        byte[] packet = client.packet();
        if (RawClient.errorOf(packet) != 0) {
            return withoutRow(
                    sql,
                    "error %d %s"
                            .formatted(
                                    RawClient.errorOf(packet),
                                    new String(packet, 4, packet.length - 4, UTF_8)));
        }
        OkPacket ok = OkPacket.read(Unpooled.wrappedBuffer(packet), Capabilities.PROTOCOL_41);
        return "affected %d id %d status %d warnings %d info '%s' %s"
                .formatted(
                        ok.affectedRows(),
                        ok.lastInsertId(),
                        ok.status() & STATUS,
                        ok.warnings(),
                        new String(ok.info(), UTF_8),
                        ok.warnings() == 0 ? "" : warnings(client, sql));
    }

    private static List<String> warnings(RawClient client, String sql) throws IOException {
        List<String> found =
                rows(client, "SHOW WARNINGS").stream().map(row -> withoutRow(sql, row)).toList();
        return sql.startsWith("UPDATE") ? found.stream().sorted().toList() : found;
    }

    private static List<String> rows(RawClient client, String sql) throws IOException {
        client.query(sql);
        int columns = client.packet()[0];
        for (int i = 0; i < columns; i++) {
            client.packet();
        }
        var found = new ArrayList<String>();
        for (byte[] row = client.packet(); (row[0] & 0xFF) != 0xFE; row = client.packet()) {
            found.add(cells(row));
        }
        return found;
    }

    private static String cells(byte[] row) {
        var in = Unpooled.wrappedBuffer(row);
        var cells = new ArrayList<String>();
        while (in.isReadable()) {
            if (in.getUnsignedByte(in.readerIndex()) == NULL) {
                in.skipBytes(1);
                cells.add("NULL");
            } else {
                cells.add(new String(Wire.readBytes(in), UTF_8));
            }
        }
        return String.join("|", cells);
    }

    /** As {@link #same} with parameters, over JDBC. */
    String samePrepared(String parameters, String sql, Object... values) throws SQLException {
        String there = prepared(both.direct(), sql, values);
        String here = prepared(both.proxied(), sql, values);
        assertThat(here).as("the proxy's answer to %s, %s", sql, parameters).isEqualTo(there);
        return here;
    }

    /** In no order: conditions without a row's number come shard by shard. */
    static List<String> told(String answer) {
        return Arrays.stream(answer.split("; ")).sorted().toList();
    }

    static String prepared(Connection connection, String sql, Object... values)
            throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(sql, Statement.RETURN_GENERATED_KEYS)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            var told = new ArrayList<String>();
            told.add("count " + statement.executeUpdate());
            for (SQLWarning w = statement.getWarnings(); w != null; w = w.getNextWarning()) {
                told.add(withoutRow(sql, w.getErrorCode() + " " + w.getMessage()));
            }
            try (ResultSet keys = statement.getGeneratedKeys()) {
                while (keys.next()) {
                    told.add("key " + keys.getString(1));
                }
            }
            return String.join("; ", told);
        } catch (SQLException failed) {
            return "error " + failed.getErrorCode() + " " + failed.getSQLState();
        }
    }

    @Override
    public void close() throws IOException, SQLException {
        both.close();
        proxied.close();
        direct.close();
        proxy.close();
    }
}
