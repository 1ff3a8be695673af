package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
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
        twin.same(
                parameters,
                (connection, transcript) -> {
                    for (int i = 0; i < QUERIES.size(); i++) {
                        Query query = QUERIES.get(i);
                        transcript.note("query " + i);
                        transcript.attempt(() -> {
                            transcript.rows(
                                    query.of(connection.getMetaData(), connection.getCatalog()));
                            return "done";
                        });
                    }
                });
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
