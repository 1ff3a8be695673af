package io.shardway.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.shardway.difftest.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Reads of rows on two shards, answered as one MySQL answers them. */
@Timeout(240)
class AssembledReadsIT {

    private static ReadsTwin twin;

    @BeforeAll
    static void start() throws SQLException {
        twin = ReadsTwin.start(7);
    }

    @AfterAll
    static void stop() {
        twin.close();
    }

    private record Case(String sql, boolean ordered) {}

    private static List<Case> cases() throws IOException {
        var cases = new ArrayList<>(cases("/reads/assembled.cases"));
        cases.addAll(cases("/reads/finished.cases"));
        cases.addAll(cases("/reads/grouped.cases"));
        cases.addAll(cases("/reads/scattered.cases"));
        cases.addAll(cases("/reads/locking.cases"));
        return cases;
    }

    private static List<Case> cases(String resource) throws IOException {
        try (InputStream in =
                Objects.requireNonNull(AssembledReadsIT.class.getResourceAsStream(resource))) {
            return new String(in.readAllBytes(), UTF_8)
                    .lines()
                    .filter(line -> line.startsWith("= ") || line.startsWith("~ "))
                    .map(line -> new Case(line.substring(2), line.startsWith("=")))
                    .toList();
        }
    }

    @Test
    void textStatementsAreAnsweredAsByOneMySql() throws Exception {
        compareAll("", false, "SET @answer = 41", "SELECT LAST_INSERT_ID(5)");
    }

    @Test
    void preparedStatementsAreAnsweredAsByOneMySql() throws Exception {
        compareAll("useServerPrepStmts=true", true, "SET @answer = 41", "SELECT LAST_INSERT_ID(5)");
    }

    @Test
    void otherSettingsOfTheSessionCount() throws Exception {
        compareAll(
                "",
                false,
                "SET @answer = 'x', time_zone = '+05:30', sql_mode = 'PAD_CHAR_TO_FULL_LENGTH'",
                "SET sql_select_limit = 3");
    }

    @Test
    void aTransactionSeesTheSame() throws Exception {
        compareAll("", false, "SET autocommit = 0", "SET @answer = 1");
        compareAll("", false, "START TRANSACTION READ ONLY", "SET @answer = 1");
    }

    @Test
    void whatWouldBeAnotherValueOnAnotherNodeIsRefused() throws SQLException {
        try (Connection connection = twin.twin().proxied("")) {
            assertThat(SideBySide.describe(connection, "SELECT COUNT(DISTINCT made) FROM keyed"))
                    .contains("SW-2001", "a key of table", "TIMESTAMP");
            for (int user = 11; user <= 14; user++) {
                assertThat(docs(connection, "HEX(j)", user)).contains("SW-2001", "JSON values");
            }
            for (int user = 15; user <= 17; user++) {
                assertThat(docs(connection, "HEX(j)", user)).doesNotContain("SW-");
            }
            assertThat(docs(connection, "JSON_TYPE(j->'$[0]')", 15)).contains("JSON values");
            assertThat(docs(connection, "CAST(j->'$[0]' AS SIGNED)", 15)).contains("JSON values");
            assertThat(docs(connection, "JSON_TYPE(j->'$.a')", 16)).contains("JSON values");
            assertThat(docs(connection, "JSON_TYPE(j)", 17)).contains("UNSIGNED INTEGER");
            assertThat(docs(connection, "JSON_STORAGE_SIZE(j)", 17)).contains("SW-2001");
        }
    }

    private static String docs(Connection connection, String item, int user) throws SQLException {
        return SideBySide.describe(
                connection,
                "SELECT %s AS shown FROM docs WHERE user_id >= %d AND user_id <= %2$d"
                        .concat(" ORDER BY shown")
                        .formatted(item, user));
    }

    @Test
    void theShardsDoWhatTheyCan() throws Exception {
        assertThat(takenOtherwise("scatter", "/reads/scattered.cases")).isEmpty();
        assertThat(takenOtherwise("finish", "/reads/finished.cases")).isEmpty();
        assertThat(takenOtherwise("finish", "/reads/grouped.cases")).isEmpty();
    }

    private static List<String> takenOtherwise(String way, String resource) throws Exception {
        var others = new ArrayList<String>();
        try (Connection admin = twin.twin().proxy().connectAsAdmin()) {
            for (Case each : cases(resource)) {
                String shown = SideBySide.describe(admin, "SHARDWAY EXPLAIN " + each.sql());
                if (!shown.contains("|" + way + ", ")) {
                    others.add(shown);
                }
            }
        }
        return others;
    }

    private static void compareAll(String parameters, boolean prepared, String... before)
            throws SQLException, IOException {
        var differences = new ArrayList<String>();
        try (Connection direct = twin.twin().direct(parameters);
                Connection proxied = twin.twin().proxied(parameters)) {
            for (Connection connection : List.of(direct, proxied)) {
                try (Statement statement = connection.createStatement()) {
                    for (String sql : before) {
                        statement.execute(sql);
                    }
                }
            }
            for (Case each : cases()) {
                Answer expected =
                        Answer.verbatim(direct, twin.twin().directSchema(), each.sql(), prepared);
                Answer actual =
                        Answer.verbatim(proxied, twin.twin().keyspace(), each.sql(), prepared);
                boolean same =
                        each.ordered()
                                ? actual.withSortedWarnings().equals(expected.withSortedWarnings())
                                : actual.sorted().equals(expected.sorted());
                if (!same) {
                    differences.add(
                            "%n%s%n  MySQL: %s%n  proxy: %s"
                                    .formatted(each.sql(), expected, actual));
                }
            }
        }
        System.out.printf(
                "AssembledReadsIT %d statements, %d differ%n", cases().size(), differences.size());
        assertThat(differences).isEmpty();
    }
}
