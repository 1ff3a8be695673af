package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.shardway.router.plan.ReferenceTable;
import io.shardway.router.plan.UnequalFunctions;
import java.util.HexFormat;

/**
 * What a write of a reference table says to a node in its own name. The connection has the client's
 * settings: names come as hexadecimal literals, which mean the same in every SQL mode and character
 * set, and results are numbers or bytes, which are not converted. Stateless.
 */
final class ReferenceSql {

    /** Not COMMIT alone, which completion_type may change. */
    static final String COMMIT = "COMMIT AND NO CHAIN NO RELEASE";

    static final String ROLLBACK = "ROLLBACK AND NO CHAIN NO RELEASE";

    /** With a LIMIT of its own: the client may have set sql_select_limit. */
    static final String DRAWN_ID = "SELECT LAST_INSERT_ID(), LAST_INSERT_ID(0) LIMIT 1";

    static final String OWN_TIME = "SET @@SESSION.timestamp = DEFAULT";

    /** What the outcome of a statement may hang on besides the rows. */
    private static final String SETTINGS =
            "UNHEX(SHA1(CONCAT_WS('|', @@sql_mode, @@time_zone,"
                    + " IF(@@time_zone = 'SYSTEM', @@system_time_zone, ''),"
                    + " @@character_set_client, @@collation_connection,"
                    + " @@default_collation_for_utf8mb4, @@lc_time_names, @@default_week_format,"
                    + " @@div_precision_increment, @@block_encryption_mode, @@foreign_key_checks,"
                    + " @@unique_checks, @@sql_auto_is_null, @@explicit_defaults_for_timestamp, @@innodb_strict_mode,"
                    + " @@lower_case_table_names)))";

    /** With a LIMIT of its own: the client may have set sql_select_limit. */
    static final String READ_SETTINGS = "SELECT " + SETTINGS + " LIMIT 1";

    private ReferenceSql() {}

    private static String hex(String text) {
        return "x'" + HexFormat.of().formatHex(text.getBytes(UTF_8)) + "'";
    }

    private static String where(ReferenceTable table) {
        return " WHERE keyspace_name = %s AND table_name = %s"
                .formatted(hex(table.keyspace()), hex(table.name()));
    }

    /** Makes the row that numbers the writes of this copy, or locks it. */
    static String claim(ReferenceTable table) {
        return ("INSERT INTO shardway.reference_copies (keyspace_name, table_name, writes, write_id)"
                        + " VALUES (%s, %s, 0, x'') ON DUPLICATE KEY UPDATE writes = writes")
                .formatted(hex(table.keyspace()), hex(table.name()));
    }

    /** The number of the last write, its id, microseconds since 1970, and the settings' digest. */
    static String read(ReferenceTable table) {
        return "SELECT writes, write_id, TIMESTAMPDIFF(MICROSECOND, 19700101, UTC_TIMESTAMP(6)), "
                + SETTINGS
                + " FROM shardway.reference_copies"
                + where(table)
                + " LIMIT 1 FOR UPDATE";
    }

    static String note(ReferenceTable table, long writes, byte[] writeId) {
        return "UPDATE shardway.reference_copies SET writes = %d, write_id = x'%s'%s"
                .formatted(writes, HexFormat.of().formatHex(writeId), where(table));
    }

    /** How many columns of the primary key there are, and defaults that differ between shards. */
    static String columns(ReferenceTable table) {
        return ("SELECT SUM(COLUMN_KEY = 'PRI'), SUM(EXTRA LIKE '%%DEFAULT_GENERATED%%'"
                        + " AND LOWER(CONVERT(COLUMN_DEFAULT USING utf8mb4))"
                        + " REGEXP _utf8mb4'(%s)[(]')"
                        + " FROM information_schema.COLUMNS"
                        + " WHERE TABLE_SCHEMA = CONVERT(%s USING utf8mb4)"
                        + " AND TABLE_NAME = CONVERT(%s USING utf8mb4) LIMIT 1")
                .formatted(
                        String.join("|", UnequalFunctions.NAMES),
                        hex(table.keyspace()),
                        hex(table.name()));
    }

    static String time(long micros) {
        return "SET @@SESSION.timestamp = %d.%06d"
                .formatted(micros / 1_000_000, micros % 1_000_000);
    }
}
