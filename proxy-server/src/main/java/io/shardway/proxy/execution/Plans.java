package io.shardway.proxy.execution;

import io.shardway.router.ErrorCode;
import io.shardway.router.plan.Plan;
import io.shardway.router.plan.PlanCache;
import io.shardway.router.plan.SessionStatements;
import io.shardway.router.plan.StatementPlanner;
import io.shardway.router.plan.StatementTraits;
import io.shardway.router.schema.Catalog;
import io.shardway.router.sql.Digest;
import io.shardway.router.sql.Lexer;
import io.shardway.router.sql.SqlDialect;
import io.shardway.router.sql.Token;
import io.shardway.router.sql.Tokens;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** Finds the plan of a scanned statement: from the cache, or by planning it. Thread-safe. */
public final class Plans {

    private static final List<String> TYPICAL =
            List.of(
                    "SELECT a, b FROM t WHERE k = 1",
                    "SELECT a, COUNT(*) AS n FROM t WHERE k = ? AND b IN ('x', 'y') OR c IS NULL"
                            + " GROUP BY a HAVING n > 1 ORDER BY a DESC LIMIT 10",
                    "SELECT t.a FROM t JOIN u ON t.k = u.k LEFT JOIN v ON v.k = u.k WHERE t.k = 1"
                            + " AND EXISTS (SELECT 1 FROM w WHERE w.k = t.k)",
                    "INSERT INTO t (k, a, b) VALUES (1, 'x', 2.5), (1, NULL, NOW())"
                            + " ON DUPLICATE KEY UPDATE a = VALUES(a)",
                    "UPDATE t SET a = a + 1, b = 'x' WHERE k = 1 AND c < 5",
                    "DELETE FROM t WHERE k = 1",
                    "SHOW TABLES",
                    "SELECT @@version, DATABASE()");

    private final PlanCache<Shape> cache;
    private final StatementPlanner planner = new StatementPlanner();

    /** What a plan depends on besides the catalog. Immutable once the digest is a copy. */
    private record Shape(Digest digest, SqlDialect dialect, String keyspace) {}

    public Plans(int entriesMax) {
        cache = new PlanCache<>(Math.max(1, entriesMax));
    }

    /**
     * @param keyspace the current one; empty for none
     */
    public Plan planOf(
            Lexer lexer, int from, SqlDialect dialect, String keyspace, Catalog catalog) {
        Optional<Plan> cached = cache.get(new Shape(lexer.digest(), dialect, keyspace), catalog);
        if (cached.isPresent()) {
            return cached.get();
        }
        Plan made = make(lexer, from, dialect, keyspace, catalog);
        cache.put(new Shape(lexer.digest().copy(), dialect, keyspace), catalog, made);
        return made;
    }

    private Plan make(Lexer lexer, int from, SqlDialect dialect, String keyspace, Catalog catalog) {
        if (!lexer.wellFormed()) {
            return new Plan.Rejected(
                    ErrorCode.NOT_UNDERSTOOD, "a string, name or comment is not closed");
        }
        List<Token> tokens = Tokens.of(lexer.text(), from, lexer.statementEnd(), dialect);
        Optional<Plan> ofSession = SessionStatements.classify(tokens);
        if (ofSession.isPresent()) {
            return ofSession.get();
        }
        Plan plan =
                planner.plan(
                        lexer.text(),
                        from,
                        lexer.statementEnd(),
                        dialect,
                        lexer,
                        keyspace,
                        catalog);
        return StatementPlanner.withTraits(plan, StatementTraits.of(tokens));
    }

    /**
     * Has the parser read typical shapes once, away from the event loops: in a cold JVM the first
     * statement of a structure takes tens to hundreds of milliseconds. Nothing is remembered.
     */
    public void warmUp(Catalog catalog) {
        for (String keyspace : catalog.sharded().keySet()) {
            for (String sql : TYPICAL) {
                byte[] text = sql.getBytes(StandardCharsets.UTF_8);
                var lexer = new Lexer();
                lexer.scan(text, 0, text.length, SqlDialect.DEFAULT);
                make(lexer, 0, SqlDialect.DEFAULT, keyspace, catalog);
            }
        }
    }

    public long size() {
        return cache.size();
    }
}
