package io.shardway.cli.init;

import io.shardway.cli.HostPort;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Looks at every node before anything is changed. One thread. */
final class NodeCheck {

    private final OwnerLogin owner;
    private final String keyspace;
    private final List<String> problems = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private final Map<String, String> nodeByServerUuid = new HashMap<>();

    NodeCheck(OwnerLogin owner, String keyspace) {
        this.owner = owner;
        this.keyspace = keyspace;
    }

    void check(ShardSpec shard) {
        for (int i = 0; i < shard.addresses().size(); i++) {
            HostPort address = shard.addresses().get(i);
            String node = "%s (%s)".formatted(shard.nodeName(i), address);
            try {
                judge(node, owner.factsOf(address, keyspace), i == 0);
            } catch (SQLException e) {
                problems.add(
                        "%s cannot be used as '%s': %s".formatted(node, owner.user(), reason(e)));
            }
        }
    }

    private void judge(String node, NodeFacts facts, boolean primary) {
        facts.problems(primary).forEach(each -> problems.add(node + " " + each));
        facts.warnings(primary, keyspace).forEach(each -> warnings.add(node + " " + each));
        String twin = nodeByServerUuid.putIfAbsent(facts.serverUuid(), node);
        if (twin != null) {
            problems.add(node + " is the same server as " + twin);
        }
    }

    private static String reason(SQLException failure) {
        String message = String.valueOf(failure.getMessage()).strip();
        return message.startsWith("Communications link failure")
                ? "nothing answers there"
                : message.lines().findFirst().orElse("unknown");
    }

    List<String> problems() {
        return List.copyOf(problems);
    }

    List<String> warnings() {
        return List.copyOf(warnings);
    }
}
