package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What graphical tools send, beside MySQL itself; the statements are in tools/gui-statements.sql.
 */
@Timeout(180)
class ToolStatementsIT {

    private static Twin twin;
    private static List<String> same;
    private static List<String> runs;

    @BeforeAll
    static void start() throws SQLException, IOException {
        twin =
                Twin.start(
                        "CREATE TABLE users (user_id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(50) DEFAULT 'x' COMMENT 'a name')",
                        "CREATE TABLE orders (user_id BIGINT NOT NULL, id INT UNSIGNED NOT NULL, price DECIMAL(10,2) NOT NULL,"
                                + " note TEXT, kind ENUM('a','b') NOT NULL, at DATETIME(3), PRIMARY KEY (user_id, id),"
                                + " KEY by_price (price, kind), CONSTRAINT not_free CHECK (price > 0)) COMMENT 'what was bought'",
                        "CREATE TABLE countries (code CHAR(2) PRIMARY KEY, name VARCHAR(80) CHARACTER SET latin1)"
                                + " COMMENT 'shardway:reference of all'",
                        "CREATE TABLE settings (name VARCHAR(50) PRIMARY KEY, changed TIMESTAMP(6) NULL)");
        same = statements("same");
        runs = statements("runs");
    }

    @AfterAll
    static void stop() {
        if (twin != null) {
            twin.close();
        }
    }

    private static List<String> statements(String wanted) throws IOException {
        var statements = new ArrayList<String>();
        String section = "";
        try (InputStream file =
                ToolStatementsIT.class.getResourceAsStream("/tools/gui-statements.sql")) {
            String all = new String(file.readAllBytes(), StandardCharsets.UTF_8);
            for (String line : all.lines().toList()) {
                if (line.startsWith("= ")) {
                    section = line.substring(2);
                } else if (!line.isBlank() && !line.startsWith("--") && section.equals(wanted)) {
                    statements.add(line.substring(0, line.length() - 1));
                }
            }
        }
        return statements;
    }

    /** Text and prepared: tools send either. */
    @ParameterizedTest
    @ValueSource(strings = {"", "useServerPrepStmts=true"})
    void toolsSeeWhatMySqlShows(String parameters) throws SQLException {
        assertThat(same).hasSizeGreaterThan(50);
        twin.same(
                parameters,
                (connection, transcript) -> {
                    String schema = connection.getCatalog();
                    for (String sql : same) {
                        transcript.note(sql);
                        String named =
                                sql.replace("SCHEMA'", schema + "'")
                                        .replace("`SCHEMA`", "`" + schema + "`");
                        transcript.attempt(() -> {
                            if (parameters.isEmpty()) {
                                try (Statement statement = connection.createStatement()) {
                                    answer(statement, statement.execute(named), transcript);
                                }
                            } else {
                                try (var statement = connection.prepareStatement(named)) {
                                    answer(statement, statement.execute(), transcript);
                                }
                            }
                            return "done";
                        });
                    }
                });
    }

    private static void answer(Statement statement, boolean rows, Transcript transcript)
            throws SQLException {
        if (rows) {
            try (var result = statement.getResultSet()) {
                int columns = result.getMetaData().getColumnCount();
                for (int i = 1; i <= columns; i++) {
                    transcript.note(
                            result.getMetaData().getColumnLabel(i)
                                    + " "
                                    + result.getMetaData().getColumnTypeName(i));
                }
                while (result.next()) {
                    for (int i = 1; i <= columns; i++) {
                        transcript.note(moment(result.getString(i)));
                    }
                }
            }
        }
    }

    /** When a table was made is another moment on either side. */
    private static String moment(String value) {
        return value == null
                ? "null"
                : value.replaceAll("20\\d\\d-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d", "THEN");
    }

    @Test
    void theRestIsAnsweredForAnAccountWithRightsOnOneKeyspace() throws SQLException {
        try (Connection admin = twin.proxy().connectAsAdmin();
                Statement statement = admin.createStatement()) {
            statement.execute("SHARDWAY CREATE ACCOUNT tool IDENTIFIED BY 'tool'");
            statement.execute("SHARDWAY GRANT WRITE ON " + twin.keyspace() + ".* TO tool");
        }
        var failures = new ArrayList<String>();
        try (Connection connection =
                        java.sql.DriverManager.getConnection(twin.proxy().url(), "tool", "tool");
                Statement statement = connection.createStatement()) {
            var all = new ArrayList<>(runs);
            all.addAll(same);
            for (String sql : all) {
                String named =
                        sql.replace("SCHEMA'", twin.keyspace() + "'")
                                .replace("`SCHEMA`", "`" + twin.keyspace() + "`");
                try {
                    statement.execute(named);
                } catch (SQLException refused) {
                    failures.add(named + ": " + refused.getMessage());
                }
            }
        }
        assertThat(failures).isEmpty();
    }
}
