package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Random SELECTs on two shards and on one MySQL. More of them: {@code
 * -Dshardway.reads.count=20000}; others: {@code -Dshardway.reads.seed=...}, which also decides the
 * rows.
 */
class RandomReadsIT {

    private static final int COUNT = Integer.getInteger("shardway.reads.count", 200);
    private static final long SEED = Long.getLong("shardway.reads.seed", 1);
    private static final int TIMEOUT = 3024;

    private int withRows;
    private int refused;
    private int errors;
    private int tooSlow;
    private int otherTypes;
    private int mysqlsFaults;

    @Test
    @Timeout(1200)
    void twoShardsAnswerAsOneServerWould() throws SQLException {
        System.out.println("RandomReadsIT seed " + SEED);
        var random = new Random(SEED);
        var differences = new ArrayList<String>();
        try (ReadsTwin twin = ReadsTwin.start(SEED)) {
            var reads = new RandomReads(random);
            for (boolean prepared : List.of(false, true)) {
                String parameters = prepared ? "useServerPrepStmts=true" : "";
                try (Connection direct = twin.twin().direct(parameters);
                        Connection proxied = twin.twin().proxied(parameters)) {
                    run(direct, "SET max_execution_time = 3000");
                    run(proxied, "SET max_execution_time = 3000");
                    for (int i = 0; i < COUNT / 2; i++) {
                        if (i % 20 == 10) {
                            run(proxied, "START TRANSACTION");
                        } else if (i % 20 == 0) {
                            run(proxied, "ROLLBACK");
                        }
                        String sql = reads.next();
                        String schema = twin.twin().directSchema();
                        compare(
                                sql,
                                () -> ReadAnswer.of(direct, schema, sql, prepared),
                                ReadAnswer.of(proxied, twin.twin().keyspace(), sql, prepared),
                                differences,
                                direct);
                    }
                }
            }
        }
        System.out.printf(
                "RandomReadsIT %d statements: %d equal with rows, %d MySQL's errors, %d refused,"
                        + " %d too slow, %d of other types, %d MySQL's faults, %d different%n",
                COUNT,
                withRows,
                errors,
                refused,
                tooSlow,
                otherTypes,
                mysqlsFaults,
                differences.size());
        assertThat(differences).as("seed %d", SEED).isEmpty();
        assertThat(otherTypes).as("of other types, seed %d", SEED).isLessThan(COUNT / 20 + 1);
        assertThat(mysqlsFaults).as("MySQL's faults, seed %d", SEED).isLessThan(COUNT / 40 + 1);
        assertThat(refused).as("refused, seed %d", SEED).isZero();
        assertThat(withRows).as("statements with rows, seed %d", SEED).isGreaterThan(COUNT / 3);
    }

    private interface Asked {
        ReadAnswer answer() throws SQLException;
    }

    private void compare(
            String sql, Asked asked, ReadAnswer actual, List<String> differences, Connection direct)
            throws SQLException {
        ReadAnswer expected = asked.answer();
        if (isTimeout(expected) || isTimeout(actual)) {
            tooSlow++;
        } else if (actual.isRefusedByProxy()) {
            refused++;
            System.out.println("refused: " + sql + "\n  " + actual.error());
        } else if (isOfAnotherType(expected, actual)
                && values(sql, expected).equals(values(sql, actual))) {
            otherTypes++;
            System.out.println("other types: " + sql);
        } else if (answer(sql, expected).equals(answer(sql, actual))) {
            if (!expected.error().isEmpty()) {
                errors++;
            } else if (!expected.rows().isEmpty()) {
                withRows++;
            }
        } else if (answer(sql, withoutSemijoins(asked, direct)).equals(answer(sql, actual))) {
            mysqlsFaults++;
            System.out.println("MySQL's fault: " + sql);
        } else {
            differences.add("%n%s%n  MySQL: %s%n  proxy: %s".formatted(sql, expected, actual));
        }
    }

    /**
     * MySQL 8.0.31 itself answers some outer joins with a subquery in their condition wrongly when
     * it makes semijoins or antijoins of them: a row of t1 LEFT JOIN t2 ON ... AND NOT EXISTS (no
     * row) is missing.
     */
    private static ReadAnswer withoutSemijoins(Asked asked, Connection direct) throws SQLException {
        run(direct, "SET optimizer_switch = 'semijoin=off'");
        ReadAnswer answer = asked.answer();
        run(direct, "SET optimizer_switch = DEFAULT");
        return answer;
    }

    /**
     * Where rows pass through a temporary table of MySQL's own, columns have another type or table;
     * whether they do hangs on its plan.
     */
    private static boolean isOfAnotherType(ReadAnswer expected, ReadAnswer actual) {
        return expected.error().equals(actual.error())
                && !expected.columns().equals(actual.columns())
                && labels(expected).equals(labels(actual))
                && expected.rows().size() == actual.rows().size();
    }

    /** Without their bytes, which are those of a type. */
    private static List<String> values(String sql, ReadAnswer answer) {
        var rows =
                answer.rows().stream()
                        .map(row -> row.replaceAll(" [0-9a-f]*(?=[,\\]])", ""))
                        .toList();
        return answer(sql, new ReadAnswer(List.of(), rows, List.of(), "")).rows();
    }

    private static List<String> labels(ReadAnswer answer) {
        return answer.columns().stream().map(column -> column.split(" ", 2)[0]).toList();
    }

    private static boolean isTimeout(ReadAnswer answer) {
        return answer.error().startsWith(TIMEOUT + " ");
    }

    /** The number of warnings hangs on the order in which MySQL reads. */
    private static ReadAnswer answer(String sql, ReadAnswer answer) {
        var bare = new ReadAnswer(answer.columns(), answer.rows(), List.of(), answer.error());
        return sql.contains("ORDER BY") && sql.contains("a.user_id") ? bare : bare.sorted();
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
