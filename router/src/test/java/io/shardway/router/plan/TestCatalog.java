package io.shardway.router.plan;

import io.shardway.router.keyspace.Epoch;
import io.shardway.router.keyspace.KeyType;
import io.shardway.router.keyspace.SchemaEpoch;
import io.shardway.router.schema.Catalog;
import io.shardway.router.schema.ColumnSchema;
import io.shardway.router.schema.KeyspaceSchema;
import io.shardway.router.schema.TableSchema;
import io.shardway.router.topology.TableKind;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The keyspaces that the plan cases name: store and shop are sharded, blog is plain. */
final class TestCatalog {

    private static final KeyType BIGINT = new KeyType.Integer(8, false);

    private TestCatalog() {}

    static Catalog catalog() {
        var store =
                keyspace(
                        "store",
                        sharded("users", "user_id", BIGINT, "user_id+", "name", "email"),
                        sharded(
                                "orders",
                                "user_id",
                                BIGINT,
                                "order_id+",
                                "user_id",
                                "total",
                                "note",
                                "status"),
                        sharded(
                                "items",
                                "user_id",
                                BIGINT,
                                "item_id+",
                                "user_id",
                                "order_id",
                                "product_id",
                                "quantity"),
                        sharded("user_id", "user_id", BIGINT, "user_id", "value"),
                        sharded(
                                "notes",
                                "user_id",
                                new KeyType.Integer(4, true),
                                "user_id",
                                "body"),
                        sharded("sessions", "sid", new KeyType.Text(64), "sid", "data", "user_id"),
                        sharded("tokens", "token", new KeyType.Binary(16, true), "token", "data"),
                        table("products", TableKind.REFERENCE, "product_id", "title", "price"),
                        table("countries", TableKind.REFERENCE, "code", "name"),
                        table("settings", TableKind.SINGLE, "name", "value"),
                        table("audit", TableKind.SINGLE, "audit_id", "user_id", "what"));
        var shop =
                keyspace(
                        "shop",
                        sharded("orders", "user_id", BIGINT, "order_id", "user_id", "total"),
                        sharded("carts", "user_id", BIGINT, "cart_id", "user_id"));
        return new Catalog(new Epoch(7), Map.of("store", store, "shop", shop), Set.of("blog"));
    }

    private static KeyspaceSchema keyspace(String name, TableSchema... tables) {
        return new KeyspaceSchema(
                name,
                "user_id",
                new SchemaEpoch(3),
                Stream.of(tables)
                        .collect(Collectors.toMap(TableSchema::name, Function.identity())));
    }

    private static TableSchema sharded(String name, String key, KeyType type, String... columns) {
        return new TableSchema(
                name,
                TableKind.SHARDED,
                Optional.of(new TableSchema.Key(key, type)),
                columns(columns));
    }

    private static TableSchema table(String name, TableKind kind, String... columns) {
        return new TableSchema(name, kind, Optional.empty(), columns(columns));
    }

    private static List<ColumnSchema> columns(String... names) {
        return Arrays.stream(names)
                .map(name ->
                        new ColumnSchema(
                                name.replace("+", ""),
                                "bigint",
                                "bigint",
                                "",
                                false,
                                name.endsWith("+")))
                .toList();
    }
}
