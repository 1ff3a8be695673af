package io.shardway.cluster;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes nodes replicate from each other by GTID. Immutable.
 *
 * @param password of the replication account, which each node has for itself: what makes it is not
 *     in the binlog, so that nodes begin with equal, empty GTID sets
 */
record Replication(String password) {

    private static final String ACCOUNT = "'shardway_replication'@'localhost'";

    void setUp(MySqlNode primary, List<MySqlNode> replicas) throws SQLException {
        makeAccount(primary);
        for (MySqlNode replica : replicas) {
            makeAccount(replica);
            connect(replica, primary);
        }
    }

    private void makeAccount(MySqlNode node) throws SQLException {
        node.execute(
                "SET SESSION sql_log_bin = 0",
                "CREATE USER IF NOT EXISTS %s IDENTIFIED BY %s"
                        .formatted(ACCOUNT, SqlText.quoted(password)),
                "GRANT REPLICATION SLAVE ON *.* TO " + ACCOUNT);
    }

    /** Does nothing if the replica has a source already. */
    private void connect(MySqlNode replica, MySqlNode source) throws SQLException {
        if (!status(replica).isEmpty()) {
            return;
        }
        replica.execute(
                """
                CHANGE REPLICATION SOURCE TO SOURCE_HOST = '%s', SOURCE_PORT = %d,
                    SOURCE_USER = 'shardway_replication', SOURCE_PASSWORD = %s,
                    SOURCE_AUTO_POSITION = 1, GET_SOURCE_PUBLIC_KEY = 1,
                    SOURCE_CONNECT_RETRY = 1, SOURCE_HEARTBEAT_PERIOD = 1
                """
                        .formatted(source.host(), source.port(), SqlText.quoted(password)),
                "SET GLOBAL super_read_only = ON");
    }

    /** Starts it wherever a node has a source, which may listen on another port than before. */
    static void resume(List<MySqlNode> shard) throws SQLException {
        var portByUuid = new HashMap<String, Integer>();
        for (MySqlNode node : shard) {
            portByUuid.put(node.queryValue("SELECT @@server_uuid").orElseThrow(), node.port());
        }
        for (MySqlNode node : shard) {
            Map<String, String> status = status(node);
            if (status.isEmpty()) {
                continue;
            }
            Integer port = portByUuid.get(status.get("Source_UUID"));
            if (port != null && !status.get("Source_Port").equals(port.toString())) {
                node.execute("CHANGE REPLICATION SOURCE TO SOURCE_PORT = " + port);
            }
            node.execute("START REPLICA");
        }
    }

    /** Returns when a node that has a source follows it. */
    static void awaitRunning(MySqlNode node, Duration bound) throws SQLException {
        long deadline = System.nanoTime() + bound.toNanos();
        for (Map<String, String> status = status(node);
                !status.isEmpty() && !isRunning(status);
                status = status(node)) {
            if (System.nanoTime() - deadline > 0) {
                throw new ClusterProblem(
                        "Node %s does not replicate: %s%s"
                                .formatted(
                                        node.name(),
                                        status.get("Last_IO_Error"),
                                        status.get("Last_SQL_Error")));
            }
            Waiting.pause();
        }
    }

    private static boolean isRunning(Map<String, String> status) {
        return "Yes".equals(status.get("Replica_IO_Running"))
                && "Yes".equals(status.get("Replica_SQL_Running"));
    }

    /** The row of {@code SHOW REPLICA STATUS}; empty for a node without a source. */
    private static Map<String, String> status(MySqlNode node) throws SQLException {
        try (Connection connection = node.connect();
                var statement = connection.createStatement();
                var rows = statement.executeQuery("SHOW REPLICA STATUS")) {
            var status = new HashMap<String, String>();
            if (rows.next()) {
                for (int column = 1; column <= rows.getMetaData().getColumnCount(); column++) {
                    String value = rows.getString(column);
                    status.put(
                            rows.getMetaData().getColumnName(column), value == null ? "" : value);
                }
            }
            return status;
        }
    }
}
