package io.shardway.router.plan;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.shardway.router.keyspace.BucketMap;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.schema.Catalog;
import io.shardway.router.sql.Digest;
import io.shardway.router.sql.Lexer;
import io.shardway.router.sql.SqlDialect;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the way from a statement's bytes to its shard costs, with its plan in the cache and without:
 * {@code mvn -Pbenchmark -pl router -am test -Dbenchmark=RouteBenchmark}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RouteBenchmark {

    private static final int PLANS = 1_000;

    private final byte[] text =
            "SELECT name, email FROM users WHERE user_id = 90017".getBytes(UTF_8);
    private final Lexer lexer = new Lexer();
    private final Catalog catalog = TestCatalog.catalog();
    private final PlanCache<Digest> cache = new PlanCache<>(PLANS);
    private final StatementPlanner planner = new StatementPlanner();
    private final BucketMap owners = BucketMap.even(List.of(new ShardId("s1"), new ShardId("s2")));

    @Setup
    public void planOnce() {
        lexer.scan(text, 0, text.length, SqlDialect.DEFAULT);
        cache.put(lexer.digest().copy(), catalog, makePlan());
    }

    private Planned makePlan() {
        return planner.plan(text, 0, text.length, SqlDialect.DEFAULT, lexer, "store", catalog);
    }

    /** Lex, find the plan, resolve the key, find the owner: what every relayed statement pays. */
    @Benchmark
    public ShardId route() {
        lexer.scan(text, 0, text.length, SqlDialect.DEFAULT);
        Plan plan = cache.get(lexer.digest(), catalog).orElseThrow().plan();
        if (plan instanceof Plan.Keyed keyed) {
            int bucket = KeyResolver.bucketOf(keyed.pin(), lexer, ParameterValues.NONE);
            return owners.ownerOf(bucket);
        }
        throw new IllegalStateException("not keyed: " + plan);
    }

    /** What a digest never seen pays on top: parsing and planning. */
    @Benchmark
    public Plan plan() {
        return makePlan().plan();
    }
}
