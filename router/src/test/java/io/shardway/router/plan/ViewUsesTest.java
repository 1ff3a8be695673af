package io.shardway.router.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardway.router.ErrorCode;
import io.shardway.router.schema.Catalog;
import io.shardway.router.schema.KeyspaceSchema;
import io.shardway.router.schema.TableSchema;
import io.shardway.router.schema.UnusableTable;
import io.shardway.router.sql.SqlDialect;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a statement needs of the tables that a view reads. */
class ViewUsesTest {

    private static final ReferenceTable COUNTRIES = new ReferenceTable("store", "countries");
    private static final ReferenceTable PRODUCTS = new ReferenceTable("store", "products");

    private final Map<String, TableSchema> tables =
            new HashMap<>(TestCatalog.catalog().sharded("store").orElseThrow().tables());

    ViewUsesTest() {
        view("bought", "orders", "orders", "products");
        view("lands", "countries", "countries");
        view("goods", "products", "products", "countries");
        view("prices", "settings", "settings", "products");
        view("limits", "settings", "settings");
    }

    /** With the kind and the columns of another table. */
    private void view(String name, String like, String... of) {
        TableSchema model = tables.get(like);
        tables.put(
                name,
                new TableSchema(
                        name,
                        model.kind(),
                        model.key(),
                        model.columns(),
                        model.directives(),
                        List.of(of)));
    }

    @Test
    void readsTheReferenceTablesBehindAView() {
        assertThat(references("SELECT total FROM bought WHERE user_id = 5"))
                .containsExactly(PRODUCTS);
        assertThat(references("SELECT * FROM lands")).containsExactly(COUNTRIES);
        assertThat(references("SELECT * FROM goods g JOIN countries c"))
                .containsExactlyInAnyOrder(PRODUCTS, COUNTRIES);
        assertThat(
                        references(
                                "SELECT 1 FROM users WHERE user_id = 5 AND email IN (SELECT code"
                                        + " FROM lands)"))
                .containsExactly(COUNTRIES);
        assertThat(references("INSERT INTO notes (user_id, body) SELECT 5, name FROM lands"))
                .containsExactly(COUNTRIES);
        assertThat(
                        references(
                                "UPDATE users u JOIN goods g SET u.name = g.title WHERE u.user_id ="
                                        + " 5"))
                .containsExactlyInAnyOrder(PRODUCTS, COUNTRIES);
        assertThat(references("SELECT * FROM countries")).containsExactly(COUNTRIES);
        assertThat(references("SELECT * FROM prices")).isEmpty();
        assertThat(references("SELECT total FROM orders WHERE user_id = 5")).isEmpty();
    }

    @Test
    void locksNoSingleCopyThroughAView() {
        assertThat(codeOf("SELECT total FROM bought WHERE user_id = 5 FOR UPDATE"))
                .contains(ErrorCode.REFERENCE_LOCK);
        assertThat(codeOf("SELECT 1 FROM users u JOIN lands WHERE user_id = 5 FOR UPDATE OF u"))
                .isEmpty();
        assertThat(codeOf("SELECT total FROM bought WHERE user_id = 5 FOR SHARE")).isEmpty();
    }

    @Test
    void writesNoSingleCopyThroughAView() {
        for (String sql :
                List.of(
                        "UPDATE bought SET total = 1 WHERE user_id = 5",
                        "UPDATE prices SET value = 1",
                        "INSERT INTO prices (name) VALUES (1)",
                        "DELETE FROM lands",
                        "UPDATE lands SET name = 'x'",
                        "REPLACE INTO lands (code, name) VALUES (1, 'x')")) {
            assertThat(codeOf(sql)).as(sql).contains(ErrorCode.NOT_OFFERED);
        }
        assertThat(codeOf("UPDATE limits SET value = 1")).isEmpty();
    }

    @Test
    void refusesAViewOfAnUnusableTable() {
        TableSchema countries = tables.remove("countries");
        var unusable = Map.of("countries", new UnusableTable(countries.entry(), "it is gone"));
        assertThat(plan("SELECT * FROM lands", unusable))
                .isEqualTo(new Plan.Rejected(ErrorCode.SCHEMA_MISMATCH, "it is gone"));
    }

