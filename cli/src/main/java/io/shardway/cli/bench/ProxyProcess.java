package io.shardway.cli.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Starts {@code ./shardway proxy} as a process of its own, so that its CPU is its own. Stateless.
 */
final class ProxyProcess {

    private ProxyProcess() {}

    /** With the Java flags of this JVM, but a proxy's heap. */
    static ChildProcess start(Path directory, Path config, int port, Optional<Path> profile)
            throws IOException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flagsOfThisJvm());
        command.addAll(List.of("-Xms256m", "-Xmx1g"));
        profile.ifPresent(file ->
                command.add(
                        "-XX:StartFlightRecording=dumponexit=true,settings=profile,filename="
                                + file.toAbsolutePath()));
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(List.of("io.shardway.cli.Main", "proxy", "--config", config.toString()));
        var process = ChildProcess.start(Target.SHARDWAY, command, directory.resolve("proxy.log"));
        process.awaitPort(port);
        return process;
    }

    private static List<String> flagsOfThisJvm() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> flag.startsWith("-X") || flag.startsWith("--"))
                .filter(flag -> !flag.startsWith("-Xms") && !flag.startsWith("-Xmx"))
                .toList();
    }
}
