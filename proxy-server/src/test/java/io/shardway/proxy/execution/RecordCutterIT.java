package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.mysql.cj.jdbc.JdbcStatement;
import io.shardway.cluster.LocalCluster;
import io.shardway.cluster.MySqlNode;
import io.shardway.cluster.TestCluster;
import java.io.ByteArrayInputStream;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Random files, cut here and loaded by MySQL: the same records with the same fields. */
@Timeout(300)
class RecordCutterIT {

    private static final int FILES = Integer.getInteger("shardway.cutter.files", 400);
    private static final int FIELDS = 3;
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
        statement.execute("TRUNCATE TABLE t");
        statement
                .unwrap(JdbcStatement.class)
                .setLocalInfileInputStream(new ByteArrayInputStream(bytes));
        statement.execute(
                ("LOAD DATA LOCAL INFILE 'x' INTO TABLE t CHARACTER SET utf8mb4 FIELDS TERMINATED"
                                + " BY %s ENCLOSED BY %s ESCAPED BY %s LINES STARTING BY %s TERMINATED"
                                + " BY %s IGNORE %d LINES (a, b, c)")
                        .formatted(
                                quoted(fieldEnd),
                                quoted(enclosed),
                                quoted(escaped),
                                quoted(lineStart),
                                quoted(lineEnd),
                                skipped));
        assertThat(cut(format, bytes, skipped))
                .as("%s: %s in %s", name, quoted(file.toString()), format)
                .isEqualTo(stored(statement));
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
                        "%s|%s|%s"
                                .formatted(
                                        found.getString(1),
                                        found.getString(2),
                                        found.getString(3)));
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
                rows.add(String.join("|", fields));
            }
            from = end;
        }
        return rows;
    }
}
