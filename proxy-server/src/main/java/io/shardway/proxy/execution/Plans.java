package io.shardway.proxy.execution;

import io.shardway.proxy.settings.PlanSettings;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.plan.AccountAdvice;
import io.shardway.router.plan.GrammarMemory;
import io.shardway.router.plan.ManyRows;
import io.shardway.router.plan.Plan;
import io.shardway.router.plan.PlanCache;
import io.shardway.router.plan.Planned;
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
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.LongConsumer;

/**
 * Finds the plan of a scanned statement: from the cache, or by planning it. Thread-safe.
 *
 * <p>Planning a shape for the first time takes from a part of a millisecond to seconds, so it
 * happens on virtual threads; no more of them work at once than there are processors.
 */
public final class Plans {

    /** Of all proxies of the process: it is the grammar's, and costs seconds to learn. */
    private static final GrammarMemory GRAMMAR = new GrammarMemory(64L << 20);

    private static final LongStatements LONG = new LongStatements();

    private static final StatementPlanner PLANNER = new StatementPlanner(GRAMMAR);

    /** Of the heap, at most this part is for what the parser has learnt. */
    private static final int GRAMMAR_HEAP_PARTS = 4;

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

    /** Shorter statements are classified on the event loop, which takes microseconds. */
    private static final int CLASSIFIED_BYTES_MAX = 1 << 10;

    private static final Planned NOT_CLOSED =
            Planned.byTokens(
                    new Plan.Rejected(
                            ErrorCode.NOT_UNDERSTOOD, "a string, name or comment is not closed"));

    private final PlanCache<Shape> cache;
    private final int cachedBytesMax;
    private final int inFlightMax;
    private final Planner planner;
    private final LongConsumer planned;
    private final Semaphore room;

    /** Planning waits for one of these; tests take them all. */
    final Semaphore working = new Semaphore(Runtime.getRuntime().availableProcessors());

    private final Map<Wanted, CompletableFuture<Planned>> coming = new ConcurrentHashMap<>();

    /** What a plan depends on besides the catalog. Immutable once the digest is a copy. */
    private record Shape(Digest digest, SqlDialect dialect, String keyspace) {}

