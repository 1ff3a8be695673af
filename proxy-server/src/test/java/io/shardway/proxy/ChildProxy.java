package io.shardway.proxy;

import io.shardway.proxy.settings.ProxySettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** A proxy in a JVM of its own, which a test can stop with signals. It ends with the test's JVM. */
final class ChildProxy implements AutoCloseable {

    private static final String PASSWORD = "OWNER_PASSWORD";

    /**
     * For one that will be killed, so that it is missed soon. Shorter, and a busy machine would
     * make it look gone before its time.
     */
    static final Map<String, String> MISSED_SOON = Map.of("zookeeper.session-timeout", "4s");

    private final Process process;
    private final int number;
    private final int port;
    private final BufferedReader out;

    private ChildProxy(Process process, BufferedReader out, int number, int port) {
        this.process = process;
        this.out = out;
        this.number = number;
        this.port = port;
    }

    /** On a test's keyspace, by its settings and these; missed soon when it is killed. */
    static ChildProxy startMissedSoon(TestProxy beside, Map<String, String> settings)
            throws IOException {
        var all = new HashMap<>(MISSED_SOON);
        all.putAll(settings);
        return start(beside.settingsOf(all), beside.cluster().rootPassword());
    }

    static ChildProxy start(Map<String, String> settings, String ownerPassword) throws IOException {
        var command =
                new ArrayList<String>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx256m",
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Main.class.getName()));
        settings.forEach((key, value) -> command.add(key + "=" + value));
        var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put(PASSWORD, ownerPassword);
        Process process = builder.start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith("child-proxy ")) {
                String[] words = line.split(" ");
                return new ChildProxy(
                        process, out, Integer.parseInt(words[1]), Integer.parseInt(words[2]));
            }
        }
        throw new IOException("the proxy did not start");
    }

    int number() {
        return number;
    }

    int port() {
        return port;
    }

    /** Waits until a definition has come to the moment it was started to stop at. */
    void awaitStopped() throws IOException {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith("child-proxy stopped ")) {
                return;
            }
        }
        throw new IOException("the proxy ended");
    }

    /** Lets the definition that was stopped go on. */
    void goOn() throws IOException {
        process.outputWriter().write('\n');
        process.outputWriter().flush();
    }

    void suspend() throws Exception {
        signal("STOP");
        NodeSide.until("the proxy is stopped", () -> state() == 'T');
    }

    void resume() throws Exception {
        signal("CONT");
        NodeSide.until("the proxy runs", () -> state() != 'T');
    }

    private char state() throws IOException {
        String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
        return stat.charAt(stat.lastIndexOf(')') + 2);
    }

    private void signal(String name) throws Exception {
        new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start().waitFor();
    }

    @Override
    public void close() {
        kill();
    }

    /** Ends it at once (SIGKILL). */
    void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /**
     * Starts a proxy with the settings given as {@code key=value}; ends when its input does. With
     * {@code stop.at=<moment>} the first definition that comes to that moment waits there for a
     * line of input.
     */
    static final class Main {

        private Main() {}

        public static void main(String[] arguments) throws IOException {
            var values = new HashMap<String, String>();
            for (String argument : arguments) {
                int equals = argument.indexOf('=');
                values.put(argument.substring(0, equals), argument.substring(equals + 1));
            }
            String stopAt = values.getOrDefault("stop.at", "");
            values.remove("stop.at");
            var stops = new AtomicInteger();
            var goOn = new Semaphore(0);
            var proxy =
                    ShardwayProxy.start(
                            ProxySettings.load(Optional.empty(), System.getenv(), values),
                            moment -> {
                                if (moment.equals(stopAt) && stops.getAndIncrement() == 0) {
                                    System.out.println("child-proxy stopped " + moment);
                                    goOn.acquireUninterruptibly();
                                }
                            });
            System.out.println("child-proxy " + proxy.number() + " " + proxy.port());
            while (System.in.read() >= 0) {
                goOn.release();
            }
            Runtime.getRuntime().halt(0);
        }
    }
}
