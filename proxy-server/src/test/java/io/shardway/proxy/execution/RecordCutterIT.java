package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.mysql.cj.jdbc.JdbcStatement;
import io.shardway.cluster.LocalCluster;
import io.shardway.cluster.MySqlNode;
import io.shardway.cluster.TestCluster;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Random files, cut here and loaded by MySQL: the same records with the same fields. */
@Timeout(300)
class RecordCutterIT {

    private static final int FILES = Integer.getInteger("shardway.cutter.files", 400);
    private static final int FIELDS = 3;
    private static final String BETWEEN = "\u0001";
    private static final FileCharset UTF8 = FileCharset.of("utf8mb4").orElseThrow();

    @Test
    void randomFilesAreCutAsMySqlCutsThem() throws SQLException {
        long seed = Long.getLong("shardway.seed", 20260722);
        LocalCluster cluster = TestCluster.shared();
        MySqlNode node = cluster.primary(1);
        node.execute("SET GLOBAL local_infile = ON");
        String schema = TestCluster.freshDatabase();
        String url = node.jdbcUrl(schema);
        try (Connection connection =
                        DriverManager.getConnection(
                                url
                                        + (url.contains("?") ? "&" : "?")
                                        + "allowLoadLocalInfile=true&allowPublicKeyRetrieval=true",
                                "root",
                                cluster.rootPassword());
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE t (row_number_ INT AUTO_INCREMENT PRIMARY KEY, a TEXT, b TEXT, c"
                            + " TEXT) CHARSET utf8mb4");
            for (int file = 0; file < FILES; file++) {
                one(statement, new Random(seed + file), "seed %d".formatted(seed + file));
            }
        }
        TestCluster.drop(schema);
    }

    private static String pick(Random random, String... of) {
        return of[random.nextInt(of.length)];
    }

    private static void one(Statement statement, Random random, String name) throws SQLException {
        String fieldEnd = pick(random, ",", "\t", "||", ",;", "a,");
        String lineEnd = pick(random, "\n", "\r\n", ";\n", "xx", "\n\n");
        String lineStart = pick(random, "", "", "", ">", ">>x");
        String enclosed = pick(random, "", "\"", "'", "\"");
        String escaped = pick(random, "\\", "\\", "", "\"", "!");
        int skipped = random.nextInt(3);
        var file = new StringBuilder();
        int pieces = random.nextInt(120);
        for (int i = 0; i < pieces; i++) {
            file.append(
                    switch (random.nextInt(12)) {
                        case 0, 1 -> fieldEnd;
                        case 2 -> lineEnd;
                        case 3 -> lineEnd + lineStart;
                        case 4 -> enclosed;
                        case 5 -> escaped;
                        case 6 -> pick(random, "N", "NULL", "n", "t", "0", "Z", "b");
                        case 7 -> pick(random, "é", "€", "😀", "ÿ");
                        case 8 -> fieldEnd.substring(0, 1);
                        case 9 -> lineEnd.substring(0, 1);
                        case 10 -> pick(random, "\\", "\"", "'", ">", "x", "\r", "\n", ";", ",");
                        default -> pick(random, "abc", "1", " ", "x");
                    });
        }
        byte[] bytes = file.toString().getBytes(UTF_8);
        var format =
                new FileFormat(
                        fieldEnd.getBytes(UTF_8),
                        lineStart.getBytes(UTF_8),
                        lineEnd.getBytes(UTF_8),
                        enclosed.isEmpty() ? FileFormat.NONE : enclosed.charAt(0),
                        escaped.isEmpty() ? FileFormat.NONE : escaped.charAt(0),
                        skipped);
        List<String> stored = load(statement, format, bytes, skipped, "a, b, c");
        String described = "%s: %s in %s".formatted(name, quoted(file.toString()), format);
        assertThat(cut(format, bytes, skipped)).as(described).isEqualTo(stored);
        if (format.takesNumbers()) {
            byte[] before = written(format, bytes, skipped, -1, new ArrayList<>());
            assertThat(load(statement, format, before, skipped, "@id, a, b, c"))
                    .as("%s, a number before each record", described)
                    .isEqualTo(stored);
            int field = random.nextInt(FIELDS);
            var missing = new ArrayList<Boolean>();
            byte[] inPlace = written(format, bytes, skipped, field, missing);
            assertThat(load(statement, format, inPlace, skipped, "a, b, c"))
                    .as("%s, field %d is a number", described, field)
                    .isEqualTo(
                            IntStream.range(0, stored.size())
                                    .mapToObj(row ->
                                            missing.get(row)
                                                    ? stored.get(row)
                                                    : numbered(stored.get(row), field))
                                    .toList());
        }
    }

