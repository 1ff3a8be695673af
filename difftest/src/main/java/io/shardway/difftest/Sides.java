package io.shardway.difftest;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * A session on MySQL and one on Shardway that do the same, opened again when one is lost. Confined
 * to one thread.
 */
final class Sides implements AutoCloseable {

    private static final String ROWS =
            "SELECT user_id, seq, QUOTE(n), QUOTE(name), QUOTE(d), QUOTE(e) FROM items ORDER BY"
                    + " user_id, seq";

    private static final String SELECT = "SELECT ";

    private final Site site;
    private final boolean prepared;
    private Connection direct;
    private Connection proxied;

    private Sides(Site site, boolean prepared) throws SQLException {
        this.site = site;
        this.prepared = prepared;
        this.direct = openDirect();
        this.proxied = openProxied();
    }

    static Sides open(Site site, boolean prepared) throws SQLException {
        return new Sides(site, prepared);
    }

    private Connection openDirect() throws SQLException {
        return ready(site.direct(parameters()));
    }

    private Connection openProxied() throws SQLException {
        Connection connection = ready(site.proxied(parameters()));
        run(connection, "SHARDWAY SET transaction_mode = best_effort");
        return connection;
    }

    /** Numbers of affected rows are those that were changed, as the mysql client counts them. */
    private String parameters() {
        return "useAffectedRows=true&socketTimeout=60000&useServerPrepStmts=" + prepared;
    }

    private static Connection ready(Connection connection) throws SQLException {
        run(connection, "SET max_execution_time = 3000");
        run(connection, "SET innodb_lock_wait_timeout = 5");
        return connection;
    }

    Answer ofMySql(String statement) {
        return Answer.of(direct, site.schema(), statement, prepared);
    }

    Answer ofShardway(String statement) {
        return Answer.of(proxied, site.keyspace(), statement, prepared);
    }

    /**
     * In other ways: without semijoins, with temporary tables and sorted instead, and as text what
     * was prepared with a WITH query.
     */
    List<Answer> ofMySqlOtherwise(String statement) {
        try {
            run(direct, "SET optimizer_switch = 'semijoin=off'");
            var answers = new ArrayList<>(List.of(ofMySql(statement)));
            run(direct, "SET optimizer_switch = DEFAULT");
            if (statement.startsWith(SELECT)) {
                String rest = statement.substring(SELECT.length());
                for (String how :
                        List.of("SQL_BUFFER_RESULT ", "SQL_BIG_RESULT ", "SQL_SMALL_RESULT ")) {
                    answers.add(ofMySql(SELECT + how + rest));
                }
            }
            if (prepared && statement.startsWith("WITH ")) {
                answers.add(Answer.of(direct, site.schema(), statement, false));
            }
            return answers;
        } catch (SQLException lost) {
            throw new IllegalStateException("MySQL itself is lost", lost);
        }
    }

    /** Ends what the sessions have open, and opens again what was lost. */
    void reset() throws SQLException {
        if (!direct.isValid(10)) {
            direct.close();
            direct = openDirect();
        }
        if (!proxied.isValid(10)) {
            proxied.close();
            proxied = openProxied();
        }
        for (Connection connection : List.of(direct, proxied)) {
            run(connection, "ROLLBACK");
            run(connection, "SET autocommit = 1");
            run(
                    connection,
                    "SET sql_mode = DEFAULT, time_zone = DEFAULT, collation_connection ="
                            + " utf8mb4_0900_ai_ci");
        }
    }

    /** The rows that are written, as each side has them now. */
    String itemsOfMySql() throws SQLException {
        return items(direct).toString();
    }

    String itemsOfShardway() throws SQLException {
        return items(proxied).toString();
    }

    private static List<String> items(Connection connection) throws SQLException {
        var rows = new ArrayList<String>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(ROWS)) {
            while (result.next()) {
                var row = new ArrayList<String>();
                for (int column = 1; column <= result.getMetaData().getColumnCount(); column++) {
                    row.add(result.getString(column));
                }
                rows.add("(" + String.join(", ", row) + ")");
            }
        }
        return rows;
    }

    /** Rows that {@link #restore} brings back. */
    List<String> snapshot() throws SQLException {
        return items(direct);
    }

    void restore(List<String> snapshot) throws SQLException {
        for (Connection connection : List.of(direct, proxied)) {
            run(connection, "SET autocommit = 1");
            run(connection, "SET sql_mode = ''"); // The empty member of an ENUM.
            run(connection, "DELETE FROM items");
            if (!snapshot.isEmpty()) {
                run(
                        connection,
                        "INSERT INTO items (user_id, seq, n, name, d, e) VALUES "
                                + String.join(", ", snapshot));
            }
        }
    }

    static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() throws SQLException {
        try (Connection one = direct;
                Connection two = proxied) {
            one.clearWarnings();
            two.clearWarnings();
        }
    }
}
