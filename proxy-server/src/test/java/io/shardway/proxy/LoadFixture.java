package io.shardway.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.mysql.cj.jdbc.StatementImpl;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;

/**
 * Loads the same files into a sharded table and into one of one MySQL, and compares all that is
 * told of it. Confined to one thread.
 */
final class LoadFixture implements AutoCloseable {

    private static final String ALLOWED = "allowLoadLocalInfile=true&characterEncoding=UTF-8";

    private final TestProxy proxy;
    private final SideBySide both;

    private LoadFixture(TestProxy proxy, SideBySide both) {
        this.proxy = proxy;
        this.both = both;
    }

    static LoadFixture start(String... definitions) throws SQLException {
        TestProxy proxy = TestProxy.start(Map.of("session.transaction-mode", "best-effort"));
        for (int shard = 1; shard <= 2; shard++) {
            proxy.cluster().primary(shard).execute("SET GLOBAL local_infile = ON");
        }
        SideBySide.prepare(proxy, definitions);
        return new LoadFixture(proxy, SideBySide.open(proxy, ALLOWED));
    }

    TestProxy proxy() {
        return proxy;
    }

    SideBySide both() {
        return both;
    }

    Connection client() throws SQLException {
        return proxy.connect(ALLOWED + "&allowMultiQueries=true");
    }

    /** Everything that one statement tells. */
    static String load(Connection connection, String sql, InputStream file) throws SQLException {
        String told;
        try (Statement statement = connection.createStatement()) {
            StatementImpl own = statement.unwrap(StatementImpl.class);
            own.setLocalInfileInputStream(file);
            int affected = statement.executeUpdate(sql);
            told = "affected %d %s".formatted(affected, own.getResultSetInternal().getServerInfo());
        } catch (SQLException refused) {
            told = "error %d %s".formatted(refused.getErrorCode(), refused.getMessage());
        }
        return told
                + " "
                + SideBySide.describe(connection, "SHOW WARNINGS")
                + " "
                + SideBySide.describe(connection, "SELECT @@warning_count");
    }

    static String load(Connection connection, String sql, byte[] file) throws SQLException {
        return load(connection, sql, new ByteArrayInputStream(file));
    }

    static String load(Connection connection, String sql, String file) throws SQLException {
        return load(connection, sql, file.getBytes(UTF_8));
    }

    /** On both sides: the same answer, the same warnings, the same rows. */
    String same(String table, String sql, byte[] file) throws SQLException {
        String there = load(both.direct(), sql, file);
        String here = load(both.proxied(), sql, file);
        assertThat(here).as("the proxy's answer to %s", sql).isEqualTo(there);
        both.same("SELECT * FROM " + table + " ORDER BY 1, 2");
        return here;
    }

    String same(String table, String sql, String file) throws SQLException {
        return same(table, sql, file.getBytes(UTF_8));
    }

    @Override
    public void close() throws SQLException {
        both.close();
        proxy.close();
    }
}
