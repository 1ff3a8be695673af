package io.shardway.proxy.reference;

import io.shardway.router.plan.ReferenceTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Triggers are not Shardway's to make in a sharded keyspace, but somebody may have made one on a
 * node. Stateless; blocks.
 */
final class CopyTriggers {

    private CopyTriggers() {}

    /** Why tables of a shard cannot be written the same everywhere, if so. */
    static Map<ReferenceTable, String> obstacles(Connection connection, Set<ReferenceTable> tables)
            throws SQLException {
        List<String> keyspaces = tables.stream().map(ReferenceTable::keyspace).distinct().toList();
        var found = new HashMap<ReferenceTable, String>();
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "SELECT EVENT_OBJECT_SCHEMA, EVENT_OBJECT_TABLE, TRIGGER_NAME"
                                + " FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA IN ("
                                + "?, ".repeat(keyspaces.size() - 1)
                                + "?)")) {
            for (int i = 0; i < keyspaces.size(); i++) {
                statement.setString(i + 1, keyspaces.get(i));
            }
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    var table = new ReferenceTable(rows.getString(1), rows.getString(2));
                    if (tables.contains(table)) {
                        found.put(table, obstacle(rows.getString(3)));
                    }
                }
            }
        }
        return Map.copyOf(found);
    }

    private static String obstacle(String trigger) {
        return "the table has a trigger, %s: what it does may differ between shards"
                .formatted(trigger);
    }
}
