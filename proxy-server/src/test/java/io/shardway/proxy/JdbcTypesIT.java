package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.JDBCType;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every column type comes back as MySQL itself would give it, by Connector/J's text and prepared
 * protocol.
 */
@Timeout(120)
class JdbcTypesIT {

    private static final List<String> TYPES =
            List.of(
                    "TINYINT",
                    "TINYINT UNSIGNED",
                    "TINYINT(1)",
                    "BOOLEAN",
                    "SMALLINT",
                    "SMALLINT UNSIGNED",
                    "MEDIUMINT",
                    "MEDIUMINT UNSIGNED",
                    "INT",
                    "INT UNSIGNED",
                    "BIGINT",
                    "BIGINT UNSIGNED",
                    "DECIMAL(65,30)",
                    "DECIMAL(10,0) UNSIGNED",
                    "FLOAT",
                    "DOUBLE",
                    "BIT(1)",
                    "BIT(64)",
                    "BIT(13)",
                    "DATE",
                    "TIME",
                    "TIME(6)",
                    "DATETIME",
                    "DATETIME(6)",
                    "TIMESTAMP NULL",
                    "TIMESTAMP(3) NULL",
                    "YEAR",
                    "CHAR(10)",
                    "VARCHAR(300)",
                    "VARCHAR(20) CHARACTER SET latin1",
                    "VARCHAR(20) COLLATE utf8mb4_bin",
                    "BINARY(4)",
                    "VARBINARY(20)",
                    "TINYTEXT",
                    "TEXT",
                    "MEDIUMTEXT",
                    "LONGTEXT",
                    "TINYBLOB",
                    "BLOB",
                    "MEDIUMBLOB",
                    "LONGBLOB",
                    "ENUM('a','b','ü')",
                    "SET('x','y','z')",
                    "JSON",
                    "GEOMETRY",
                    "POINT",
                    "INT ZEROFILL");

    /** SQL literals by column type; the first fitting group of a row is stored. */
    private static final List<List<String>> ROWS =
            List.of(
                    values(
                            "'-128' 255 0 true -32768 65535 -8388608 16777215 -2147483648 4294967295 -9223372036854775808"
                                    + " 18446744073709551615 -12345678901234567890123456789012345.123456789012345678901234567890"
                                    + " 9999999999 -3.5e20 1.7976931348623157e308 b'1' b'"
                                    + "1".repeat(64)
                                    + "' b'1010101010101'"
                                    + " '1000-01-01' '-838:59:59' '-838:59:58.999999' '1000-01-01~00:00:00'"
                                    + " '9999-12-31~23:59:59.499999' '1970-01-02~00:00:01' '2038-01-18~03:14:07.499' 1901 'abc' 'Grüße~😀'"
                                    + " 'ÄÖÜ' '' x'00FF' x'' '' 'text~€' '' '😀' x'00' x'FF00FE' x'FB' x'' 'ü' 'x,z'"
                                    + " '{\"a\":[1,null,\"ü\"]}' ST_GeomFromText('POLYGON((0~0,1~0,1~1,0~0))') POINT(1,2) 42"),
                    values(
                            "127 0 1 false 32767 0 8388607 0 2147483647 0 9223372036854775807 0 0 0 0 -0.0 b'0' b'0' b'1'"
                                    + " '9999-12-31' '00:00:00' '838:59:59' '2024-02-29~12:34:56' '2024-02-29~12:34:56.000001'"
                                    + " '2024-02-29~12:34:56' '2024-02-29~12:34:56.789' 2155 '' '' '' 'A~' x'' x'FFFE' 'a' 'b' 'c' 'd'"
                                    + " 'e' 'f' 'g' 'h' 'a' '' '[]' POINT(0,0) POINT(-1.5,1e10) 4294967295"));

    private static Twin twin;

    private static List<String> values(String words) {
        return List.of(words.split(" ")).stream().map(word -> word.replace('~', ' ')).toList();
    }

