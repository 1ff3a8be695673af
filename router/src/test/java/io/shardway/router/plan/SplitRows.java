package io.shardway.router.plan;

import io.shardway.cluster.MySqlNode;
import io.shardway.cluster.TestCluster;
import io.shardway.router.keyspace.Bucket;
import io.shardway.router.keyspace.Epoch;
import io.shardway.router.keyspace.SchemaEpoch;
import io.shardway.router.schema.Catalog;
import io.shardway.router.schema.SchemaLoader;
import io.shardway.router.topology.Keyspace;
import io.shardway.router.topology.TableEntry;
import io.shardway.router.topology.TableKind;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The same awkward rows twice: all of them in one database, and each key's in the database of its
 * owner, of which there are two. The first owner is the default shard. Confined to one thread.
 */
final class SplitRows implements AutoCloseable {

    static final int OWNERS = 2;

    private static final List<String> NUMBERS =
            List.of(
                    "42",
                    "42",
                    "7",
                    "43",
                    "41",
                    "-42",
                    "0",
                    "1",
                    "9007199254740992",
                    "9007199254740993",
                    "9223372036854775807",
                    "-9223372036854775808");
    private static final List<String> TEXTS = List.of("a", "a ", "A", "", "42", "042", "ß", "a\\");
    private static final List<TableEntry> TABLES =
            List.of(
                    sharded("users", "user_id"),
                    sharded("orders", "user_id"),
                    sharded("items", "user_id"),
                    sharded("sessions", "sid"),
                    new TableEntry("products", TableKind.REFERENCE, Optional.empty()),
                    new TableEntry("audit", TableKind.SINGLE, Optional.empty()));

    private final Random random;
    private final String keyspace = TestCluster.freshDatabase();
    private final Connection whole;
    private final List<String> databases = new ArrayList<>(List.of(keyspace));
    private final List<Connection> owners = new ArrayList<>();

    SplitRows(Random random) throws SQLException {
        this.random = random;
        MySqlNode node = TestCluster.shared().primary(1);
        whole = node.connect(keyspace);
        for (int owner = 0; owner < OWNERS; owner++) {
            databases.add(TestCluster.freshDatabase());
            owners.add(node.connect(databases.getLast()));
        }
        for (Connection connection : connections()) {
            run(connection, "SET NAMES utf8mb4", "SET SESSION max_execution_time = 2000");
            createTables(connection);
        }
        fill();
    }

    String keyspace() {
        return keyspace;
    }

    /** As a proxy has it: read from the server. */
    Catalog catalog() throws SQLException {
        Map<String, TableEntry> tables =
                TABLES.stream().collect(Collectors.toMap(TableEntry::name, Function.identity()));
        var schema =
                new SchemaLoader()
                        .load(
                                whole,
                                new Keyspace(
                                        keyspace,
                                        Optional.of("user_id"),
                                        Keyspace.DEFAULT_ID_STRIDE,
                                        new SchemaEpoch(1),
                                        tables));
        return new Catalog(new Epoch(1), Map.of(keyspace, schema), Set.of());
    }

    Connection whole() {
        return whole;
    }

    Connection ownerOf(int bucket) {
        return owners.get(bucket % OWNERS);
    }

    private List<Connection> connections() {
        return Stream.concat(Stream.of(whole), owners.stream()).toList();
    }

    private static TableEntry sharded(String name, String key) {
        return new TableEntry(name, TableKind.SHARDED, Optional.of(key));
    }

    private static void createTables(Connection connection) throws SQLException {
        String others = ", x INT, y INT, name VARCHAR(9)) COLLATE utf8mb4_0900_bin";
        for (String table : List.of("users", "orders", "items")) {
            run(
                    connection,
                    "CREATE TABLE " + table + " (user_id BIGINT NOT NULL, KEY (user_id)" + others);
        }
        run(
                connection,
                "CREATE TABLE sessions (sid VARCHAR(8) NOT NULL, KEY (sid)" + others,
                "CREATE TABLE products (id BIGINT NOT NULL, KEY (id)" + others,
                "CREATE TABLE audit (user_id BIGINT, KEY (user_id)" + others);
    }

    private void fill() throws SQLException {
        for (String number : NUMBERS) {
            for (String table : List.of("users", "orders", "items")) {
                insert(table, number, ownersOf(number));
            }
        }
        for (String text : TEXTS) {
            insert("sessions", "'" + text.replace("\\", "\\\\") + "'", ownersOf(text));
        }
        for (String number : List.of("42", "1", "2")) {
            insert("products", number, owners);
            insert("audit", number, owners.subList(0, 1));
        }
    }

    private List<Connection> ownersOf(String key) {
        return List.of(ownerOf(Bucket.of(key.getBytes(StandardCharsets.UTF_8)).number()));
    }

    /** Up to three rows of one key. */
    private void insert(String table, String key, List<Connection> owning) throws SQLException {
        for (int rows = random.nextInt(4); rows > 0; rows--) {
            String insert =
                    "INSERT INTO %s VALUES (%s, %s, %s, %s)"
                            .formatted(
                                    table,
                                    key,
                                    pick("NULL", "0", "1", "2", "42"),
                                    pick("NULL", "0", "-1", "42"),
                                    pick("NULL", "''", "'a'", "'a '", "'A'", "'42'"));
            run(whole, insert);
            for (Connection owner : owning) {
                run(owner, insert);
            }
        }
    }

    private String pick(String... texts) {
        return texts[random.nextInt(texts.length)];
    }

    private static void run(Connection connection, String... statements) throws SQLException {
        try (var statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    @Override
    public void close() throws SQLException {
        for (Connection connection : connections()) {
            connection.close();
        }
        TestCluster.drop(databases.toArray(String[]::new));
    }
}
