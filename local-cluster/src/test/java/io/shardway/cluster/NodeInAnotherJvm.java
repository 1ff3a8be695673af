package io.shardway.cluster;

import java.io.IOException;
import java.nio.file.Path;

/** Starts a node, says its process id and port, and waits to be killed. */
final class NodeInAnotherJvm {

    private NodeInAnotherJvm() {}

    public static void main(String[] arguments) throws IOException {
        MySqlNode node =
                MySqlNode.start(
                        MySqlBinaries.find(System.err::println),
                        NodeOptions.of("other", Path.of(arguments[0]), "secret"));
        System.out.println(node.pid());
        System.out.flush();
        System.in.read();
    }
}
