package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import com.mysql.cj.jdbc.StatementImpl;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One side of a comparison in which ids are drawn: they differ, so each is named by the order in
 * which it turns up. Confined to one thread.
 */
final class DrawnSide implements AutoCloseable {

    private final Connection connection;
    private final Map<Long, String> names = new HashMap<>();
    private final List<String> told = new ArrayList<>();
    private boolean firstKeyOnly;

    DrawnSide(Connection connection) {
        this.connection = connection;
    }

    Connection connection() {
        return connection;
    }

    List<String> told() {
        return told;
    }

    /** Further generated keys are inventions of the driver's. */
    void firstKeyOnly(boolean now) {
        firstKeyOnly = now;
    }

    String name(long id) {
        return id == 0 ? "0" : names.computeIfAbsent(id, _ -> "id" + (names.size() + 1));
    }

    void run(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            int count = statement.executeUpdate(sql, Statement.RETURN_GENERATED_KEYS);
            told.add(sql + " -> " + count + info(statement) + keys(statement) + after());
        } catch (SQLException refused) {
            told.add(sql + " -> error " + refused.getErrorCode() + after());
        }
    }

    /** Twice. */
    void run(String sql, Object... values) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(sql, Statement.RETURN_GENERATED_KEYS)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            assertThat(statement.getParameterMetaData().getParameterCount())
                    .isEqualTo(values.length);
            for (int time = 0; time < 2; time++) {
                try {
                    int count = statement.executeUpdate();
                    told.add(sql + " -> " + count + info(statement) + keys(statement) + after());
                } catch (SQLException refused) {
                    told.add(sql + " -> error " + refused.getErrorCode() + after());
                }
            }
        }
    }

    private static String info(Statement statement) throws SQLException {
        StatementImpl own = statement.unwrap(StatementImpl.class);
        return " '" + own.getResultSetInternal().getServerInfo() + "'";
    }

    String keys(Statement statement) throws SQLException {
        var keys = new ArrayList<String>();
        try (ResultSet rows = statement.getGeneratedKeys()) {
            while (rows.next() && (keys.isEmpty() || !firstKeyOnly)) {
                keys.add(name(rows.getLong(1)));
            }
        }
        return " keys " + keys;
    }

    /** What the session can be asked. */
    String after() throws SQLException {
        String last;
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT LAST_INSERT_ID(), ROW_COUNT()")) {
            row.next();
            last = " last " + name(row.getLong(1)) + " rows " + row.getInt(2);
        }
        return last;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
