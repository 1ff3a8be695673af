package io.shardway.router.plan;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What the tables of information_schema tell of, and so what of them an account may see. */
public final class InformationSchema {

    public static final String NAME = "information_schema";

    /** One table, or all that are like it. Immutable. */
    public sealed interface Content {

        /** Nothing that only some may know: MySQL answers. */
        record Common() implements Content {}

        /**
         * Rows of keyspaces: of those the account has a right on.
         *
         * @param schema the column, or expression, that tells the keyspace
         */
        record OfKeyspaces(String schema) implements Content {}

        /** Sessions and accounts, of which nodes know the proxy's only: Shardway's own rows. */
        record Own() implements Content {}

        /** Traces of a node's connection, which serves many sessions: nobody. */
        record OfConnection() implements Content {}

        /** It cannot be told: who may read everywhere. */
        record Unknown() implements Content {}
    }

    public static final String TABLES = "TABLES";
    public static final String COLUMNS = "COLUMNS";
    public static final String EVENTS = "EVENTS";
    public static final String ROUTINES = "ROUTINES";
    public static final String SCHEMATA = "SCHEMATA";
    public static final String PROCESSLIST = "PROCESSLIST";
    public static final String SCHEMA_PRIVILEGES = "SCHEMA_PRIVILEGES";
    public static final String USER_PRIVILEGES = "USER_PRIVILEGES";
    public static final String USER_ATTRIBUTES = "USER_ATTRIBUTES";

    private static final Map<String, List<String>> BY_SCHEMA =
            Map.ofEntries(
                    Map.entry(
                            "TABLE_SCHEMA",
                            List.of(
                                    COLUMNS,
                                    "COLUMNS_EXTENSIONS",
                                    "COLUMN_PRIVILEGES",
                                    "KEY_COLUMN_USAGE",
                                    "PARTITIONS",
                                    "STATISTICS",
                                    "ST_GEOMETRY_COLUMNS",
                                    TABLES,
                                    "TABLES_EXTENSIONS",
                                    "TABLE_CONSTRAINTS",
                                    "TABLE_PRIVILEGES",
                                    "VIEWS",
                                    "VIEW_ROUTINE_USAGE")),
                    Map.entry(
                            "CONSTRAINT_SCHEMA",
                            List.of(
                                    "CHECK_CONSTRAINTS",
                                    "REFERENTIAL_CONSTRAINTS",
                                    "TABLE_CONSTRAINTS_EXTENSIONS")),
                    Map.entry(
                            "SCHEMA_NAME",
                            List.of("COLUMN_STATISTICS", SCHEMATA, "SCHEMATA_EXTENSIONS")),
                    Map.entry("EVENT_SCHEMA", List.of(EVENTS)),
                    Map.entry("SPECIFIC_SCHEMA", List.of("PARAMETERS")),
                    Map.entry("ROUTINE_SCHEMA", List.of(ROUTINES)),
                    Map.entry("TRIGGER_SCHEMA", List.of("TRIGGERS")),
                    Map.entry("VIEW_SCHEMA", List.of("VIEW_TABLE_USAGE")));

    /** Those on roles are empty: the proxies' accounts have none. */
    private static final Set<String> COMMON =
            Set.of(
                    "ADMINISTRABLE_ROLE_AUTHORIZATIONS",
                    "APPLICABLE_ROLES",
                    "CHARACTER_SETS",
                    "COLLATIONS",
                    "COLLATION_CHARACTER_SET_APPLICABILITY",
                    "ENABLED_ROLES",
                    "ENGINES",
                    "KEYWORDS",
                    "PLUGINS",
                    "RESOURCE_GROUPS",
                    "ROLE_COLUMN_GRANTS",
                    "ROLE_ROUTINE_GRANTS",
                    "ROLE_TABLE_GRANTS",
                    "ST_SPATIAL_REFERENCE_SYSTEMS",
                    "ST_UNITS_OF_MEASURE",
                    "TABLESPACES");

    private static final Map<String, Content> CONTENTS = contents();

    private InformationSchema() {}

    /**
     * @param table in any case
     */
    public static Content of(String table) {
        return CONTENTS.getOrDefault(table.toUpperCase(Locale.ROOT), new Content.Unknown());
    }

    /** Whether this is the schema's name: MySQL compares it without regard to case. */
    public static boolean isNamed(String schema) {
        return schema.equalsIgnoreCase(NAME);
    }

    private static Map<String, Content> contents() {
        var contents = new HashMap<String, Content>();
        BY_SCHEMA.forEach((column, tables) ->
                tables.forEach(table -> contents.put(table, new Content.OfKeyspaces(column))));
        COMMON.forEach(table -> contents.put(table, new Content.Common()));
        for (String own :
                List.of(PROCESSLIST, SCHEMA_PRIVILEGES, USER_PRIVILEGES, USER_ATTRIBUTES)) {
            contents.put(own, new Content.Own());
        }
        contents.put("OPTIMIZER_TRACE", new Content.OfConnection());
        contents.put("PROFILING", new Content.OfConnection());
        return Map.copyOf(contents);
    }
}
