package io.shardway.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MySqlNodeIT {

    private static final Duration BOUND = Duration.ofSeconds(30);

    private final MySqlBinaries binaries = MySqlBinaries.find(System.err::println);

    @TempDir Path directory;

    @Test
    void keepsItsDataWhenItIsKilled() throws Exception {
        // A path that leaves no room for a socket's name, of which 107 bytes are allowed.
        Path deep = directory.resolve("a-deep-directory-".repeat(8)).resolve("node");
        try (var node = MySqlNode.start(binaries, options(deep))) {
            int port = node.port();
            node.execute("CREATE TABLE mysql.kept (n INT)", "INSERT INTO mysql.kept VALUES (42)");
            node.kill();
            assertThat(node.isRunning()).isFalse();
            node.start();
            assertThat(node.port()).isEqualTo(port);
            assertThat(node.queryValue("SELECT n FROM mysql.kept")).contains("42");
            wakesUpFromBeingSuspended(node);
            knowsOnlyItsPassword(node);
            refusesAPortThatIsTaken(node);
        }
    }

    private static void wakesUpFromBeingSuspended(MySqlNode node) throws SQLException {
        node.suspend();
        String impatient = node.jdbcUrl("") + "&connectTimeout=300&socketTimeout=300";
        assertThatThrownBy(() -> DriverManager.getConnection(impatient, "root", "it's secret"))
                .isInstanceOf(SQLException.class);
        node.resume();
        assertThat(node.queryValue("SELECT 1")).contains("1");
    }

    private static void knowsOnlyItsPassword(MySqlNode node) {
        assertThatThrownBy(() -> DriverManager.getConnection(node.jdbcUrl(""), "root", ""))
                .hasMessageContaining("Access denied");
    }

    private void refusesAPortThatIsTaken(MySqlNode running) {
        var options = options(directory.resolve("second")).withPort(running.port());
        assertThatThrownBy(() -> MySqlNode.start(binaries, options))
                .isInstanceOfSatisfying(
                        ClusterProblem.class,
                        problem -> {
                            assertThat(problem.sentence()).contains("Port " + running.port());
                            assertThat(problem.remedy()).isPresent();
                        });
    }

    @Test
    void aFailedStartShowsTheEndOfTheLog() throws Exception {
        var options =
                options(directory.resolve("failing"))
                        .withExtraArguments(List.of("--no-such-option=1"));
        assertThatThrownBy(() -> MySqlNode.start(binaries, options))
                .isInstanceOf(ClusterProblem.class)
                .hasMessageContaining("no-such-option");
        assertThat(runningIn(directory.resolve("failing"))).isEmpty();
    }

    @Test
    void endsWhenItsJvmIsKilled() throws Exception {
        Path place = directory.resolve("orphan");
        Process jvm =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                NodeInAnotherJvm.class.getName(),
                                place.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (var answer = jvm.inputReader()) {
            long pid = Long.parseLong(answer.readLine());
            assertThat(runningIn(place)).contains(pid);
            jvm.destroyForcibly(); // SIGKILL: no shutdown hook runs.
            Waiting.until("the orphan to end", BOUND, () -> runningIn(place).isEmpty());
        } finally {
            jvm.destroyForcibly();
        }
    }

    @Test
    void anotherProgramOnItsPortIsNotTakenForTheNode() throws Exception {
        try (var other = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            var options = options(directory.resolve("third")).withPort(other.getLocalPort());
            assertThatThrownBy(() -> MySqlNode.start(binaries, options))
                    .isInstanceOf(ClusterProblem.class)
                    .hasMessageContaining("taken");
        }
    }

    private static NodeOptions options(Path place) {
        return NodeOptions.of("s1-a", place, "it's secret");
    }

    /** Any process, the supervising shell too, that names the directory. */
    private static Optional<Long> runningIn(Path place) {
        return ProcessHandle.allProcesses()
                .filter(each -> commandLine(each).contains("--datadir=" + place))
                .filter(each -> !commandLine(each).startsWith("/bin/sh"))
                .map(ProcessHandle::pid)
                .findFirst();
    }

    private static String commandLine(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"));
        } catch (IOException e) {
            return "";
        }
    }
}
