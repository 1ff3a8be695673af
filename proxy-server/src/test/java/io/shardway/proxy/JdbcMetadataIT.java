package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What DatabaseMetaData tells of a keyspace. */
@Timeout(60)
class JdbcMetadataIT {

    private static Twin twin;

    private interface Query {
        ResultSet of(DatabaseMetaData meta, String catalog) throws SQLException;
    }

    private static final List<Query> QUERIES =
            List.of(
                    (meta, catalog) ->
                            meta.getTables(catalog, null, "%", new String[] {"TABLE", "VIEW"}),
                    (meta, catalog) -> meta.getTables(catalog, null, "ord%", null),
                    (meta, catalog) -> meta.getColumns(catalog, null, "orders", "%"),
                    (meta, catalog) -> meta.getColumns(catalog, null, "%", "user\\_id"),
                    (meta, catalog) -> meta.getPrimaryKeys(catalog, null, "orders"),
                    (meta, catalog) -> meta.getIndexInfo(catalog, null, "orders", false, true),
                    (meta, catalog) -> meta.getImportedKeys(catalog, null, "orders"),
                    (meta, catalog) -> meta.getExportedKeys(catalog, null, "users"),
                    (meta, catalog) ->
                            meta.getBestRowIdentifier(
                                    catalog, null, "users", DatabaseMetaData.bestRowSession, true),
                    (meta, catalog) -> meta.getVersionColumns(catalog, null, "users"),
                    (meta, catalog) -> meta.getProcedures(catalog, null, "%"),
                    (meta, catalog) -> meta.getProcedureColumns(catalog, null, "%", "%"),
                    (meta, catalog) -> meta.getFunctions(catalog, null, "%"),
                    (meta, catalog) -> meta.getFunctionColumns(catalog, null, "%", "%"),
                    (meta, catalog) ->
                            meta.getCrossReference(catalog, null, "users", catalog, null, "orders"),
                    (meta, catalog) -> meta.getTables(catalog, null, null, null),
                    (meta, catalog) -> meta.getColumns(catalog, null, null, null),
                    (meta, catalog) -> meta.getSchemas(),
                    (meta, catalog) -> meta.getIndexInfo(catalog, null, "users", true, false),
                    (meta, catalog) -> meta.getUDTs(catalog, null, "%", null),
                    (meta, catalog) -> meta.getAttributes(catalog, null, "%", "%"),
                    (meta, catalog) -> meta.getSuperTables(catalog, null, "%"),
                    (meta, catalog) -> meta.getClientInfoProperties(),
                    (meta, catalog) -> meta.getTableTypes(),
                    (meta, catalog) -> meta.getTypeInfo());

    @BeforeAll
    static void start() throws SQLException {
        twin =
                Twin.start(
                        "CREATE TABLE users (user_id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(50) DEFAULT 'x' COMMENT 'a name')",
                        "CREATE TABLE orders (user_id BIGINT NOT NULL, id INT UNSIGNED NOT NULL, price DECIMAL(10,2) NOT NULL,"
                                + " note TEXT, at DATETIME(3), PRIMARY KEY (user_id, id), KEY by_price (price))");
    }

    @AfterAll
    static void stop() {
        twin.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "useInformationSchema=true", "useServerPrepStmts=true"})
    void tablesColumnsAndKeysAreDescribedAsByMySql(String parameters) throws SQLException {
        twin.same(parameters, JdbcMetadataIT::describe);
    }

    /** MariaDB's own driver asks information_schema in its own words. */
    @ParameterizedTest
    @ValueSource(strings = {"", "useServerPrepStmts=true"})
    void mariaDbsDriverSeesTheSame(String parameters) throws SQLException {
        twin.sameWithMariaDb(parameters, JdbcMetadataIT::describe);
    }

    private static void describe(Connection connection, Transcript transcript) throws SQLException {
        for (int i = 0; i < QUERIES.size(); i++) {
            Query query = QUERIES.get(i);
            transcript.note("query " + i);
            transcript.attempt(() -> {
                transcript.rows(query.of(connection.getMetaData(), connection.getCatalog()));
                return "done";
            });
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "useInformationSchema=true",
                "useInformationSchema=true&useServerPrepStmts=true"
            })
    void anAccountOfOneKeyspaceSeesIt(String parameters) throws SQLException {
        String account = "one" + parameters.length();
        try (Connection admin = twin.proxy().connectAsAdmin();
                var statement = admin.createStatement()) {
            statement.execute("SHARDWAY CREATE ACCOUNT %s IDENTIFIED BY 'pw'".formatted(account));
            statement.execute(
                    "SHARDWAY GRANT WRITE ON %s.* TO %s".formatted(twin.keyspace(), account));
        }
        twin.sameAs(account, "pw", parameters, JdbcMetadataIT::describe);
        try (Connection connection =
                        DriverManager.getConnection(twin.proxy().url(parameters), account, "pw");
                ResultSet catalogs = connection.getMetaData().getCatalogs()) {
            var names = new ArrayList<String>();
            while (catalogs.next()) {
                names.add(catalogs.getString(1));
            }
            assertThat(names).containsExactlyInAnyOrder("information_schema", twin.keyspace());
        }
    }

    @Test
    void theServerIsNamed() throws SQLException {
        try (Connection connection = twin.proxied("")) {
            DatabaseMetaData meta = connection.getMetaData();
            assertThat(meta.getUserName()).startsWith("app@");
            assertThat(meta.getDatabaseProductName()).isEqualTo("MySQL");
            assertThat(meta.getDatabaseMajorVersion()).isEqualTo(8);
            assertThat(meta.getDatabaseProductVersion()).containsIgnoringCase("shardway");
            try (ResultSet catalogs = meta.getCatalogs()) {
                boolean found = false;
                while (catalogs.next()) {
                    found |= catalogs.getString(1).equals(twin.proxy().keyspace());
                }
                assertThat(found).isTrue();
            }
        }
    }
}