    @Test
    void putsTheQueryOfAViewInItsPlace() {
        body("bought", "select `store`.`orders`.`total` AS `total` from `store`.`orders`");
        assertThat(whole("SELECT total FROM bought"))
                .isEqualTo(
                        "SELECT total FROM (select `store`.`orders`.`total` AS `total` from"
                                + " `store`.`orders`) AS `bought` (`order_id`, `user_id`, `total`,"
                                + " `note`, `status`)");
        assertThat(whole("SELECT b.total FROM bought AS b, (TABLE bought) c"))
                .contains(" `store`.`orders`) AS b (`order_id`", "( SELECT * FROM (select")
                .endsWith("`status`) ) c");
        assertThat(whole("WITH q AS (SELECT * FROM bought b) SELECT 1 FROM q JOIN q r"))
                .contains("`shardway_with_0` AS (SELECT * FROM (select")
                .endsWith("SELECT 1 FROM `shardway_with_0` AS `q` JOIN q r");
        assertThat(codeOf("SELECT store.bought.total FROM bought"))
                .contains(ErrorCode.CROSS_SHARD_READ);
        assertThat(codeOf("SELECT total FROM bought FOR SHARE"))
                .contains(ErrorCode.CROSS_SHARD_READ);
    }

    @Test
    void asksTheShardsForRowsOfAViewThatEachMakesByItself() {
        body("bought", "select `o`.`total` AS `total` from `orders` `o` where (`o`.`total` > 5)");
        assertThat(scatters("SELECT total FROM bought ORDER BY total")).isTrue();
        assertThat(scatters("SELECT total FROM bought WHERE NOW() > total")).isFalse();
        assertThat(scatters("SELECT DISTINCT total FROM bought")).isFalse();
        body("bought", "select (`o`.`total` + now()) AS `total` from `orders` `o`");
        assertThat(scatters("SELECT total FROM bought")).isFalse();
        body("bought", "select `o`.`total` AS `total` from `orders` `o` where (`o`.`note` = 'a')");
        assertThat(scatters("SELECT total FROM bought")).isFalse();
    }

    private void body(String view, String body) {
        TableSchema old = tables.get(view);
        tables.put(
                view,
                new TableSchema(
                        view,
                        old.kind(),
                        old.key(),
                        old.columns(),
                        old.directives(),
                        old.viewOf(),
                        body));
    }

    private boolean scatters(String sql) {
        return assembled(sql).scatter().isPresent();
    }

    private String whole(String sql) {
        byte[] text = sql.getBytes(StandardCharsets.UTF_8);
        var whole = assembled(sql).whole(text, SqlDialect.DEFAULT, ParameterValues.NONE);
        return new String(whole.text(), StandardCharsets.UTF_8).strip().replaceAll("\\s+", " ");
    }

    private Plan.Assemble assembled(String sql) {
        return (Plan.Assemble) plan(sql, Map.of());
    }

    private Set<ReferenceTable> references(String sql) {
        return switch (plan(sql, Map.of())) {
            case Plan.Keyed(var _, var _, var traits, var _) -> traits.references();
            case Plan.AnyShard(var _, var traits) -> traits.references();
            case Plan.OnDefaultShard(var _, var traits) -> traits.references();
            case Plan other -> throw new AssertionError(sql + ": " + other);
        };
    }

    private Optional<ErrorCode> codeOf(String sql) {
        return plan(sql, Map.of()) instanceof Plan.Rejected(var code, var _)
                ? Optional.of(code)
                : Optional.empty();
    }

    private Plan plan(String sql, Map<String, UnusableTable> unusable) {
        Catalog catalog = TestCatalog.catalog();
        var store =
                new KeyspaceSchema(
                        "store",
                        "user_id",
                        catalog.sharded("store").orElseThrow().epoch(),
                        tables,
                        unusable,
                        Optional.empty());
        var literals = ScannedSql.of(sql, SqlDialect.DEFAULT);
        byte[] text = literals.text();
        return new StatementPlanner()
                .plan(
                        text,
                        0,
                        text.length,
                        SqlDialect.DEFAULT,
                        literals,
                        "store",
                        new Catalog(catalog.epoch(), Map.of("store", store), catalog.plain()))
                .plan();
    }
}
