package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class DropTableIT {

    private static TestProxy proxy;

    @BeforeAll
    static void start() {
        proxy = TestProxy.start();
    }

    @AfterAll
    static void stop() {
        proxy.close();
    }

    @Test
    void refusesToDropSingleTablesTogetherWithOthersBeforeAnyIsDropped() throws SQLException {
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE spread (user_id BIGINT PRIMARY KEY)");
            statement.execute("CREATE TABLE single (id INT PRIMARY KEY)");

            assertThatThrownBy(() -> statement.execute("DROP TABLE single, spread"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("SW-2006");

            assertThat(tables(statement)).containsExactly("single", "spread");
            statement.execute("DROP TABLE IF EXISTS single, spread");
            assertThat(tables(statement)).isEmpty();
        }
    }

    private static List<String> tables(Statement statement) throws SQLException {
        var names = new ArrayList<String>();
        try (ResultSet rows = statement.executeQuery("SHOW TABLES")) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        }
        return names;
    }
}
