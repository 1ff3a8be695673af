package io.shardway.cli.init;

import io.shardway.cli.HostPort;
import io.shardway.router.sql.QuotedName;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;

/** The MySQL account that makes serving accounts. Immutable; never prints its password. */
record OwnerLogin(String user, String password) {

    Connection connect(HostPort address) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:mysql://%s/?allowPublicKeyRetrieval=true&connectTimeout=5000"
                                .formatted(address)
                        + "&socketTimeout=30000",
                user,
                password);
    }

    NodeFacts factsOf(HostPort address, String keyspace) throws SQLException {
        try (Connection connection = connect(address)) {
            return facts(connection, keyspace);
        }
    }

    void createSchema(HostPort address, String keyspace) throws SQLException {
        try (Connection connection = connect(address);
                var statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE IF NOT EXISTS " + QuotedName.of(keyspace));
        }
    }

    private static NodeFacts facts(Connection connection, String keyspace) throws SQLException {
        var grants = new ArrayList<String>();
        try (var statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SHOW GRANTS")) {
            while (rows.next()) {
                grants.add(rows.getString(1));
            }
        }
        String select =
                """
                SELECT @@version, @@server_uuid, @@gtid_mode, @@log_bin, @@binlog_format,
                  @@read_only, @@lower_case_table_names,
                  (SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = ?)\
                """;
        try (var statement = connection.prepareStatement(select)) {
            statement.setString(1, keyspace);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return new NodeFacts(
                        row.getString(1),
                        row.getString(2),
                        row.getString(3),
                        row.getBoolean(4),
                        row.getString(5),
                        row.getBoolean(6),
                        row.getInt(7),
                        grants,
                        row.getInt(8));
            }
        }
    }

    @Override
    public String toString() {
        return "OwnerLogin[user=" + user + "]";
    }
}
