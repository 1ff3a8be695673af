package io.shardway.proxy.execution;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.shardway.router.plan.InformationSchema;
import io.shardway.router.plan.SchemaText;
import io.shardway.router.schema.Catalog;
import io.shardway.router.topology.AccountRight;
import io.shardway.router.topology.Rights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * information_schema as one account sees it: a derived table for each of its tables. Immutable.
 *
 * @param account as GRANTEE shows it
 * @param sizes empty unless they are asked for
 * @param processes the rows of SHOW FULL PROCESSLIST
 */
record AccountView(
        Rights rights,
        Catalog catalog,
        Grantee account,
        Optional<ShardedSizes> sizes,
        List<List<@Nullable String>> processes) {

    private static final JsonMapper JSON = new JsonMapper();

    /** How MySQL spells names in the dictionary. */
    private static final String NAME = "VARCHAR(64) CHARACTER SET utf8mb3 COLLATE utf8mb3_bin";

    private static final String TEXT = "CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci";

    private static final List<String> WRITE_PRIVILEGES =
            List.of(
                    "SELECT",
                    "INSERT",
                    "UPDATE",
                    "DELETE",
                    "CREATE",
                    "DROP",
                    "REFERENCES",
                    "INDEX",
                    "ALTER",
                    "CREATE TEMPORARY TABLES",
                    "LOCK TABLES",
                    "EXECUTE",
                    "CREATE VIEW",
                    "SHOW VIEW",
                    "CREATE ROUTINE",
                    "ALTER ROUTINE",
                    "EVENT",
                    "TRIGGER");

    /** An account by its parts. */
    record Grantee(String user, String host) {

        private String text() {
            return "'" + user + "'@'" + host + "'";
        }
    }

    /**
     * @param table in capitals, one of those that the planner has rewritten
     */
    String derived(String table) {
        return switch (table) {
            case InformationSchema.TABLES ->
                    sizes.map(this::tables).orElseGet(() -> filtered(table, "t.*"));
            case InformationSchema.COLUMNS -> columns();
            case InformationSchema.PROCESSLIST -> processList();
            case InformationSchema.SCHEMA_PRIVILEGES -> schemaPrivileges();
            case InformationSchema.USER_PRIVILEGES -> userPrivileges();
            case InformationSchema.USER_ATTRIBUTES -> userAttributes();
            default -> filtered(table, "t.*");
        };
    }

    private String filtered(String table, String columns) {
        return "(SELECT %s FROM information_schema.%s AS t WHERE %s)"
                .formatted(columns, table, condition(table));
    }

    private String condition(String table) {
        return switch (InformationSchema.of(table)) {
            case InformationSchema.Content.OfKeyspaces(String column) ->
                    "t." + column + " IN (" + quoted(visible()) + ")";
            case InformationSchema.Content.Common _,
                    InformationSchema.Content.Own _,
                    InformationSchema.Content.OfConnection _,
                    InformationSchema.Content.Unknown _ ->
                    throw new IllegalStateException("not rewritten: " + table);
        };
    }

    private List<String> visible() {
        var names = new TreeSet<>(with(AccountRight.READ));
        names.add(InformationSchema.NAME);
        return List.copyOf(names);
    }

    private List<String> with(AccountRight right) {
        var names = new TreeSet<>(catalog.sharded().keySet());
        names.addAll(catalog.plain());
        names.removeIf(name -> !rights.allow(name, right));
        return List.copyOf(names);
    }

    private static String quoted(List<String> names) {
        return names.stream().map(SchemaText::quoted).collect(Collectors.joining(", "));
    }

    // ---- what differs between shards

    private String tables(ShardedSizes known) {
        var rows = new ArrayList<List<Object>>();
        for (String keyspace : with(AccountRight.READ)) {
            known.of(keyspace)
                    .ifPresent(tables ->
                            tables.forEach((name, size) -> rows.add(row(keyspace, name, size))));
        }
        if (rows.isEmpty()) {
            return filtered(InformationSchema.TABLES, "t.*");
        }
        String columns =
                """
                t.TABLE_CATALOG, t.TABLE_SCHEMA, t.TABLE_NAME, t.TABLE_TYPE, t.ENGINE, t.VERSION,\
                 t.ROW_FORMAT, COALESCE(s.n, t.TABLE_ROWS) AS TABLE_ROWS,\
                 COALESCE(s.d DIV GREATEST(s.n, 1), t.AVG_ROW_LENGTH) AS AVG_ROW_LENGTH,\
                 COALESCE(s.d, t.DATA_LENGTH) AS DATA_LENGTH, t.MAX_DATA_LENGTH,\
                 COALESCE(s.i, t.INDEX_LENGTH) AS INDEX_LENGTH,\
                 COALESCE(s.f, t.DATA_FREE) AS DATA_FREE,\
                 COALESCE(s.a, t.AUTO_INCREMENT) AS AUTO_INCREMENT, t.CREATE_TIME,\
                 COALESCE(FROM_UNIXTIME(s.u), t.UPDATE_TIME) AS UPDATE_TIME, t.CHECK_TIME,\
                 t.TABLE_COLLATION, t.CHECKSUM, t.CREATE_OPTIONS, t.TABLE_COMMENT\
                """;
        return "(SELECT %s FROM information_schema.TABLES AS t LEFT JOIN %s AS s ON s.k = t.TABLE_SCHEMA AND s.t = t.TABLE_NAME WHERE %s)"
                .formatted(
                        columns,
                        jsonTable(
                                rows,
                                "k " + NAME,
                                "t " + NAME,
                                "n BIGINT UNSIGNED",
                                "d BIGINT UNSIGNED",
                                "i BIGINT UNSIGNED",
                                "f BIGINT UNSIGNED",
                                "a BIGINT UNSIGNED",
                                "u BIGINT UNSIGNED"),
                        condition(InformationSchema.TABLES));
    }

    private static List<Object> row(String keyspace, String table, ShardedSizes.Size size) {
        var row = new ArrayList<@Nullable Object>();
        row.addAll(List.of(keyspace, table, size.rows(), size.dataBytes(), size.indexBytes()));
        row.add(size.freeBytes());
        row.add(size.nextId().isPresent() ? size.nextId().getAsLong() : null);
        row.add(size.updated().isPresent() ? size.updated().getAsLong() : null);
        return row;
    }

    // ---- what tells of accounts and sessions

    /** The node tells the privileges of the proxy's account. */
    private String columns() {
        List<String> writable = with(AccountRight.WRITE);
        String privileges =
                writable.isEmpty()
                        ? "'select'"
                        : "IF(t.TABLE_SCHEMA IN (%s), 'select,insert,update,references', 'select')"
                                .formatted(quoted(writable));
        return filtered(
                InformationSchema.COLUMNS,
                """
                t.TABLE_CATALOG, t.TABLE_SCHEMA, t.TABLE_NAME, t.COLUMN_NAME, t.ORDINAL_POSITION,\
                 t.COLUMN_DEFAULT, t.IS_NULLABLE, t.DATA_TYPE, t.CHARACTER_MAXIMUM_LENGTH,\
                 t.CHARACTER_OCTET_LENGTH, t.NUMERIC_PRECISION, t.NUMERIC_SCALE,\
                 t.DATETIME_PRECISION, t.CHARACTER_SET_NAME, t.COLLATION_NAME, t.COLUMN_TYPE,\
                 t.COLUMN_KEY, t.EXTRA, CAST(%s AS CHAR(154) CHARACTER SET utf8mb3) AS PRIVILEGES,\
                 t.COLUMN_COMMENT, t.GENERATION_EXPRESSION, t.SRS_ID\
                """
                        .formatted(privileges));
    }

    private String processList() {
        return "(SELECT * FROM "
                + jsonTable(
                        processes.stream().<List<?>>map(row -> row).toList(),
                        "ID BIGINT UNSIGNED",
                        "USER VARCHAR(32) " + TEXT,
                        "HOST VARCHAR(261) " + TEXT,
                        "DB VARCHAR(64) " + TEXT,
                        "COMMAND VARCHAR(16) " + TEXT,
                        "TIME INT",
                        "STATE VARCHAR(64) " + TEXT,
                        "INFO LONGTEXT " + TEXT)
                + " AS p)";
    }

    private String schemaPrivileges() {
        var rows = new ArrayList<List<?>>();
        for (String keyspace : rights.byKeyspace().keySet().stream().sorted().toList()) {
            for (String privilege : privileges(rights.byKeyspace().get(keyspace))) {
                rows.add(List.of(account.text(), "def", keyspace, privilege, "NO"));
            }
        }
        return "(SELECT * FROM "
                + jsonTable(
                        rows,
                        "GRANTEE VARCHAR(292) " + TEXT,
                        "TABLE_CATALOG VARCHAR(512) " + TEXT,
                        "TABLE_SCHEMA VARCHAR(64) " + TEXT,
                        "PRIVILEGE_TYPE VARCHAR(64) " + TEXT,
                        "IS_GRANTABLE VARCHAR(3) " + TEXT)
                + " AS p)";
    }

    private String userPrivileges() {
        List<String> privileges =
                rights.everywhere().map(AccountView::privileges).orElse(List.of("USAGE"));
        var rows = new ArrayList<List<?>>();
        for (String privilege : privileges) {
            rows.add(List.of(account.text(), "def", privilege, "NO"));
        }
        return "(SELECT * FROM "
                + jsonTable(
                        rows,
                        "GRANTEE VARCHAR(292) " + TEXT,
                        "TABLE_CATALOG VARCHAR(512) " + TEXT,
                        "PRIVILEGE_TYPE VARCHAR(64) " + TEXT,
                        "IS_GRANTABLE VARCHAR(3) " + TEXT)
                + " AS p)";
    }

    private String userAttributes() {
        return "(SELECT * FROM "
                + jsonTable(
                        List.of(Arrays.asList(account.user(), account.host(), null)),
                        "USER VARCHAR(32) " + TEXT,
                        "HOST VARCHAR(255) " + TEXT,
                        "ATTRIBUTE LONGTEXT " + TEXT)
                + " AS p)";
    }

    private static List<String> privileges(@Nullable AccountRight right) {
        return switch (right) {
            case null -> List.of();
            case READ -> List.of("SELECT", "SHOW VIEW");
            case WRITE, ADMIN -> WRITE_PRIVILEGES;
        };
    }

    /** Rows of values as a table; a column is its name and type. */
    private static String jsonTable(List<? extends List<?>> rows, String... columns) {
        var list = new ArrayList<String>();
        for (int column = 0; column < columns.length; column++) {
            list.add(columns[column] + " PATH '$[" + column + "]'");
        }
        try {
            return "JSON_TABLE(%s, '$[*]' COLUMNS (%s))"
                    .formatted(
                            SchemaText.quoted(JSON.writeValueAsString(rows)),
                            String.join(", ", list));
        } catch (JsonProcessingException bug) {
            throw new IllegalStateException(bug);
        }
    }
}