    /** What MySQL makes of it. */
    private static List<String> load(
            Statement statement, FileFormat format, byte[] bytes, int skipped, String columns)
            throws SQLException {
        statement.execute("TRUNCATE TABLE t");
        statement
                .unwrap(JdbcStatement.class)
                .setLocalInfileInputStream(new ByteArrayInputStream(bytes));
        statement.execute(
                ("LOAD DATA LOCAL INFILE 'x' INTO TABLE t CHARACTER SET utf8mb4 FIELDS TERMINATED"
                                + " BY %s ENCLOSED BY %s ESCAPED BY %s LINES STARTING BY %s TERMINATED"
                                + " BY %s IGNORE %d LINES (%s)")
                        .formatted(
                                quoted(new String(format.fieldEnd(), UTF_8)),
                                quoted(one(format.enclosed())),
                                quoted(one(format.escaped())),
                                quoted(new String(format.lineStart(), UTF_8)),
                                quoted(new String(format.lineEnd(), UTF_8)),
                                skipped,
                                columns));
        return stored(statement);
    }

    private static String one(int value) {
        return value == FileFormat.NONE ? "" : Character.toString(value);
    }

    private static String numbered(String row, int field) {
        String[] values = row.split(BETWEEN, -1);
        values[field] = "77";
        return String.join(BETWEEN, values);
    }

    /**
     * The file with a number in the place of a field, or before the first one.
     *
     * @param missing told of each record: it has no such field
     */
    private static byte[] written(
            FileFormat format, byte[] bytes, int skipped, int field, List<Boolean> missing) {
        var cutter = new RecordCutter(format, UTF8, FIELDS, Math.max(field, 0), -1);
        var out = new ByteArrayOutputStream();
        int from = 0;
        for (int line = 0; line < skipped && from >= 0; line++) {
            int to = cutter.skipLine(bytes, from, bytes.length, true);
            out.write(bytes, from, (to < 0 ? bytes.length : to) - from);
            from = to;
        }
        while (from >= 0) {
            int to = cutter.cut(bytes, from, bytes.length, true);
            if (to < 0) {
                out.write(bytes, from, bytes.length - from);
            } else if (field < 0) {
                out.write(bytes, from, cutter.begins() - from);
                out.writeBytes("77".getBytes(UTF_8));
                out.writeBytes(format.fieldEnd());
                out.write(bytes, cutter.begins(), to - cutter.begins());
            } else if (cutter.key().content() == RecordCutter.Content.MISSING) {
                out.write(bytes, from, to - from);
            } else {
                out.write(bytes, from, cutter.key().begins() - from);
                out.writeBytes("77".getBytes(UTF_8));
                out.write(bytes, cutter.key().ends(), to - cutter.key().ends());
            }
            missing.add(cutter.key().content() == RecordCutter.Content.MISSING);
            from = to;
        }
        return out.toByteArray();
    }

    private static String quoted(String text) {
        return "'"
                + text.replace("\\", "\\\\")
                        .replace("'", "\\'")
                        .replace("\n", "\\n")
                        .replace("\r", "\\r")
                        .replace("\t", "\\t")
                + "'";
    }

    private static List<String> stored(Statement statement) throws SQLException {
        var rows = new ArrayList<String>();
        try (ResultSet found =
                statement.executeQuery("SELECT a, b, c FROM t ORDER BY row_number_")) {
            while (found.next()) {
                rows.add(
                        String.join(
                                BETWEEN,
                                Arrays.asList(
                                        String.valueOf(found.getString(1)),
                                        String.valueOf(found.getString(2)),
                                        String.valueOf(found.getString(3)))));
            }
        }
        return rows;
    }

    private static List<String> cut(FileFormat format, byte[] bytes, int skipped) {
        var cutters = new ArrayList<RecordCutter>();
        for (int field = 0; field < FIELDS; field++) {
            cutters.add(new RecordCutter(format, UTF8, FIELDS, field, -1));
        }
        var rows = new ArrayList<String>();
        int from = 0;
        for (int line = 0; line < skipped && from >= 0; line++) {
            from = cutters.getFirst().skipLine(bytes, from, bytes.length, true);
        }
        while (from >= 0) {
            var fields = new ArrayList<String>();
            int end = RecordCutter.END;
            for (RecordCutter cutter : cutters) {
                end = cutter.cut(bytes, from, bytes.length, true);
                RecordCutter.Field field = cutter.key();
                fields.add(
                        field.content() == RecordCutter.Content.TEXT
                                ? new String(
                                        field.bytes(),
                                        field.from(),
                                        field.to() - field.from(),
                                        UTF_8)
                                : "null");
            }
            if (end >= 0) {
                rows.add(String.join(BETWEEN, fields));
            }
            from = end;
        }
        return rows;
    }
}
