package io.shardway.cluster;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A server process that never outlives this JVM, not even one that was killed. Thread-safe.
 *
 * <p>Between the two stands a small shell. It reads signal names from a pipe that this JVM holds
 * open, and sends them to the server. When the pipe closes, for whatever reason, it ends the
 * server: with TERM, and seconds later with KILL. Ctrl-C in a terminal reaches the shell too; it
 * waits for the JVM to decide.
 */
final class ChildProcess {

    private static final String SUPERVISOR =
            """
            exec 3<&0
            trap : INT TERM HUP
            log=$1; shift
            "$@" </dev/null 3<&- >>"$log" 2>&1 &
            server=$!
            echo $server
            exec >/dev/null 2>&1
            (
              trap '' INT TERM HUP
              while read -r signal <&3; do kill -"$signal" $server; done
              kill -TERM $server; kill -CONT $server
              for tenth in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 \
                  21 22 23 24 25 26 27 28 29 30; do
                kill -0 $server || exit
                sleep 0.1
              done
              kill -KILL $server
            ) &
            guard=$!
            wait $server; code=$?
            while kill -0 $server; do wait $server; code=$?; done
            kill -KILL $guard
            exit $code
            """;

    private final Process supervisor;
    private final OutputStream signals;
    private final long pid;

    private ChildProcess(Process supervisor, long pid) {
        this.supervisor = supervisor;
        this.signals = supervisor.getOutputStream();
        this.pid = pid;
    }

    /** Starts the command, whose output goes to the end of the log file. */
    static ChildProcess start(List<String> command, Map<String, String> environment, Path log) {
        var supervised = new ArrayList<>(List.of("/bin/sh", "-c", SUPERVISOR, "supervisor"));
        supervised.add(log.toString());
        supervised.addAll(command);
        var builder = new ProcessBuilder(supervised);
        builder.environment().putAll(environment);
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        try {
            Process supervisor = builder.start();
            try (var answer = supervisor.inputReader(StandardCharsets.UTF_8)) {
                String pid = answer.readLine();
                if (pid == null) {
                    throw new IOException("the shell that starts servers ended at once");
                }
                return new ChildProcess(supervisor, Long.parseLong(pid));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The server's own process id, not the shell's. */
    long pid() {
        return pid;
    }

    boolean isAlive() {
        return supervisor.isAlive();
    }

    /** Asks it to end and, when the bound has passed, makes it. */
    void stop(Duration bound) {
        askToEnd();
        if (!awaitExit(bound)) {
            kill();
        }
    }

    void askToEnd() {
        signal("CONT"); // A suspended process would not hear anything else.
        signal("TERM");
    }

    /** Ends it as a power cut would, but for what the operating system has not yet written. */
    void kill() {
        signal("KILL");
        if (!awaitExit(Duration.ofSeconds(30))) {
            throw new IllegalStateException("process " + pid + " survived being killed");
        }
    }

    void suspend() {
        signal("STOP");
        awaitState('T');
    }

    void resume() {
        signal("CONT");
        awaitState('S');
    }

    private synchronized void signal(String name) {
        try {
            signals.write((name + "\n").getBytes(StandardCharsets.US_ASCII));
            signals.flush();
        } catch (IOException e) {
            // The shell has ended, and it does so only after the server.
        }
    }

    private boolean awaitExit(Duration bound) {
        try {
            return supervisor.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return !supervisor.isAlive();
        }
    }

    private void awaitState(char wanted) {
        Waiting.until(
                "process " + pid + " in state " + wanted,
                Duration.ofSeconds(10),
                () -> {
                    char state = state();
                    // Awake is also who runs or waits for the disk.
                    return wanted == 'T' ? state == 'T' : state != 'T';
                });
    }

    /** The letter behind the closing parenthesis of the name, see proc(5). */
    private char state() {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2);
        } catch (IOException e) {
            throw new IllegalStateException("process " + pid + " is gone", e);
        }
    }
}