    @BeforeAll
    static void start() throws SQLException {
        var columns = new ArrayList<String>();
        for (int i = 0; i < TYPES.size(); i++) {
            columns.add("c" + i + " " + TYPES.get(i));
        }
        twin =
                Twin.start(
                        "CREATE TABLE kinds (user_id BIGINT NOT NULL PRIMARY KEY, "
                                + String.join(", ", columns)
                                + ")",
                        "CREATE TABLE dates (user_id BIGINT NOT NULL PRIMARY KEY, a DATE, b DATETIME(6), c TIMESTAMP NULL)",
                        "CREATE TABLE large (user_id BIGINT NOT NULL PRIMARY KEY, t LONGTEXT, b LONGBLOB)");
        for (Connection connection : List.of(twin.direct(""), twin.proxied(""))) {
            try (connection;
                    Statement statement = connection.createStatement()) {
                for (int shard = 1; shard <= 2; shard++) {
                    for (int row = 0; row < ROWS.size(); row++) {
                        statement.execute(
                                "INSERT INTO kinds VALUES ("
                                        + twin.keyOn(shard, row)
                                        + ", "
                                        + String.join(", ", ROWS.get(row))
                                        + ")");
                    }
                    statement.execute(
                            "INSERT INTO kinds (user_id) VALUES (" + twin.keyOn(shard, 2) + ")");
                }
            }
        }
    }

