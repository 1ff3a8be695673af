package io.shardway.router.schema;

import io.shardway.router.topology.Keyspace;
import io.shardway.router.topology.TableEntry;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the tables of a sharded keyspace from a node's information_schema. Stateless, thread-safe;
 * blocks. One query per keyspace, however many tables there are. Tables on the node which the
 * topology does not list are left out; what the node has not as the topology says is unusable, and
 * the rest of the keyspace is served.
 */
public final class SchemaLoader {

    private static final int QUERY_TIMEOUT_SECONDS = 30;

    private static final String COLUMNS =
            """
            SELECT t.table_name, t.table_type, c.column_name, c.data_type, c.column_type,
                   c.collation_name, c.is_nullable, c.extra, t.table_comment
            FROM information_schema.tables t
            JOIN information_schema.columns c
              ON c.table_schema = t.table_schema AND c.table_name = t.table_name
            WHERE t.table_schema = ?
            ORDER BY t.table_name, c.ordinal_position
            """;

    private static final String VIEWS =
            """
            SELECT table_name, view_definition FROM information_schema.views WHERE table_schema = ?
            """;

    public KeyspaceSchema load(Connection connection, Keyspace keyspace) throws SQLException {
        String shardKey =
                keyspace.shardKey()
                        .orElseThrow(() ->
                                new IllegalArgumentException(
                                        keyspace.name() + " is a plain keyspace"));
        Map<String, Found> found = read(connection, keyspace.name());
        boolean views = keyspace.tables().values().stream().anyMatch(TableEntry::isView);
        Map<String, String> bodies = views ? bodies(connection, keyspace.name()) : Map.of();
        var tables = new HashMap<String, TableSchema>();
        var unusable = new HashMap<String, UnusableTable>();
        for (TableEntry entry : keyspace.tables().values()) {
            try {
                String body = bodies.getOrDefault(entry.name(), "");
                tables.put(entry.name(), check(keyspace, entry, found.get(entry.name()), body));
            } catch (Mismatch mismatch) {
                unusable.put(entry.name(), new UnusableTable(entry, mismatch.detail));
            }
        }
        return new KeyspaceSchema(
                keyspace.name(),
                shardKey,
                keyspace.schemaEpoch(),
                tables,
                unusable,
                keyspace.definition());
    }

    /** The node has not what the topology says; never leaves this class. */
    private static final class Mismatch extends RuntimeException {

        private final String detail;

        Mismatch(String detail) {
            super(detail, null, false, false);
            this.detail = detail;
        }
    }

    /** A table as the node has it. */
    private record Found(String type, String comment, List<ColumnSchema> columns) {}

    private static Map<String, Found> read(Connection connection, String schema)
            throws SQLException {
        var tables = new HashMap<String, Found>();
        try (var statement = connection.prepareStatement(COLUMNS)) {
            statement.setQueryTimeout(QUERY_TIMEOUT_SECONDS);
            statement.setString(1, schema);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    String type = rows.getString(2);
                    String comment = Optional.ofNullable(rows.getString(9)).orElse("");
                    Found table =
                            tables.computeIfAbsent(
                                    rows.getString(1),
                                    _ -> new Found(type, comment, new ArrayList<>()));
                    add(rows, table);
                }
            }
        }
        return tables;
    }

    private static void add(ResultSet row, Found table) throws SQLException {
        String name = row.getString(3);
        String extra = row.getString(8).toUpperCase(Locale.ROOT);
        // DEFAULT_GENERATED is something else: a default that is an expression.
        boolean generated =
                extra.contains("VIRTUAL GENERATED") || extra.contains("STORED GENERATED");
        table.columns()
                .add(
                        new ColumnSchema(
                                name,
                                row.getString(4),
                                row.getString(5),
                                Optional.ofNullable(row.getString(6)).orElse(""),
                                row.getString(7).equals("YES"),
                                extra.contains("AUTO_INCREMENT"),
                                generated));
    }

    /** Empty where MySQL does not tell it to this account. */
    private static Map<String, String> bodies(Connection connection, String schema)
            throws SQLException {
        var bodies = new HashMap<String, String>();
        try (var statement = connection.prepareStatement(VIEWS)) {
            statement.setQueryTimeout(QUERY_TIMEOUT_SECONDS);
            statement.setString(1, schema);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    bodies.put(
                            rows.getString(1), Optional.ofNullable(rows.getString(2)).orElse(""));
                }
            }
        }
        return bodies;
    }

    private static TableSchema check(
            Keyspace keyspace, TableEntry entry, @Nullable Found found, String body) {
        String table = keyspace.name() + "." + entry.name();
        if (found == null) {
            throw mismatch("table %s does not exist on the default shard".formatted(table));
        }
        String type = entry.isView() ? "VIEW" : "BASE TABLE";
        if (!found.type().equals(type)) {
            throw mismatch("%s is a %s, not a %s".formatted(table, found.type(), type));
        }
        Optional<TableSchema.Key> key = entry.shardKey().map(column -> keyOf(table, column, found));
        return new TableSchema(
                entry.name(),
                entry.kind(),
                key,
                found.columns(),
                entry.isView() ? TableDirectives.NONE : TableDirectives.of(found.comment()),
                entry.viewOf(),
                body);
    }

    private static TableSchema.Key keyOf(String table, String name, Found found) {
        ColumnSchema column =
                found.columns().stream()
                        .filter(each -> each.name().equalsIgnoreCase(name))
                        .findFirst()
                        .orElseThrow(() ->
                                mismatch(
                                        "table %s has no column %s, its shard key"
                                                .formatted(table, name)));
        if (column.generated()) {
            throw mismatch(
                    "the shard key %s of table %s is a generated column".formatted(name, table));
        }
        KeyTypes.Verdict verdict = KeyTypes.of(column);
        return verdict.type()
                .map(type -> new TableSchema.Key(column.name(), type))
                .orElseThrow(() ->
                        mismatch(
                                "column %s cannot be the shard key of table %s: %s"
                                        .formatted(name, table, verdict.refusal())));
    }

    private static Mismatch mismatch(String detail) {
        return new Mismatch(detail);
    }
}
