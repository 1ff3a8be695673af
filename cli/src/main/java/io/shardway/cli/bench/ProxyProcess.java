package io.shardway.cli.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Starts {@code ./shardway proxy} as a process of its own, so that its CPU is its own. Stateless.
 */
final class ProxyProcess {

    private ProxyProcess() {}

    /** With the Java flags of {@code ./shardway proxy}, those of the user behind them. */
    static ChildProcess start(Path directory, Path config, int port, Optional<Path> profile)
            throws IOException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                flags(
                        ManagementFactory.getRuntimeMXBean().getInputArguments(),
                        Optional.ofNullable(System.getenv("SHARDWAY_JAVA_OPTS")).orElse("")));
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

    /**
     * The script gave this JVM its own flags and then those of the user; a proxy's heap differs.
     */
    static List<String> flags(List<String> ofThisJvm, String ofTheUser) {
        List<String> own =
                Stream.of(ofTheUser.split("\\s+")).filter(flag -> !flag.isEmpty()).toList();
        var flags = new ArrayList<String>();
        ofThisJvm.stream()
                .filter(flag -> Stream.of("-X", "-D", "--").anyMatch(flag::startsWith))
                .filter(flag -> !flag.startsWith("-Xms") && !flag.startsWith("-Xmx"))
                .filter(flag -> !own.contains(flag))
                .forEach(flags::add);
        flags.addAll(List.of("-Xms256m", "-Xmx1g"));
        flags.addAll(own);
        return flags;
    }
}
