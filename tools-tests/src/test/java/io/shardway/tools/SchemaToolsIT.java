package io.shardway.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shardway.proxy.TestProxy;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.ForeignKey;
import jakarta.persistence.Id;
import jakarta.persistence.Index;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.MapsId;
import jakarta.persistence.OneToOne;
import jakarta.persistence.Table;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import liquibase.Contexts;
import liquibase.Liquibase;
import liquibase.database.jvm.JdbcConnection;
import liquibase.resource.DirectoryResourceAccessor;
import org.flywaydb.core.Flyway;
import org.hibernate.SessionFactory;
import org.hibernate.cfg.Configuration;
import org.hibernate.tool.schema.spi.SchemaManagementException;
import org.jooq.codegen.GenerationTool;
import org.jooq.meta.jaxb.Database;
import org.jooq.meta.jaxb.Generator;
import org.jooq.meta.jaxb.Jdbc;
import org.jooq.meta.jaxb.Target;
import org.jooq.meta.mysql.MySQLDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tools that make and check schemas, unchanged, on a sharded keyspace, with an account that has
 * WRITE on it and nothing else.
 */
@Timeout(180)
class SchemaToolsIT {

    private static final String USER = "builder";

    private static TestProxy proxy;

    @TempDir private Path directory;

    @BeforeAll
    static void start() throws SQLException {
        proxy = TestProxy.start();
        try (Connection admin = proxy.connectAsAdmin();
                Statement statement = admin.createStatement()) {
            statement.execute("SHARDWAY CREATE ACCOUNT %s IDENTIFIED BY 'pw'".formatted(USER));
            statement.execute(
                    "SHARDWAY GRANT WRITE ON %s.* TO %s".formatted(proxy.keyspace(), USER));
        }
    }

    @AfterAll
    static void stop() {
        if (proxy != null) {
            proxy.close();
        }
    }

    private static Connection connect() throws SQLException {
        return DriverManager.getConnection(proxy.url(), USER, "pw");
    }

