package io.shardway.cluster;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * How one MySQL node is run. Immutable; each {@code with…} method returns a copy.
 *
 * @param name for messages, such as {@code s1-a}
 * @param directory holds the node's data and log; made if it is not there
 * @param port 0 for any free one, which a restart of the node keeps
 * @param serverId unique among nodes that replicate from each other
 * @param rootPassword of {@code root@localhost}, set when the data directory is made
 * @param performanceSchema costs memory and start time, so it is off unless a test reads it
 * @param localInfile whether {@code LOAD DATA LOCAL} is allowed
 * @param startTimeout how long a start may take until it counts as failed
 * @param extraArguments for mysqld, behind all others, so that they win
 */
public record NodeOptions(
        String name,
        Path directory,
        int port,
        int serverId,
        String rootPassword,
        boolean performanceSchema,
        boolean localInfile,
        Duration startTimeout,
        List<String> extraArguments) {

    public static final Duration DEFAULT_START_TIMEOUT = Duration.ofSeconds(90);

    public NodeOptions {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("a port is 0 to 65535, not " + port);
        }
        if (serverId < 1) {
            throw new IllegalArgumentException("a server id is at least 1, not " + serverId);
        }
        directory = directory.toAbsolutePath();
        extraArguments = List.copyOf(extraArguments);
    }

    /** A node on a free port with server id 1, without performance schema and LOCAL INFILE. */
    public static NodeOptions of(String name, Path directory, String rootPassword) {
        return new NodeOptions(
                name,
                directory,
                0,
                1,
                rootPassword,
                false,
                false,
                DEFAULT_START_TIMEOUT,
                List.of());
    }

    public NodeOptions withPort(int newPort) {
        return new NodeOptions(
                name,
                directory,
                newPort,
                serverId,
                rootPassword,
                performanceSchema,
                localInfile,
                startTimeout,
                extraArguments);
    }

    public NodeOptions withServerId(int newServerId) {
        return new NodeOptions(
                name,
                directory,
                port,
                newServerId,
                rootPassword,
                performanceSchema,
                localInfile,
                startTimeout,
                extraArguments);
    }

    public NodeOptions withPerformanceSchema(boolean on) {
        return new NodeOptions(
                name,
                directory,
                port,
                serverId,
                rootPassword,
                on,
                localInfile,
                startTimeout,
                extraArguments);
    }

    public NodeOptions withLocalInfile(boolean allowed) {
        return new NodeOptions(
                name,
                directory,
                port,
                serverId,
                rootPassword,
                performanceSchema,
                allowed,
                startTimeout,
                extraArguments);
    }

    public NodeOptions withExtraArguments(List<String> newExtraArguments) {
        return new NodeOptions(
                name,
                directory,
                port,
                serverId,
                rootPassword,
                performanceSchema,
                localInfile,
                startTimeout,
                newExtraArguments);
    }

    /** Does not show the password. */
    @Override
    public String toString() {
        return "NodeOptions[%s in %s, port %d, server id %d]"
                .formatted(name, directory, port, serverId);
    }
}
