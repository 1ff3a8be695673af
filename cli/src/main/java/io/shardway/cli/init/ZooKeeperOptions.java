package io.shardway.cli.init;

import io.shardway.router.topology.zookeeper.ZooKeeperClient;
import io.shardway.router.topology.zookeeper.ZooKeeperCredentials;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where the topology lies, and who may change it. Filled by picocli; one thread. */
final class ZooKeeperOptions {

    @Option(
            names = "--zookeeper",
            required = true,
            paramLabel = "HOST:PORT[,...]",
            description = "The ZooKeeper servers")
    private String servers = "";

    @Option(
            names = "--root",
            paramLabel = "PATH",
            description = "Where in ZooKeeper the cluster lies (default: /shardway)")
    private String root = "/shardway";

    @Option(
            names = "--zookeeper-user",
            paramLabel = "NAME",
            description = "For ZooKeeper's digest login; only it may then change the topology")
    private Optional<String> user = Optional.empty();

    String root() {
        return root;
    }

    ZooKeeperClient connect(Passwords passwords) {
        Optional<ZooKeeperCredentials> credentials =
                user.map(name ->
                        new ZooKeeperCredentials(
                                name, passwords.of(name, "SHARDWAY_PASSWORD_ZOOKEEPER")));
        return ZooKeeperAccess.open(servers, root, credentials);
    }
}
