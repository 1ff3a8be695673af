package io.shardway.cli.bench;

import io.shardway.cli.UserProblem;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A server started beside the benchmark; it ends with it, also when the benchmark is interrupted.
 * Thread-safe.
 */
final class ChildProcess implements AutoCloseable {

    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(20);

    private final String name;
    private final Process process;
    private final Path log;
    private final Thread hook;

    private ChildProcess(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
        this.hook = new Thread(process::destroy, "stop-" + name);
    }

    static ChildProcess start(String name, List<String> command, Path log) throws IOException {
        var process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        process.getOutputStream().close();
        var child = new ChildProcess(name, process, log);
        Runtime.getRuntime().addShutdownHook(child.hook);
        return child;
    }

    long pid() {
        return process.pid();
    }

    List<Target.WatchedProcess> watchedBefore(List<Target.WatchedProcess> behind) {
        var watched = new ArrayList<Target.WatchedProcess>();
        watched.add(new Target.WatchedProcess(name, pid()));
        watched.addAll(behind);
        return watched;
    }

    /** Waits until something accepts connections there. */
    void awaitPort(int port) throws IOException {
        Instant deadline = Instant.now().plus(START_TIMEOUT);
        while (!accepts(port)) {
            if (!process.isAlive() || Instant.now().isAfter(deadline)) {
                throw new UserProblem(
                        "%s did not start:%n%s".formatted(name, Files.readString(log)));
            }
            pause();
        }
    }

    private static boolean accepts(int port) {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    private static void pause() {
        try {
            Thread.sleep(50);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new UserProblem("the start was interrupted");
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (InterruptedException _) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        } catch (IllegalStateException _) {
            // The JVM is stopping: the hook runs anyway.
        }
    }
}
