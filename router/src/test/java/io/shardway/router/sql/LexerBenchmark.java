package io.shardway.router.sql;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What reading a statement costs: {@code mvn -Pbenchmark -pl router -am test}. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class LexerBenchmark {

    /** Statements as sysbench and a store send them. */
    public enum Statement {
        POINT_34("SELECT c FROM sbtest1 WHERE id=5017"),
        STORE_100(
                "SELECT order_id, total, state FROM orders WHERE user_id = 90017 AND state = 'PAID'"
                        + " ORDER BY order_id DESC"),
        INSERT_260(
                "INSERT INTO sbtest1 (id, k, c, pad) VALUES (0, 5012,"
                        + " '83868641912-28773972837-60736120486-75162659906-27563526494-20381887404"
                        + "-41576422241-93426793964-56405065102-33518432330',"
                        + " '67847967377-48000963322-62604785301-91415491898-96926520291')");

        private final String sql;

        Statement(String sql) {
            this.sql = sql;
        }
    }

    @Param public Statement statement = Statement.POINT_34;

    private final Lexer lexer = new Lexer();
    private byte[] text = {};
    private Map<Digest, Integer> plans = Map.of();

    @Setup
    public void scanOnce() {
        text = statement.sql.getBytes(StandardCharsets.UTF_8);
        lexer.scan(text, 0, text.length, SqlDialect.DEFAULT);
        plans = Map.of(lexer.digest().copy(), 1);
    }

    @Benchmark
    public int scan() {
        lexer.scan(text, 0, text.length, SqlDialect.DEFAULT);
        return lexer.digest().hashCode();
    }

    @Benchmark
    public int scanAndFindPlan() {
        lexer.scan(text, 0, text.length, SqlDialect.DEFAULT);
        return plans.getOrDefault(lexer.digest(), 0);
    }
}
