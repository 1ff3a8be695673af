package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardway.cluster.LocalCluster;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Keys while the primary of the default shard, where they come from, is away. */
class SequenceAwayIT {

    private static final Map<String, String> SETTINGS =
            Map.of(
                    "sequence.block-size",
                    "2",
                    "sequence.acquire-timeout",
                    "500ms",
                    "backend.acquire-timeout",
                    "1s",
                    "backend.connect-timeout",
                    "1s",
                    "backend.fenced-hold-max",
                    "2s");

    @Test
    void saysThatNoKeyCanBeDrawnAndRecovers() throws SQLException {
        try (LocalCluster cluster = LocalCluster.builder().shards(2).replicas(0).start();
                TestProxy proxy = TestProxy.start(cluster, SETTINGS);
                // Else the driver asks the default shard whether it may write.
                Connection connection = proxy.connect("useLocalSessionState=true");
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE users (user_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,"
                            + " n INT)");
            statement.execute("INSERT INTO users (n) VALUES (1)");
            cluster.primary(1).kill();
            NodeSide.until("no key is left", () -> outcome(statement).contains("SW-4031"));
            long given = proxy.keyOn(2, 0);
            assertThat(given % 64).isNotZero();
            statement.execute("INSERT INTO users (user_id, n) VALUES (" + given + ", 2)");
            cluster.primary(1).start();
            NodeSide.until("keys are drawn again", () -> outcome(statement).equals("1"));
        }
    }

    private static String outcome(Statement statement) {
        try {
            return Integer.toString(statement.executeUpdate("INSERT INTO users (n) VALUES (3)"));
        } catch (SQLException refused) {
            return String.valueOf(refused.getMessage());
        }
    }
}
