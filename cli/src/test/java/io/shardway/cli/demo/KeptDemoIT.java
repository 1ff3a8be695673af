package io.shardway.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The demo as a newcomer runs it, in a process of its own, with data it keeps. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class KeptDemoIT {

    @TempDir private Path directory;
    @AutoClose private final DemoProcesses demos = new DemoProcesses();

    @Test
    void servesUntilTermAndStartsAgainWithKeptData() throws Exception {
        Path data = directory.resolve("kept");
        Path tables = directory.resolve("tables.sql");
        Files.writeString(
                tables,
                "CREATE TABLE IF NOT EXISTS users (user_id BIGINT PRIMARY KEY, name VARCHAR(9));");
        DemoProcesses.Started first =
                demos.start("--replicas=0", "--data=" + data, "--tables=" + tables);
        try (var connection = DriverManager.getConnection(demos.url(), "app", "app");
                var statement = connection.createStatement()) {
            statement.execute("INSERT INTO users VALUES (1, 'Ada')");
            statement.execute("INSERT INTO users VALUES (2, 'Linus')");
        }
        DemoProcesses.terminate(first);

        DemoProcesses.Started second = demos.start("--replicas=0", "--data=" + data);
        assertThat(name(1)).isEqualTo("Ada");
        assertThat(name(2)).isEqualTo("Linus");
        DemoProcesses.terminate(second);
    }

    private String name(int userId) throws SQLException {
        try (var connection = DriverManager.getConnection(demos.url(), "app", "app");
                var statement =
                        connection.prepareStatement("SELECT name FROM users WHERE user_id = ?")) {
            statement.setInt(1, userId);
            try (ResultSet rows = statement.executeQuery()) {
                assertThat(rows.next()).isTrue();
                return rows.getString(1);
            }
        }
    }
}