    private static String first(String sql) throws SQLException {
        try (Connection connection = connect()) {
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery(sql)) {
                assertThat(row.next()).isTrue();
                return row.getString(1);
            }
        }
    }

    // ---- Hibernate

    private static SessionFactory hibernate(String action, Class<?>... entities) {
        var configuration = new Configuration();
        configuration.setProperty("hibernate.connection.url", proxy.url());
        configuration.setProperty("hibernate.connection.username", USER);
        configuration.setProperty("hibernate.connection.password", "pw");
        configuration.setProperty("hibernate.hbm2ddl.auto", action);
        configuration.setProperty("hibernate.hbm2ddl.halt_on_error", "true");
        for (Class<?> entity : entities) {
            configuration.addAnnotatedClass(entity);
        }
        return configuration.buildSessionFactory();
    }

    @Test
    void hibernateMakesItsSchemaUsesItAndValidatesIt() throws SQLException {
        try (SessionFactory factory =
                hibernate("create", Shop.Customer.class, Shop.Purchase.class)) {
            Long ada =
                    factory.fromTransaction(session -> {
                        var customer = new Shop.Customer();
                        customer.name = "Ada";
                        customer.active = true;
                        session.persist(customer);
                        return customer.id;
                    });
            assertThat(ada).isPositive();
            factory.inTransaction(session -> {
                for (int number = 0; number < 3; number++) {
                    var purchase = new Shop.Purchase();
                    purchase.customer = ada;
                    purchase.number = number;
                    purchase.price = new BigDecimal("12.50");
                    session.persist(purchase);
                }
            });
            factory.inTransaction(session -> {
                assertThat(
                                session.createSelectionQuery(
                                                "from Purchase p where p.customer = :who order by p.number",
                                                Shop.Purchase.class)
                                        .setParameter("who", ada)
                                        .list())
                        .hasSize(3);
                session.find(Shop.Purchase.class, new Shop.PurchaseId(ada, 1)).price =
                        BigDecimal.TEN;
            });
        }
        try (SessionFactory factory =
                hibernate("validate", Shop.Customer.class, Shop.Purchase.class)) {
            assertThat(factory.isOpen()).isTrue();
        }
        assertThat(
                        first(
                                "SELECT kind FROM (SELECT TABLE_COMMENT AS kind FROM information_schema.TABLES WHERE TABLE_NAME = 'purchases') t"))
                .isEmpty();
    }

    /** The same table with a column more. */
    @Entity(name = "Wrong")
    @Table(name = "customers_wrong")
    static class Wrong {
        @Id
        @Column(name = "user_id")
        private Long id;

        private String missing;
    }

    @Test
    void hibernateFindsWhatIsMissing() throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE customers_wrong (user_id BIGINT NOT NULL PRIMARY KEY)");
        }
        assertThatThrownBy(() -> hibernate("validate", Wrong.class).close())
                .isInstanceOf(SchemaManagementException.class)
                .hasMessageContaining("missing column [missing] in table [customers_wrong]");
    }

    /** A table that is there with fewer columns, and without the index. */
    @Entity(name = "Grown")
    @Table(name = "grown", indexes = @Index(name = "grown_by_name", columnList = "name, user_id"))
    static class Grown {
        @Id
        @Column(name = "user_id")
        private Long id;

        @Column(length = 80)
        private String name;

        private Integer points;
    }

    /** A table that is not there, of the same key. */
    @Entity(name = "Extra")
    @Table(name = "grown_extras")
    static class Extra {
        @Id
        @Column(name = "user_id")
        private Long id;

        @MapsId
        @OneToOne
        @JoinColumn(name = "user_id", foreignKey = @ForeignKey(name = "extra_of"))
        private Grown grown;

        private String text;
    }

    @Test
    void hibernateUpdatesWhatIsThere() throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE grown (user_id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(80))");
            for (int shard = 1; shard <= 2; shard++) {
                statement.execute(
                        "INSERT INTO grown VALUES (%d, 'Ada')".formatted(proxy.keyOn(shard, 0)));
            }
        }
        hibernate("update", Grown.class, Extra.class).close();
        long definitions = definitions();
        assertThat(definitions).isGreaterThan(1);
        hibernate("update", Grown.class, Extra.class).close();
        assertThat(definitions()).as("a second update finds nothing to do").isEqualTo(definitions);

        try (SessionFactory factory = hibernate("validate", Grown.class, Extra.class)) {
            for (int shard = 1; shard <= 2; shard++) {
                long key = proxy.keyOn(shard, 0);
                factory.inTransaction(session -> {
                    Grown grown = session.find(Grown.class, key);
                    assertThat(grown.name).isEqualTo("Ada");
                    assertThat(grown.points).isNull();
                    grown.points = 3;
                    var extra = new Extra();
                    extra.grown = grown;
                    extra.text = "more";
                    session.persist(extra);
                });
                assertThat(first("SELECT points FROM grown WHERE user_id = " + key)).isEqualTo("3");
                assertThat(indexesAndKeys(shard)).containsExactly("extra_of", "grown_by_name");
            }
        }
    }

    private static long definitions() throws SQLException {
        try (Connection admin = proxy.connectAsAdmin();
                Statement statement = admin.createStatement()) {
            statement.execute("SHARDWAY SHOW DDL");
            long ofGrown = 0;
            try (ResultSet rows = statement.getResultSet()) {
                while (rows.next()) {
                    assertThat(rows.getString("state")).isEqualTo("done");
                    ofGrown += rows.getString("statement").contains("grown") ? 1 : 0;
                }
            }
            return ofGrown;
        }
    }

    private static List<String> indexesAndKeys(int shard) throws SQLException {
        var names = new ArrayList<String>();
        try (Connection node = proxy.onShard(shard);
                Statement statement = node.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT constraint_name FROM information_schema.referential_constraints"
                                        + " WHERE constraint_schema = DATABASE()"
                                        + " AND table_name = 'grown_extras'"
                                        + " UNION SELECT index_name FROM information_schema.statistics"
                                        + " WHERE table_schema = DATABASE() AND table_name = 'grown'"
                                        + " AND index_name <> 'PRIMARY' ORDER BY 1")) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        }
        return names;
    }

    // ---- jOOQ

    @Test
    void jooqGeneratesItsClasses() throws Exception {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE jooq_orders (user_id BIGINT NOT NULL, number INT UNSIGNED NOT NULL,"
                            + " kind ENUM('gift', 'usual') NOT NULL COMMENT 'how', price DECIMAL(10, 2),"
                            + " PRIMARY KEY (user_id, number), KEY by_kind (kind)) COMMENT 'what was bought'");
        }
        var database =
                new Database()
                        .withName(MySQLDatabase.class.getName())
                        .withInputSchema(proxy.keyspace())
                        .withIncludes("jooq_.*");
        var target =
                new Target()
                        .withPackageName("generated")
                        .withDirectory(directory.resolve("jooq").toString());
        GenerationTool.generate(
                new org.jooq.meta.jaxb.Configuration()
                        .withJdbc(new Jdbc().withUrl(proxy.url()).withUser(USER).withPassword("pw"))
                        .withGenerator(new Generator().withDatabase(database).withTarget(target)));
        Path generated = directory.resolve("jooq/generated");
        assertThat(Files.readString(generated.resolve("tables/JooqOrders.java")))
                .contains(
                        "what was bought",
                        "USER_ID = createField(DSL.name(\"user_id\"), SQLDataType.BIGINT.nullable(false)",
                        "SQLDataType.DECIMAL(10, 2)");
        assertThat(generated.resolve("enums/JooqOrdersKind.java")).content().contains("gift");
        assertThat(generated.resolve("Keys.java"))
                .content()
                .contains("JooqOrders.JOOQ_ORDERS.USER_ID, JooqOrders.JOOQ_ORDERS.NUMBER");
        assertThat(generated.resolve("Indexes.java")).content().contains("by_kind");
    }

    // ---- Flyway

    private Flyway flyway(Path scripts) {
        return Flyway.configure()
                .dataSource(proxy.url(), USER, "pw")
                .locations("filesystem:" + scripts)
                .baselineOnMigrate(true)
                .baselineVersion("0")
                .load();
    }

    @Test
    void flywayMigratesOnceHoweverManyStart() throws Exception {
        Path scripts = Files.createDirectories(directory.resolve("flyway"));
        Files.writeString(
                scripts.resolve("V1__accounts.sql"),
                """
                CREATE TABLE fly_accounts (
                  user_id BIGINT NOT NULL PRIMARY KEY, -- the shard key
                  name VARCHAR(80) NOT NULL DEFAULT 'it''s; nobody'
                );
                """);
        Files.writeString(
                scripts.resolve("V2__countries.sql"),
                """
                CREATE TABLE fly_settings (name VARCHAR(40) PRIMARY KEY, value INT);
                INSERT INTO fly_settings VALUES ('a', 1), ('b', 2);
                """);
        // Flyway notes a migration in the transaction that it makes of a file, on the default
        // shard;
        // rows of sharded tables need a file that says so.
        Files.writeString(
                scripts.resolve("V3__first_account.sql"),
                "INSERT INTO fly_accounts (user_id) VALUES (7);");
        Files.writeString(
                scripts.resolve("V3__first_account.sql.conf"), "executeInTransaction=false");
        try (var threads = Executors.newFixedThreadPool(3)) {
            Callable<Integer> migrate = () -> flyway(scripts).migrate().migrationsExecuted;
            int executed = 0;
            for (var each : threads.invokeAll(List.of(migrate, migrate, migrate))) {
                executed += each.get();
            }
            assertThat(executed).isEqualTo(3);
        }
        assertThat(first("SELECT COUNT(*) FROM fly_settings")).isEqualTo("2");
        assertThat(first("SELECT name FROM fly_accounts WHERE user_id = 7"))
                .isEqualTo("it's; nobody");
        flyway(scripts).validate();
        assertThat(flyway(scripts).migrate().migrationsExecuted).isZero();
        assertThat(flyway(scripts).info().current().getVersion().getVersion()).isEqualTo("3");
    }

    // ---- Liquibase

    /**
     * @param context Liquibase remembers in its own JVM what was up to date in which context
     */
    private static void liquibase(Path scripts, String context) throws Exception {
        try (Connection connection = connect();
                var liquibase =
                        new Liquibase(
                                "changelog.sql",
                                new DirectoryResourceAccessor(scripts),
                                new JdbcConnection(connection))) {
            liquibase.update(new Contexts(context));
        }
    }

    @Test
    void liquibaseRunsItsChangeSetsOnce() throws Exception {
        Path scripts = Files.createDirectories(directory.resolve("liquibase"));
        writeChangeLog(scripts, "");
        liquibase(scripts, "first");
        liquibase(scripts, "again");
        writeChangeLog(
                scripts,
                """
                --changeset ada:3
                INSERT INTO liqui_settings VALUES ('b', 2);
                """);
        liquibase(scripts, "more");
        assertThat(first("SELECT COUNT(*) FROM liqui_settings")).isEqualTo("2");
        assertThat(first("SELECT COUNT(*) FROM DATABASECHANGELOG")).isEqualTo("3");
        assertThat(first("SELECT LOCKED FROM DATABASECHANGELOGLOCK WHERE ID = 1")).isEqualTo("0");
    }

    private static void writeChangeLog(Path scripts, String more) throws IOException {
        Files.writeString(
                scripts.resolve("changelog.sql"),
                """
                --liquibase formatted sql
                --changeset ada:1
                CREATE TABLE liqui_accounts (user_id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(80));
                --changeset ada:2
                CREATE TABLE liqui_settings (name VARCHAR(40) PRIMARY KEY, value INT);
                INSERT INTO liqui_settings VALUES ('a', 1);
                """
                        + more);
    }
}
