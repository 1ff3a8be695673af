package io.shardway.router.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardway.router.ErrorCode;
import io.shardway.router.schema.Catalog;
import io.shardway.router.schema.KeyspaceSchema;
import io.shardway.router.schema.TableSchema;
import io.shardway.router.schema.UnusableTable;
import io.shardway.router.sql.Lexer;
import io.shardway.router.sql.SqlDialect;
import io.shardway.router.topology.OpenDefinition;
import io.shardway.router.topology.TableEntry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What statements may do with tables while a definition is under way or half done. */
class OpenDefinitionTest {

    private static final String NAMED = "INSERT INTO orders (user_id, total) VALUES (5, 1)";
    private static final String BARE = "INSERT INTO orders VALUES (1, 5, 1, 'n', 's')";
    private static final String READ = "SELECT total FROM orders WHERE user_id = 5";
    private static final String BY_VIEW = "SELECT total FROM shown WHERE user_id = 5";
    private static final String OTHER = "SELECT * FROM items WHERE user_id = 5";

    @Test
    void sparesAllButWritesByPositionWhileColumnsMove() {
        Catalog catalog = catalog(OpenDefinition.Use.NAMED_COLUMNS);
        assertThat(codeOf(BARE, catalog)).contains(ErrorCode.TABLE_BEING_DEFINED);
        assertThat(codeOf("REPLACE INTO orders VALUES (1, 5, 1, 'n', 's')", catalog))
                .contains(ErrorCode.TABLE_BEING_DEFINED);
        for (String sql : List.of(NAMED, READ, BY_VIEW, OTHER)) {
            assertThat(codeOf(sql, catalog)).as(sql).isEmpty();
        }
    }

    @Test
    void refusesToPutRowsOfSeveralShardsTogetherWhileColumnsMove() {
        Catalog catalog = catalog(OpenDefinition.Use.NAMED_COLUMNS);
        for (String sql :
                List.of(
                        "SELECT total FROM orders",
                        "TABLE orders",
                        "SELECT COUNT(*) FROM items WHERE user_id IN (SELECT user_id FROM orders)")) {
            assertThat(codeOf(sql, catalog)).as(sql).contains(ErrorCode.TABLE_BEING_DEFINED);
            assertThat(codeOf(sql, catalog(Optional.empty()))).as(sql).isEmpty();
        }
        assertThat(codeOf("SELECT COUNT(*) FROM items", catalog)).isEmpty();
    }

    @Test
    void refusesTheTableAndItsViewsWhileItIsHeld() {
        for (OpenDefinition.Use use :
                List.of(OpenDefinition.Use.NOTHING_YET, OpenDefinition.Use.NOTHING)) {
            ErrorCode code =
                    use == OpenDefinition.Use.NOTHING
                            ? ErrorCode.TABLE_HALF_DEFINED
                            : ErrorCode.TABLE_BEING_DEFINED;
            Catalog catalog = catalog(use);
            for (String sql :
                    List.of(
                            BARE,
                            NAMED,
                            READ,
                            BY_VIEW,
                            "SELECT 1 FROM items i JOIN orders o ON o.user_id = i.user_id"
                                    + " WHERE i.user_id = 5",
                            "DELETE FROM orders WHERE user_id = 5",
                            "ALTER TABLE orders ADD COLUMN x INT",
                            "TRUNCATE orders")) {
                assertThat(codeOf(sql, catalog)).as(use + " " + sql).contains(code);
            }
            assertThat(codeOf(OTHER, catalog)).isEmpty();
        }
    }

    @Test
    void setsAnUnusableTableAsideAndLetsItBeDropped() {
        KeyspaceSchema store = TestCatalog.catalog().sharded("store").orElseThrow();
        var tables = new HashMap<>(store.tables());
        TableEntry orders = tables.remove("orders").entry();
        var schema =
                new KeyspaceSchema(
                        "store",
                        "user_id",
                        store.epoch(),
                        tables,
                        Map.of("orders", new UnusableTable(orders, "it is gone")),
                        Optional.empty());
        Catalog catalog = of(schema);
        assertThat(codeOf(READ, catalog)).contains(ErrorCode.SCHEMA_MISMATCH);
        for (String again :
                List.of(
                        "CREATE TABLE orders (user_id BIGINT NOT NULL PRIMARY KEY)",
                        "CREATE TABLE IF NOT EXISTS orders LIKE items",
                        "CREATE OR REPLACE VIEW orders AS SELECT user_id FROM items")) {
            assertThat(codeOf(again, catalog)).as(again).contains(ErrorCode.SCHEMA_MISMATCH);
        }
        assertThat(codeOf("DROP TABLE orders", catalog)).isEmpty();
        assertThat(codeOf(OTHER, catalog)).isEmpty();
    }

    @Test
    void refusesToTakeATableAwayFromAView() {
        Catalog catalog = catalog(Optional.empty());
        for (String sql :
                List.of(
                        "DROP TABLE orders",
                        "DROP TABLE items, orders",
                        "RENAME TABLE orders TO x",
                        "ALTER TABLE orders RENAME TO x")) {
            assertThat(codeOf(sql, catalog)).as(sql).contains(ErrorCode.VIEW_DEPENDS);
        }
        assertThat(codeOf("UPDATE shown SET total = 1 WHERE user_id = 5", catalog))
                .contains(ErrorCode.NOT_OFFERED);
        assertThat(codeOf("INSERT INTO shown (user_id) VALUES (5)", catalog))
                .contains(ErrorCode.NOT_OFFERED);
        assertThat(codeOf("CREATE VIEW w AS SELECT user_id FROM shown", catalog))
                .contains(ErrorCode.VIEW_REFUSED);
        assertThat(codeOf("SELECT total FROM shown", catalog)).contains(ErrorCode.CROSS_SHARD_READ);
    }

    private static Catalog catalog(OpenDefinition.Use use) {
        return catalog(Optional.of(new OpenDefinition(4, Set.of("orders"), use)));
    }

    private static Catalog catalog(Optional<OpenDefinition> open) {
        KeyspaceSchema store = TestCatalog.catalog().sharded("store").orElseThrow();
        var tables = new HashMap<>(store.tables());
        TableSchema orders = tables.get("orders");
        tables.put(
                "shown",
                new TableSchema(
                        "shown",
                        orders.kind(),
                        orders.key(),
                        orders.columns(),
                        orders.directives(),
                        List.of("orders")));
        return of(new KeyspaceSchema("store", "user_id", store.epoch(), tables, Map.of(), open));
    }

    private static Catalog of(KeyspaceSchema store) {
        Catalog catalog = TestCatalog.catalog();
        return new Catalog(catalog.epoch(), Map.of("store", store), catalog.plain());
    }

    private static Optional<ErrorCode> codeOf(String sql, Catalog catalog) {
        Lexer literals = ScannedSql.of(sql, SqlDialect.DEFAULT);
        byte[] text = literals.text();
        Plan plan =
                new StatementPlanner()
                        .plan(text, 0, text.length, SqlDialect.DEFAULT, literals, "store", catalog)
                        .plan();
        return plan instanceof Plan.Rejected(var code, var _)
                ? Optional.of(code)
                : Optional.empty();
    }
}
