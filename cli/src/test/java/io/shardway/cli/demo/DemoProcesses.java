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
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** Starts demos in processes of their own, on a free port, and kills what is left of them. */
final class DemoProcesses implements AutoCloseable {

    private static final Pattern SERVER =
            Pattern.compile("(?:ZooKeeper|s\\d-\\w) 127\\.0\\.0\\.1:(\\d+)");
    private static final Duration GONE_BOUND = Duration.ofSeconds(20);

    private final List<Process> processes = new ArrayList<>();
    private final int port = freePort();

    @Override
    public void close() {
        processes.forEach(Process::destroyForcibly);
    }

    /** A demo that is ready, and the ports it serves. */
    record Started(Process process, List<Integer> ports) {}

    Started start(String... options) throws IOException {
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

    Process launch(String... options) throws IOException {
        var command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
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

    static void terminate(Started started) throws Exception {
        started.process().destroy();
        assertThat(started.process().waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(started.process().exitValue()).isEqualTo(143);
        awaitGone(started.ports());
    }

    static void awaitGone(List<Integer> ports) throws InterruptedException {
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

    String url() {
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