    /**
     * What a plan is made of and for; catalogs are compared by identity.
     *
     * @param text of a definition, whose values matter; else empty
     */
    private record Wanted(Shape shape, Catalog catalog, String text) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Wanted that
                    && catalog == that.catalog
                    && text.equals(that.text)
                    && shape.equals(that.shape);
        }

        @Override
        public int hashCode() {
            return shape.hashCode();
        }
    }

    /** Makes the plan of a scanned, well-formed statement. Thread-safe. */
    @FunctionalInterface
    interface Planner {
        Planned plan(Lexer lexer, int from, SqlDialect dialect, String keyspace, Catalog catalog);
    }

    /**
     * @param planned hears how many nanoseconds each planning took
     */
    public Plans(PlanSettings settings, LongConsumer planned) {
        this(settings, planned, Plans::make);
        long share = Runtime.getRuntime().maxMemory() / GRAMMAR_HEAP_PARTS;
        GRAMMAR.limit(Math.min(settings.grammarBytesMax(), share));
        LONG.limit(settings.wordsMax());
    }

    /** What the parser has learnt, in this process. */
    public static GrammarMemory grammar() {
        return GRAMMAR;
    }

    Plans(PlanSettings settings, LongConsumer planned, Planner planner) {
        this.cache = new PlanCache<>(Math.max(1, settings.cacheEntriesMax()));
        this.cachedBytesMax =
                settings.cacheEntriesMax() == 0 ? 0 : settings.cachedStatementBytesMax();
        this.inFlightMax = settings.inFlightMax();
        this.room = new Semaphore(inFlightMax);
        this.planned = planned;
        this.planner = planner;
    }

    /**
     * The plan, if it is found in no time: it is remembered, or the session's own grammar tells.
     *
     * @param keyspace the current one; empty for none
     */
    public Optional<Planned> known(
            Lexer lexer, int from, SqlDialect dialect, String keyspace, Catalog catalog) {
        boolean plain = catalog.plain().contains(keyspace);
        if (!lexer.wellFormed()) {
            return Optional.of(plain ? make(lexer, from, dialect, keyspace, catalog) : NOT_CLOSED);
        }
        Optional<Planned> cached = cache.get(new Shape(lexer.digest(), dialect, keyspace), catalog);
        if (cached.isPresent() || lexer.statementEnd() - from > CLASSIFIED_BYTES_MAX) {
            return cached;
        }
        List<Token> tokens = Tokens.of(lexer.text(), from, lexer.statementEnd(), dialect);
        if (plain && showsOther(tokens, keyspace, catalog)) {
            return Optional.empty();
        }
        Optional<Planned> ofSession =
                (plain
                                ? Optional.of(SessionStatements.planInPlain(tokens, true, keyspace))
                                : SessionStatements.classify(tokens, keyspace, false))
                        .map(Planned::byTokens);
        if (ofSession.isPresent()) {
            remember(
                    new Shape(lexer.digest().copy(), dialect, keyspace),
                    catalog,
                    isDefinition(lexer.text(), from, dialect),
                    ofSession.get());
        }
        return ofSession;
    }

    /** The plan, made now if it is not known: not for event loops. */
    public Planned planOf(
            Lexer lexer, int from, SqlDialect dialect, String keyspace, Catalog catalog) {
        Optional<Planned> known = known(lexer, from, dialect, keyspace, catalog);
        if (known.isPresent()) {
            return known.get();
        }
        Planned made = planner.plan(lexer, from, dialect, keyspace, catalog);
        boolean definition = isDefinition(lexer.text(), from, dialect);
        remember(new Shape(lexer.digest().copy(), dialect, keyspace), catalog, definition, made);
        return made;
    }

    /**
     * Plans on a thread of its own. Statements of the same shape that come meanwhile get the same
     * plan; it is also remembered. Fails with {@link ErrorCode#TOO_MANY_PLANS}.
     *
     * @param text of one well-formed statement that is not {@link #known}; not written to any more
     * @param digest its own, not a view
     */
    CompletionStage<Planned> plan(
            byte[] text, Digest digest, SqlDialect dialect, String keyspace, Catalog catalog) {
        boolean definition = isDefinition(text, 0, dialect);
        var wanted =
                new Wanted(
                        new Shape(digest, dialect, keyspace),
                        catalog,
                        definition ? new String(text, StandardCharsets.ISO_8859_1) : "");
        var made = new CompletableFuture<Planned>();
        CompletableFuture<Planned> before = coming.putIfAbsent(wanted, made);
        if (before != null) {
            return before;
        }
        if (room.tryAcquire()) {
            Thread.ofVirtual().name("planner").start(() -> plan(text, wanted, made));
        } else {
            coming.remove(wanted, made);
            made.completeExceptionally(
                    new ShardwayException(
                            ErrorCode.TOO_MANY_PLANS, inFlightMax + " are being planned"));
        }
        return made;
    }

    private void plan(byte[] text, Wanted wanted, CompletableFuture<Planned> made) {
        working.acquireUninterruptibly();
        long begun = System.nanoTime();
        Optional<Planned> plan = Optional.empty();
        Optional<Throwable> fault = Optional.empty();
        try {
            Shape shape = wanted.shape();
            var lexer = new Lexer();
            lexer.scan(text, 0, text.length, shape.dialect());
            plan =
                    Optional.of(
                            planner.plan(
                                    lexer, 0, shape.dialect(), shape.keyspace(), wanted.catalog()));
            remember(shape, wanted.catalog(), isDefinition(text, 0, shape.dialect()), plan.get());
        } catch (RuntimeException | Error thrown) {
            fault = Optional.of(thrown);
        } finally {
            working.release();
            room.release();
            coming.remove(wanted, made);
        }
        planned.accept(System.nanoTime() - begun);
        plan.ifPresent(made::complete);
        fault.ifPresent(made::completeExceptionally);
    }

    private void remember(Shape shape, Catalog catalog, boolean definition, Planned made) {
        boolean fits = shape.digest().sizeInBytes() <= cachedBytesMax;
        if (fits && !definition && !mayHoldSecrets(made.plan())) {
            cache.put(shape, catalog, made);
        }
    }

    /** What a table's comment or AUTO_INCREMENT = n says is of the plan, and not of the digest. */
    private static boolean isDefinition(byte[] text, int from, SqlDialect dialect) {
        return Tokens.first(text, from, text.length, dialect)
                .filter(word -> word.isWord("create") || word.isWord("alter"))
                .isPresent();
    }

    /**
     * The plan of a statement with a body. Its head, up to the first semicolon, is what the lexer
     * has read.
     */
    public Planned planOfProgram(
            Lexer lexer, int from, SqlDialect dialect, String keyspace, Catalog catalog) {
        if (!catalog.plain().contains(keyspace)) {
            return Planned.byTokens(
                    new Plan.Rejected(
                            ErrorCode.NOT_OFFERED,
                            "routines, triggers and events are for plain keyspaces"));
        }
        List<Token> tokens = Tokens.of(lexer.text(), from, lexer.statementEnd(), dialect);
        return Planned.byTokens(SessionStatements.planInPlain(tokens, true, keyspace));
    }

    /**
     * What stands in quotes that are not a string's (with ANSI_QUOTES) is part of a digest, and
     * statements on accounts, Shardway's and MySQL's, may be written so. Their refusals are found
     * again as fast as they would be remembered.
     */
    private static boolean mayHoldSecrets(Plan plan) {
        return plan instanceof Plan.Admin
                || plan instanceof Plan.Rejected(var code, var detail)
                        && code == ErrorCode.NOT_OFFERED
                        && detail.startsWith(AccountAdvice.BEGINNING);
    }

    private static Planned make(
            Lexer lexer, int from, SqlDialect dialect, String keyspace, Catalog catalog) {
        boolean plain = catalog.plain().contains(keyspace);
        if (!plain && !lexer.wellFormed()) {
            return NOT_CLOSED;
        }
        Optional<Planned> many =
                lexer.wellFormed()
                        ? ManyRows.plan(
                                lexer.text(),
                                from,
                                lexer.statementEnd(),
                                dialect,
                                text -> make(text, dialect, keyspace, catalog))
                        : Optional.empty();
        return many.orElseGet(() ->
                LONG.plan(
                        lexer.text(),
                        from,
                        lexer.statementEnd(),
                        dialect,
                        !plain,
                        () -> makeOfAll(lexer, from, dialect, keyspace, catalog)));
    }

    private static Planned makeOfAll(
            Lexer lexer, int from, SqlDialect dialect, String keyspace, Catalog catalog) {
        boolean plain = catalog.plain().contains(keyspace);
        List<Token> tokens = Tokens.of(lexer.text(), from, lexer.statementEnd(), dialect);
        if (plain && !(lexer.wellFormed() && showsOther(tokens, keyspace, catalog))) {
            return Planned.byTokens(
                    SessionStatements.planInPlain(tokens, lexer.wellFormed(), keyspace));
        }
        Optional<Plan> ofSession = SessionStatements.classify(tokens, keyspace, false);
        if (ofSession.isPresent()) {
            return Planned.byTokens(ofSession.get());
        }
        Planned made =
                PLANNER.plan(
                        lexer.text(),
                        from,
                        lexer.statementEnd(),
                        dialect,
                        lexer,
                        keyspace,
                        catalog);
        return new Planned(
                StatementPlanner.withTraits(made.plan(), StatementTraits.of(tokens)), made.needs());
    }

    private static Planned make(byte[] text, SqlDialect dialect, String keyspace, Catalog catalog) {
        var lexer = new Lexer();
        lexer.scan(text, 0, text.length, dialect);
        return make(lexer, 0, dialect, keyspace, catalog);
    }

    /** A SHOW in a plain keyspace that looks into another one, whose account it needs. */
    private static boolean showsOther(List<Token> tokens, String keyspace, Catalog catalog) {
        return StatementPlanner.shows(tokens)
                .filter(shown -> !shown.equals(keyspace) && catalog.has(shown))
                .isPresent();
    }

    /**
     * Has the parser read typical shapes once, away from the event loops: in a cold JVM the first
     * statement of a structure takes tens to hundreds of milliseconds. Nothing is remembered.
     */
    public void warmUp(Catalog catalog) {
        for (String keyspace : catalog.sharded().keySet()) {
            for (String sql : TYPICAL) {
                make(sql.getBytes(StandardCharsets.UTF_8), SqlDialect.DEFAULT, keyspace, catalog);
            }
        }
    }

    public long size() {
        return cache.size();
    }
}
