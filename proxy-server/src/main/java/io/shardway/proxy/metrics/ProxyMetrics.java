package io.shardway.proxy.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.shardway.router.ErrorCode;
import io.shardway.router.plan.GrammarMemory;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts what happens to statements. Thread-safe; a call is one or two additions to cells that
 * event loops do not share, and allocates nothing. Sums and counts only: Micrometer's own timers
 * keep a maximum that all threads write.
 */
public final class ProxyMetrics {

    private final Tally[] statements = Tally.forEach(StatementKind.values().length);
    private final LongAdder[] errors = new LongAdder[ErrorCode.values().length];
    private final Tally poolWaits = new Tally();
    private final Tally sequenceBlocks = new Tally();
    private final Tally sequenceWaits = new Tally();
    private final Tally plans = new Tally();
    private final Tally sizes = new Tally();
    private final LongAdder assembledRows = new LongAdder();
    private final LongAdder assembledBytes = new LongAdder();
    private final LongAdder heldBytes = new LongAdder();
    private final LongAdder logins = new LongAdder();
    private final LongAdder loginsFailed = new LongAdder();
    private final LongAdder auditDropped = new LongAdder();

    /** How many, and how long together. */
    private static final class Tally {
        private final LongAdder count = new LongAdder();
        private final LongAdder nanos = new LongAdder();

        private static Tally[] forEach(int count) {
            var tallies = new Tally[count];
            for (int index = 0; index < count; index++) {
                tallies[index] = new Tally();
            }
            return tallies;
        }

        private void add(long nanosTaken) {
            count.increment();
            nanos.add(nanosTaken);
        }

        private void register(MeterRegistry registry, FunctionTimerName name) {
            FunctionTimer.builder(
                            name.name(),
                            this,
                            tally -> tally.count.sum(),
                            tally -> tally.nanos.sum(),
                            TimeUnit.NANOSECONDS)
                    .description(name.description())
                    .tags(name.tags())
                    .register(registry);
        }
    }

    private record FunctionTimerName(String name, String description, String... tags) {}

    /** Registers all meters, so that each is seen from the start, at zero. */
    public ProxyMetrics(MeterRegistry registry) {
        for (StatementKind kind : StatementKind.values()) {
            statements[kind.ordinal()].register(
                    registry,
                    new FunctionTimerName(
                            "shardway.statements",
                            "Statements answered, and the time from first byte to last",
                            "kind",
                            lower(kind)));
        }
        for (ErrorCode code : ErrorCode.values()) {
            errors[code.ordinal()] = new LongAdder();
            FunctionCounter.builder("shardway.errors", errors[code.ordinal()], LongAdder::sum)
                    .description("Errors of the proxy's own sent to clients")
                    .tags("code", code.id(), "kind", lower(code.kind()))
                    .register(registry);
        }
        poolWaits.register(
                registry,
                new FunctionTimerName(
                        "shardway.pool.wait", "Leases that had to wait, and how long they did"));
        plans.register(
                registry,
                new FunctionTimerName(
                        "shardway.plans", "Shapes of statements planned, and how long that took"));
        sizes.register(
                registry,
                new FunctionTimerName(
                        "shardway.metadata.sizes",
                        "Times the sizes of tables were read from all shards, and how long that"
                                + " took"));
        sequenceBlocks.register(
                registry,
                new FunctionTimerName(
                        "shardway.sequence.blocks",
                        "Blocks of keys fetched, and how long that took"));
        sequenceWaits.register(
                registry,
                new FunctionTimerName(
                        "shardway.sequence.wait",
                        "INSERTs that had to wait for a key, and how long they did"));
        FunctionCounter.builder("shardway.audit.dropped", auditDropped, LongAdder::sum)
                .description("Lines of the audit log that a slow disk has cost")
                .register(registry);
        FunctionCounter.builder("shardway.assemble.rows", assembledRows, LongAdder::sum)
                .description("Rows brought to the default shard for reads over several shards")
                .register(registry);
        FunctionCounter.builder("shardway.assemble.bytes", assembledBytes, LongAdder::sum)
                .description("Bytes of the rows brought to the default shard")
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder("shardway.assemble.held", heldBytes, LongAdder::sum)
                .description(
                        "Bytes of rows that INSERT ... SELECT holds on their way to their owners")
                .baseUnit("bytes")
                .register(registry);
        registerLogins(registry, logins, "accepted");
        registerLogins(registry, loginsFailed, "refused");
    }

    /** Shows what the parser has learnt, which proxies of one process share. */
    public static void register(MeterRegistry registry, GrammarMemory grammar) {
        Gauge.builder("shardway.grammar.bytes", grammar, GrammarMemory::bytes)
                .description("What the parser has learnt from statements, estimated, in bytes")
                .register(registry);
        FunctionCounter.builder("shardway.grammar.dropped", grammar, GrammarMemory::drops)
                .description("Times the parser began to learn anew because it held too much")
                .register(registry);
    }

    private static void registerLogins(MeterRegistry registry, LongAdder adder, String outcome) {
        FunctionCounter.builder("shardway.logins", adder, LongAdder::sum)
                .description("Clients that tried to log in")
                .tags("outcome", outcome)
                .register(registry);
    }

    /**
     * A statement was answered, well or not.
     *
     * @param nanos from its first byte received to the last byte of its answer written
     */
    public void statement(StatementKind kind, long nanos) {
        statements[kind.ordinal()].add(nanos);
    }

    /** An error of our own was sent to a client; a node's error that is passed on is not one. */
    public void error(ErrorCode code) {
        errors[code.ordinal()].increment();
    }

    /** A lease was not to be had at once; given or not, the wait ended. */
    public void poolWait(long nanos) {
        poolWaits.add(nanos);
    }

    /** A shape of statement was planned for the first time. */
    public void planned(long nanos) {
        plans.add(nanos);
    }

    /** The sizes of tables were read from all shards, or could not be. */
    public void sizesRead(long nanos) {
        sizes.add(nanos);
    }

    /** A block of keys was fetched. */
    public void sequenceBlock(long nanos) {
        sequenceBlocks.add(nanos);
    }

    /** No key was to be had at once; drawn or not, the wait ended. */
    public void sequenceWait(long nanos) {
        sequenceWaits.add(nanos);
    }

    /** Rows on their way to their owners have become more, or fewer. */
    public void heldBytes(long change) {
        heldBytes.add(change);
    }

    /** A read over several shards has brought its rows, or given up. */
    public void assembled(long rows, long bytes) {
        assembledRows.add(rows);
        assembledBytes.add(bytes);
    }

    /** How many statements were answered. */
    public long statements() {
        long sum = 0;
        for (Tally tally : statements) {
            sum += tally.count.sum();
        }
        return sum;
    }

    public void login(boolean accepted) {
        (accepted ? logins : loginsFailed).increment();
    }

    /** A line of the audit log was not written. */
    public void auditDropped() {
        auditDropped.increment();
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
