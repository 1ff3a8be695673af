package io.shardway.router.topology.zookeeper;

import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The lasting nodes that everything hangs under, and the version of their format. Thread-safe.
 *
 * <p>The version changes whenever an older Shardway would misread or spoil what is stored.
 */
final class Layout {

    private static final String FORMAT_VERSION = "4";

    private final Nodes nodes;
    private final Paths paths;

    Layout(Nodes nodes, Paths paths) {
        this.nodes = nodes;
        this.paths = paths;
    }

    /** Whether there is anything; throws when it is of another version. */
    boolean check() throws Exception {
        Optional<Nodes.Stored> format = nodes.read(paths.format());
        if (format.isEmpty()) {
            return false;
        }
        String version = new String(format.get().data(), StandardCharsets.UTF_8);
        if (!version.equals(FORMAT_VERSION)) {
            throw new ShardwayException(
                    ErrorCode.TOPOLOGY_FORMAT,
                    "%s says version %s, this Shardway knows version %s"
                            .formatted(paths.format(), version, FORMAT_VERSION));
        }
        return true;
    }

    /** Makes what is missing. */
    void ensure() throws Exception {
        nodes.ensure(paths.format(), FORMAT_VERSION);
        check();
        nodes.ensure(paths.keyspaces(), "");
        nodes.ensure(paths.proxies(), "");
        nodes.ensure(paths.definitions(), "");
        nodes.ensure(paths.definitionLocks(), "");
    }
}
