package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Reads that go on although they were killed. */
@Timeout(120)
class DeafReadIT {

    /** Between the functions of one expression MySQL does not look whether it was killed. */
    private static final String SECONDS =
            "SELECT 'deaf'" + ", SHA2(REPEAT('a', 30000000), 512)".repeat(12);

    @Test
    void theLeaseOfAClientThatLeftIsFreed() throws Exception {
        try (TestProxy proxy = TestProxy.start(Map.of("backend.kill-timeout", "100ms"))) {
            var nodes = new NodeSide(proxy);
            long key = proxy.keyOn(1, 0);
            try (Connection connection = proxy.connect();
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE TABLE items (user_id BIGINT NOT NULL PRIMARY KEY)");
                statement.execute("INSERT INTO items VALUES (" + key + ")");
            }
            RawClient client = RawClient.connect(proxy);
            client.query(SECONDS + " FROM items WHERE user_id = " + key);
            long thread = nodes.awaitRunning(1, "SELECT ''deaf%");
            client.die();
            NodeSide.until("its lease is free", () -> nodes.pool(1).leased() == 0);
            assertThat(nodes.threadsRunning(1, "SELECT ''deaf%")).containsExactly(thread);
            nodes.awaitGone(1, thread);
        }
    }
}
