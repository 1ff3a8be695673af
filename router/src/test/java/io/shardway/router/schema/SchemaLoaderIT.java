package io.shardway.router.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shardway.cluster.TestCluster;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.BucketMap;
import io.shardway.router.keyspace.Epoch;
import io.shardway.router.keyspace.KeyType;
import io.shardway.router.keyspace.SchemaEpoch;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.topology.Keyspace;
import io.shardway.router.topology.Node;
import io.shardway.router.topology.NodeRole;
import io.shardway.router.topology.Shard;
import io.shardway.router.topology.TableEntry;
import io.shardway.router.topology.TableKind;
import io.shardway.router.topology.Topology;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SchemaLoaderIT {

    private static final String SCHEMA = "schema_loader_it";

    private final SchemaLoader loader = new SchemaLoader();
    private Connection connection;

    @BeforeEach
    void connect() throws SQLException {
        connection = TestCluster.shared().primary(1).connect();
        run("DROP DATABASE IF EXISTS " + SCHEMA);
        run("CREATE DATABASE " + SCHEMA);
        connection.setCatalog(SCHEMA);
        run(
                """
                CREATE TABLE users (
                  User_Id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
                  name VARCHAR(50) COLLATE utf8mb4_0900_ai_ci,
                  made TIMESTAMP NOT NULL DEFAULT (now()),
                  half BIGINT UNSIGNED AS (length(name) DIV 2) STORED NOT NULL)
                """);
        run("CREATE TABLE regions (code BINARY(2) NOT NULL PRIMARY KEY, data JSON)");
        run("CREATE TABLE unlisted (x DOUBLE)");
        run("CREATE VIEW looks AS SELECT * FROM regions");
    }

    @AfterEach
    void disconnect() throws SQLException {
        if (connection != null) {
            run("DROP DATABASE IF EXISTS " + SCHEMA);
            connection.close();
        }
    }

    @Test
    void readsTablesKeysAndColumnsInTheirOrder() throws SQLException {
        KeyspaceSchema schema = loader.load(connection, keyspace(1, users(), regions()));

        assertThat(schema.shardKey()).isEqualTo("user_id");
        assertThat(schema.tables().keySet()).containsExactlyInAnyOrder("users", "regions");
        TableSchema users = schema.tables().get("users");
        assertThat(users.key())
                .contains(new TableSchema.Key("User_Id", new KeyType.Integer(8, true)));
        assertThat(users.columns())
                .startsWith(
                        new ColumnSchema("User_Id", "bigint", "bigint unsigned", "", false, true),
                        new ColumnSchema(
                                "name",
                                "varchar",
                                "varchar(50)",
                                "utf8mb4_0900_ai_ci",
                                true,
                                false))
                .extracting(ColumnSchema::name)
                .containsExactly("User_Id", "name", "made", "half");
        assertThat(schema.tables().get("regions").key()).isEmpty();
    }

    @Test
    void setsAsideWhatTheNodeHasNotAndServesTheRest() throws SQLException {
        mismatch("absent does not exist", single("absent"));
        mismatch("looks is a VIEW", single("looks"));
        mismatch("no column user_id", sharded("unlisted", "user_id"));
        mismatch("generated column", sharded("users", "half"));
        mismatch("column name cannot be the shard key", sharded("users", "name"));
    }

    @Test
    void readsHundredsOfTablesWithOneQuery() throws SQLException {
        for (int i = 0; i < 300; i++) {
            run("CREATE TABLE t" + i + " (a INT, b INT) ENGINE=MEMORY");
        }
        var entries =
                Stream.iterate(0, i -> i < 300, i -> i + 1)
                        .map(i -> single("t" + i))
                        .toArray(TableEntry[]::new);
        assertThat(loader.load(connection, keyspace(1, entries)).tables()).hasSize(300);
    }

    @Test
    void takesUnchangedKeyspacesOverFromTheCatalogBefore() throws SQLException {
        var opened = new AtomicInteger();
        var catalogs =
                new CatalogLoader(_ -> {
                    opened.incrementAndGet();
                    return TestCluster.shared().primary(1).connect();
                });
        Catalog first = catalogs.load(topology(1, keyspace(1, users())), Optional.empty());
        assertThat(first.plain()).containsExactly("wiki");
        assertThat(first.has(SCHEMA)).isTrue();

        Catalog second = catalogs.load(topology(2, keyspace(1, users())), Optional.of(first));
        assertThat(second.epoch()).isEqualTo(new Epoch(2));
        assertThat(second.sharded().get(SCHEMA)).isSameAs(first.sharded().get(SCHEMA));
        assertThat(opened).hasValue(1);

        Catalog third =
                catalogs.load(topology(3, keyspace(3, users(), regions())), Optional.of(second));
        assertThat(third.sharded().get(SCHEMA).tables()).hasSize(2);
        assertThat(opened).hasValue(2);
    }

    @Test
    void saysWhichNodeCannotBeReached() {
        var catalogs =
                new CatalogLoader(_ -> {
                    throw new SQLException("refused");
                });
        assertThatThrownBy(() -> catalogs.load(topology(1, keyspace(1, users())), Optional.empty()))
                .isInstanceOfSatisfying(
                        ShardwayException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.BACKEND_UNAVAILABLE))
                .hasMessageContaining("s1-a");
    }

    private void mismatch(String detail, TableEntry entry) throws SQLException {
        KeyspaceSchema schema = loader.load(connection, keyspace(1, entry, regions()));
        assertThat(schema.tables()).containsOnlyKeys("regions");
        assertThat(schema.unusable()).containsOnlyKeys(entry.name());
        assertThat(schema.unusable().get(entry.name()).why()).contains(detail);
        assertThat(schema.names()).contains(entry.name());
    }

    @Test
    void readsAKeyspaceWithUnusableTablesAgain() throws SQLException {
        var catalogs = new CatalogLoader(_ -> TestCluster.shared().primary(1).connect());
        Topology topology = topology(1, keyspace(1, users(), single("later")));
        Catalog first = catalogs.load(topology, Optional.empty());
        assertThat(first.hasUnusable()).isTrue();
        run("CREATE TABLE later (a INT)");
        Catalog second = catalogs.load(topology, Optional.of(first));
        assertThat(second.hasUnusable()).isFalse();
        assertThat(second.sharded().get(SCHEMA).table("later")).isPresent();
    }

    private static Topology topology(long epoch, Keyspace keyspace) {
        var id = new ShardId("s1");
        var node = new Node("s1-a", NodeRole.PRIMARY, "127.0.0.1", 3306);
        var wiki = new Keyspace("wiki", Optional.empty(), 1, new SchemaEpoch(1), Map.of());
        return new Topology(
                new Epoch(epoch),
                Map.of(id, new Shard(id, 1, List.of(node))),
                id,
                BucketMap.even(List.of(id)),
                Map.of(keyspace.name(), keyspace, "wiki", wiki));
    }

    private static Keyspace keyspace(long schemaEpoch, TableEntry... tables) {
        return new Keyspace(
                SCHEMA,
                Optional.of("user_id"),
                64,
                new SchemaEpoch(schemaEpoch),
                Stream.of(tables).collect(Collectors.toMap(TableEntry::name, Function.identity())));
    }

    private static TableEntry users() {
        return sharded("users", "user_id");
    }

    private static TableEntry regions() {
        return new TableEntry("regions", TableKind.REFERENCE, Optional.empty());
    }

    private static TableEntry single(String name) {
        return new TableEntry(name, TableKind.SINGLE, Optional.empty());
    }

    private static TableEntry sharded(String name, String key) {
        return new TableEntry(name, TableKind.SHARDED, Optional.of(key));
    }

    private void run(String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
