package io.shardway.router.schema;

import java.util.Locale;
import java.util.Set;

/**
 * The schemas that every node has besides keyspaces: MySQL's own, and the one in which Shardway
 * keeps its tables. Their names are compared without regard to case. Stateless.
 */
public final class ServerSchemas {

    /** What MySQL lets every account read. */
    private static final Set<String> READABLE = Set.of("information_schema", "performance_schema");

    private static final Set<String> HIDDEN = Set.of("mysql", "sys", "shardway");

    private static final String SHARDWAY = "shardway";

    private ServerSchemas() {}

    /** One of MySQL's own. */
    public static boolean isMySqls(String schema) {
        return isReserved(schema) && !schema.equalsIgnoreCase(SHARDWAY);
    }

    /** One that clients may read. */
    public static boolean isReadable(String schema) {
        return READABLE.contains(schema.toLowerCase(Locale.ROOT));
    }

    /** One that no client reads. */
    public static boolean isHidden(String schema) {
        return HIDDEN.contains(schema.toLowerCase(Locale.ROOT));
    }

    /** Any of them: no keyspace is called so. */
    public static boolean isReserved(String schema) {
        return isReadable(schema) || isHidden(schema);
    }
}
