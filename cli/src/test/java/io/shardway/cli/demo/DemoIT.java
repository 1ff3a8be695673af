package io.shardway.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The demo as a newcomer runs it, in a process of its own. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class DemoIT {

    private static final Pattern SERVER =
            Pattern.compile("(?:ZooKeeper|s\\d-\\w) 127\\.0\\.0\\.1:(\\d+)");
    private static final Duration GONE_BOUND = Duration.ofSeconds(20);

    @TempDir private Path directory;
    private final List<Process> processes = new ArrayList<>();
    private final int port = freePort();

    @AfterEach
    void killWhatIsLeft() {
        processes.forEach(Process::destroyForcibly);
    }

    @Test
    void servesUntilTermAndStartsAgainWithKeptData() throws Exception {
        Path data = directory.resolve("kept");
        Path tables = directory.resolve("tables.sql");
        Files.writeString(
                tables,
                "CREATE TABLE IF NOT EXISTS users (user_id BIGINT PRIMARY KEY, name VARCHAR(9));");
        Started first = start("--replicas=0", "--data=" + data, "--tables=" + tables);
        try (var connection = DriverManager.getConnection(url(), "app", "app");
                var statement = connection.createStatement()) {
            statement.execute("INSERT INTO users VALUES (1, 'Ada')");
            statement.execute("INSERT INTO users VALUES (2, 'Linus')");
        }
        terminate(first);

        Started second = start("--replicas=0", "--data=" + data);
        assertThat(name(1)).isEqualTo("Ada");
        assertThat(name(2)).isEqualTo("Linus");
        terminate(second);
    }

    @Test
    void leavesNoServerBehindWhenItIsKilled() throws Exception {
        Started started = start("--shards=1", "--replicas=0");

        started.process().destroyForcibly().waitFor();

        awaitGone(started.ports());
    }

    @Test
    void namesFileLineAndReasonOfAWrongStatement() throws Exception {
        Path tables =
                Files.writeString(directory.resolve("bad.sql"), "SELECT 1;\n\nSELECT nothing;");
        Process process = launch("--shards=1", "--replicas=0", "--tables=" + tables);

        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).isEqualTo(2);
        assertThat(output).contains("bad.sql, line 3: Unknown column 'nothing'");
    }

    private record Started(Process process, List<Integer> ports) {}

    private Started start(String... options) throws IOException {
        Process process = launch(options);
        var ports = new ArrayList<Integer>();
        ports.add(port);
        var output = new StringBuilder();
        var reader =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            output.append(line).append('\n');
            SERVER.matcher(line)
                    .results()
                    .forEach(match -> ports.add(Integer.valueOf(match.group(1))));
            if (line.equals("Shardway is ready")) {
                return new Started(process, ports);
            }
        }
        throw new AssertionError("the demo ended:\n" + output);
    }

    private Process launch(String... options) throws IOException {
        var command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:+UseParallelGC",
                                "-Xmx512m",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "io.shardway.cli.Main",
                                "demo",
                                "--port=" + port));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        processes.add(process);
        return process;
    }

    private static void terminate(Started started) throws Exception {
        started.process().destroy();
        assertThat(started.process().waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(started.process().exitValue()).isEqualTo(143);
        awaitGone(started.ports());
    }

    private static void awaitGone(List<Integer> ports) throws InterruptedException {
        assertThat(ports).hasSizeGreaterThan(2);
        Instant deadline = Instant.now().plus(GONE_BOUND);
        for (int each : ports) {
            while (accepts(each)) {
                assertThat(Instant.now()).as("port %d still answers", each).isBefore(deadline);
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }
    }

    private static boolean accepts(int port) {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), 1_000);
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    private String name(int userId) throws SQLException {
        try (var connection = DriverManager.getConnection(url(), "app", "app");
                var statement =
                        connection.prepareStatement("SELECT name FROM users WHERE user_id = ?")) {
            statement.setInt(1, userId);
            try (ResultSet rows = statement.executeQuery()) {
                assertThat(rows.next()).isTrue();
                return rows.getString(1);
            }
        }
    }

    private String url() {
        return "jdbc:mysql://127.0.0.1:" + port + "/store";
    }

    private static int freePort() {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
