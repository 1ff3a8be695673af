package io.shardway.proxy.reference;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.shardway.router.plan.ReferenceTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The table on each shard that numbers the writes of its copies. Stateless; blocks. */
public final class CopyTable {

    /** Makes it; run by the owner account on every primary. */
    public static final List<String> DEFINITION =
            List.of(
                    "CREATE DATABASE IF NOT EXISTS shardway",
                    """
                    CREATE TABLE IF NOT EXISTS shardway.reference_copies (
                      keyspace_name VARBINARY(256) NOT NULL,
                      table_name VARBINARY(256) NOT NULL,
                      writes BIGINT UNSIGNED NOT NULL,
                      write_id VARBINARY(16) NOT NULL,
                      PRIMARY KEY (keyspace_name, table_name)
                    ) ENGINE = InnoDB
                    """);

    /** What a serving account may do with it. */
    public static final String GRANT =
            "GRANT SELECT, INSERT, UPDATE ON shardway.reference_copies TO ";

    private static final int UNKNOWN_TABLE = 1146;
    private static final int UNKNOWN_DATABASE = 1049;

    private CopyTable() {}

    private static Map<ReferenceTable, CopyNumber> read(Connection connection) throws SQLException {
        var numbers = new HashMap<ReferenceTable, CopyNumber>();
        try (Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT keyspace_name, table_name, writes, HEX(write_id)"
                                        + " FROM shardway.reference_copies")) {
            while (rows.next()) {
                var table =
                        new ReferenceTable(
                                new String(rows.getBytes(1), UTF_8),
                                new String(rows.getBytes(2), UTF_8));
                numbers.put(table, new CopyNumber(rows.getLong(3), rows.getString(4)));
            }
        }
        return numbers;
    }

    /** The numbers of all copies of a shard that were ever written. */
    static Map<ReferenceTable, CopyNumber> numbers(Connection connection) throws SQLException {
        try {
            return read(connection);
        } catch (SQLException failed) {
            if (failed.getErrorCode() != UNKNOWN_TABLE
                    && failed.getErrorCode() != UNKNOWN_DATABASE) {
                throw failed;
            }
            return Map.of(); // No proxy has made the table yet.
        }
    }

    /** Locks a copy's row to the end of the transaction, so that no write is under way. */
    static CopyNumber lock(Connection connection, ReferenceTable table) throws SQLException {
        run(
                connection,
                "INSERT INTO shardway.reference_copies VALUES (?, ?, 0, '')"
                        + " ON DUPLICATE KEY UPDATE writes = writes",
                table);
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "SELECT writes, HEX(write_id) FROM shardway.reference_copies"
                                + " WHERE keyspace_name = ? AND table_name = ? FOR UPDATE")) {
            name(statement, 1, table);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return new CopyNumber(row.getLong(1), row.getString(2));
            }
        }
    }

    /** The copy now has what the write of this number left. */
    static void set(Connection connection, ReferenceTable table, CopyNumber number)
            throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "UPDATE shardway.reference_copies SET writes = ?, write_id = UNHEX(?)"
                                + " WHERE keyspace_name = ? AND table_name = ?")) {
            statement.setLong(1, number.writes());
            statement.setString(2, number.writeId());
            name(statement, 3, table);
            statement.executeUpdate();
        }
    }

    private static void run(Connection connection, String sql, ReferenceTable table)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            name(statement, 1, table);
            statement.executeUpdate();
        }
    }

    private static void name(PreparedStatement statement, int at, ReferenceTable table)
            throws SQLException {
        statement.setBytes(at, table.keyspace().getBytes(UTF_8));
        statement.setBytes(at + 1, table.name().getBytes(UTF_8));
    }
}
