package io.shardway.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a client program that this machine may have, and gives back what it printed. Stateless. */
final class ChildClient {

    private static final long SECONDS_MAX = 60;

    private ChildClient() {}

    /** Skips the test, saying why, where the program is not installed. */
    static void assumeInstalled(String program, String debianPackage) {
        String path = System.getenv().getOrDefault("PATH", "");
        boolean found =
                List.of(path.split(File.pathSeparator)).stream()
                        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
        assumeTrue(found, program + " is not installed (apt install " + debianPackage + ")");
    }

    /** What it printed to both outputs; its exit code stands at the end if it is not 0. */
    static String run(List<String> command, String input) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (var to = process.getOutputStream()) {
            to.write(input.getBytes(UTF_8));
        }
        Thread killer =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
                                    process.destroyForcibly();
                                }
                            } catch (InterruptedException over) {
                                Thread.currentThread().interrupt();
                            }
                        });
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        int code = process.waitFor();
        killer.interrupt();
        return code == 0 ? output : output + "exit " + code;
    }
}