    @AfterAll
    static void stop() {
        twin.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "useServerPrepStmts=true",
                "useServerPrepStmts=true&useCursorFetch=true&defaultFetchSize=1",
                "tinyInt1isBit=false&yearIsDateType=false&preserveInstants=false",
                "useServerPrepStmts=true&characterEncoding=latin1",
                "characterSetResults=latin1",
                "connectionTimeZone=%2B09:00&forceConnectionTimeZoneToSession=true"
            })
    void everyTypeIsReadAsFromMySql(String parameters) throws SQLException {
        List<String> seen =
                twin.same(
                        parameters,
                        (connection, transcript) -> {
                            try (PreparedStatement select =
                                    connection.prepareStatement(
                                            "SELECT * FROM kinds WHERE user_id = ?")) {
                                for (int shard = 1; shard <= 2; shard++) {
                                    for (int row = 0; row <= ROWS.size(); row++) {
                                        select.setLong(1, twin.keyOn(shard, row));
                                        transcript.rows(select.executeQuery());
                                    }
                                }
                            }
                        });
        assertThat(seen).hasSizeGreaterThan(6 * 48 * 3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "useServerPrepStmts=true"})
    void whatIsReadCanBeWrittenBackUnchanged(String parameters) throws SQLException {
        String marks = ", ?".repeat(TYPES.size());
        twin.same(
                parameters,
                (connection, transcript) -> {
                    for (int shard = 1; shard <= 2; shard++) {
                        for (int row = 0; row <= ROWS.size(); row++) {
                            long from = twin.keyOn(shard, row);
                            long to = twin.keyOn(shard, row + 10);
                            transcript.attempt(() -> copy(connection, marks, from, to));
                            try (PreparedStatement select =
                                    connection.prepareStatement(
                                            "SELECT * FROM kinds WHERE user_id = ?")) {
                                select.setLong(1, to);
                                transcript.rows(select.executeQuery());
                            }
                        }
                    }
                });
    }

    /**
     * With statements of its own: MySQL keeps a parameter's collation, and refuses text after NULL
     * (3988).
     */
    private static int copy(Connection connection, String marks, long from, long to)
            throws SQLException {
        try (PreparedStatement select =
                        connection.prepareStatement("SELECT * FROM kinds WHERE user_id = ?");
                PreparedStatement replace =
                        connection.prepareStatement("REPLACE INTO kinds VALUES (?" + marks + ")")) {
            select.setLong(1, from);
            try (ResultSet rows = select.executeQuery()) {
                assertThat(rows.next()).isTrue();
                replace.setLong(1, to);
                for (int i = 0; i < TYPES.size(); i++) {
                    boolean time =
                            TYPES.get(i).startsWith("TIME") && !TYPES.get(i).contains("STAMP");
                    replace.setObject(i + 2, time ? rows.getString(i + 2) : rows.getObject(i + 2));
                }
            }
            return replace.executeUpdate();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "useServerPrepStmts=true"})
    void javaValuesArriveAsWithMySql(String parameters) throws SQLException {
        Object[] given = {
            (byte) 1,
            (short) 2,
            3,
            4L,
            5.5f,
            6.25,
            new BigDecimal("7.125"),
            "8",
            true,
            'c',
            LocalTime.of(1, 2, 3),
            LocalDateTime.of(2024, 2, 29, 1, 2, 3, 4000),
            new byte[] {1, 0, -1},
            new java.math.BigInteger("18446744073709551615")
        };
        twin.same(
                parameters,
                (connection, transcript) -> {
                    try (PreparedStatement select =
                            connection.prepareStatement(
                                    "SELECT ?, k.user_id FROM kinds k WHERE user_id = ?")) {
                        for (Object value : given) {
                            for (int shard = 1; shard <= 2; shard++) {
                                select.setObject(1, value);
                                select.setLong(2, twin.keyOn(shard, 0));
                                transcript.attempt(() -> {
                                    transcript.rows(select.executeQuery());
                                    return value.getClass();
                                });
                            }
                        }
                        select.setNull(1, JDBCType.VARCHAR.getVendorTypeNumber());
                        transcript.rows(select.executeQuery());
                    }
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "zeroDateTimeBehavior=CONVERT_TO_NULL",
                "zeroDateTimeBehavior=EXCEPTION&useServerPrepStmts=true",
                "zeroDateTimeBehavior=ROUND&useServerPrepStmts=true"
            })
    void zeroDatesAreReadAsFromMySql(String parameters) throws SQLException {
        twin.same(
                parameters + "&sessionVariables=sql_mode='ALLOW_INVALID_DATES'",
                (connection, transcript) -> {
                    for (int shard = 1; shard <= 2; shard++) {
                        long key = twin.keyOn(shard, 0);
                        try (Statement statement = connection.createStatement();
                                PreparedStatement select =
                                        connection.prepareStatement(
                                                "SELECT * FROM dates WHERE user_id = ?")) {
                            transcript.run(
                                    statement,
                                    "REPLACE INTO dates VALUES (%d, '0000-00-00', '2024-02-31 00:00:00', 0)"
                                            .formatted(key));
                            select.setLong(1, key);
                            transcript.rows(select.executeQuery());
                            transcript.run(statement, "SELECT * FROM dates WHERE user_id = " + key);
                        }
                    }
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "useServerPrepStmts=true",
                "useServerPrepStmts=true&useCursorFetch=true&defaultFetchSize=2"
            })
    void textsAndBlobsOfManySizesComeBack(String parameters) throws SQLException {
        int[] sizes = {0, 1, 250, 251, 252, 65_534, 65_535, 65_536, 1_000_000};
        twin.same(
                parameters,
                (connection, transcript) -> {
                    try (PreparedStatement replace =
                                    connection.prepareStatement(
                                            "REPLACE INTO large VALUES (?, ?, ?)");
                            PreparedStatement select =
                                    connection.prepareStatement(
                                            "SELECT b, t FROM large WHERE user_id = ?")) {
                        for (int size : sizes) {
                            for (int shard = 1; shard <= 2; shard++) {
                                long key = twin.keyOn(shard, 1);
                                byte[] bytes = new byte[size];
                                for (int i = 0; i < size; i++) {
                                    bytes[i] = (byte) (i * 31);
                                }
                                replace.setLong(1, key);
                                replace.setString(2, "ü".repeat(size / 2));
                                replace.setBytes(3, bytes);
                                transcript.note(replace.executeUpdate());
                                select.setLong(1, key);
                                transcript.rows(select.executeQuery());
                            }
                        }
                    }
                });
    }

    @Test
    void metadataOfAPreparedStatementIsMySqls() throws SQLException {
        twin.same(
                "useServerPrepStmts=true&generateSimpleParameterMetadata=false",
                (connection, transcript) -> {
                    try (PreparedStatement select =
                            connection.prepareStatement(
                                    "SELECT k.*, COUNT(*) OVER () AS n FROM kinds k WHERE user_id = ? AND c8 > ?")) {
                        transcript.metadata(select.getMetaData());
                        transcript.note(select.getParameterMetaData().getParameterCount());
                        transcript.note(select.getParameterMetaData().getParameterTypeName(1));
                    }
                });
    }
}
