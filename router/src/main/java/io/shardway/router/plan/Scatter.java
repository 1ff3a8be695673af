package io.shardway.router.plan;

import io.shardway.router.sql.SqlDialect;
import io.shardway.router.sql.Token;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How the shards answer a read of one sharded table by themselves: each is sent the statement, and
 * what they answer is put behind each other, merged by an order, or combined group by group.
 * Immutable.
 *
 * @param keyspace of the table
 * @param table whose rows are read
 * @param order in which each shard's rows come; empty if any order will do
 * @param parts what each column of a row that is combined holds; empty if rows are passed on as
 *     they are. Rows are of one group if all columns of {@link Part#GROUP} are equal
 * @param added what the shards' statement is ordered by besides, and the token behind which that is
 *     written
 * @param narrow how to read no more of rows than what they are ordered by, if they have more
 */
public record Scatter(
        String keyspace,
        String table,
        List<Key> order,
        List<Part> parts,
        Optional<Added> added,
        Optional<Limit> limit,
        Optional<Narrow> narrow) {

    private static final Pattern COUNT = Pattern.compile("[0-9]{1,20}");

    /**
     * A column that rows are ordered by.
     *
     * @param item its place in the answer, counted from 0; negative if a star stands for it
     * @param column its name in the table
     */
    public record Key(int item, String column, boolean descending) {}

    /** How the parts of an answer's column become the whole. */
    public enum Part {
        /** Equal in all parts. */
        GROUP,
        /** Counts are added. */
        COUNT,
        /** Exact sums are added; NULL adds nothing. */
        SUM,
        MIN,
        MAX
    }

    /** A text that goes behind this token. */
    public record Added(int token, String text) {}

    /**
     * Where the statement's parts stand.
     *
     * @param items its select list's first token
     * @param from FROM
     * @param orderBy ORDER BY
     * @param columns that it is ordered by, and how
     */
    public record Narrow(int items, int from, int orderBy, List<String> columns, String order) {
        public Narrow {
            columns = List.copyOf(columns);
        }
    }

    /** LIMIT's place in the statement, and what it says. */
    public record Limit(int first, int last, Bound count, Optional<Bound> offset) {

        /** Whether a number is a parameter. */
        boolean isBound() {
            return count instanceof Bound.Parameter
                    || offset.filter(Bound.Parameter.class::isInstance).isPresent();
        }
    }

    /** A number of LIMIT. */
    public sealed interface Bound {
        /** A literal: this token of the statement. */
        record Written(int token) implements Bound {}

        /** A parameter, counted from 0. */
        record Parameter(int index) implements Bound {}
    }

    /**
     * Which of the merged rows are the answer's. Immutable.
     *
     * @param skipped how many come before them
     * @param count how many they are
     */
    public record Range(long skipped, long count) {
        public static final Range ALL = new Range(0, Long.MAX_VALUE);

        /** Fewer rows are rather sent in vain than asked for twice. */
        private static final long DEEP = 1000;

        /** Whether so many rows are skipped that it is found out first which. */
        public boolean isDeep() {
            return skipped >= DEEP && reach() < Long.MAX_VALUE;
        }

        /** How many rows of each shard can matter. */
        public long reach() {
            long sum = skipped + count;
            return sum < 0 ? Long.MAX_VALUE : sum;
        }
    }

    /**
     * What a shard is sent. Immutable.
     *
     * @param parameters which of the statement's parameters each of the text's is; -1 less a
     *     number's place stands for one of the numbers; empty if they are the statement's own
     * @param numbers that the text has parameters for
     */
    public record Sent(byte[] text, Optional<int[]> parameters, long[] numbers) {}

    /** What one execution sends to each shard, and which of the rows it takes. Immutable. */
    public record Written(Sent sent, Range range) {}

    public Scatter {
        order = List.copyOf(order);
        parts = List.copyOf(parts);
    }

    /** Whether the shards are sent another text than the client's. */
    boolean isRewritten() {
        return added.isPresent() || limit.flatMap(Limit::offset).isPresent();
    }

    /**
     * The text for the shards; empty if this execution's LIMIT cannot be read.
     *
     * @param values of a prepared statement's parameters
     */
    public Optional<Written> write(
            byte[] text, int from, int to, SqlDialect dialect, ParameterValues values) {
        if (added.isEmpty() && limit.isEmpty()) {
            return Optional.of(
                    new Written(
                            new Sent(
                                    Arrays.copyOfRange(text, from, to),
                                    Optional.empty(),
                                    new long[0]),
                            Range.ALL));
        }
        var out = new ScatterText(text, from, to, dialect);
        return range(out.tokens(), values).map(range -> new Written(written(out, range), range));
    }

    private Sent written(ScatterText out, Range range) {
        added.ifPresent(columns -> out.through(columns.token()).write(columns.text()));
        if (limit.isPresent() && limit.get().offset().isPresent()) {
            out.upTo(limit.get().first())
                    .write("LIMIT ")
                    .number(range.reach(), limit.get().isBound())
                    .skipThrough(limit.get().last());
        }
        return out.end();
    }

    /** The same with the columns that it is ordered by only. */
    public Scatter narrowed() {
        var keys = new ArrayList<Key>();
        for (Key key : order) {
            keys.add(new Key(keys.size(), key.column(), key.descending()));
        }
        return new Scatter(keyspace, table, keys, parts, added, limit, Optional.empty());
    }

    /** What reads so many of each shard's first rows only. */
    public Sent writeNarrow(byte[] text, SqlDialect dialect, boolean prepared, long rowsMax) {
        Narrow parts = narrow.orElseThrow();
        var out = new ScatterText(text, 0, text.length, dialect);
        out.upTo(parts.items())
                .write(String.join(", ", parts.columns()) + " ")
                .skipTo(parts.from());
        out.upTo(parts.orderBy()).write(parts.order() + " LIMIT ");
        return out.number(rowsMax, prepared).stop();
    }

    /** What reads these of a shard's rows. */
    public Sent writePage(byte[] text, SqlDialect dialect, boolean prepared, Range page) {
        Limit place = limit.orElseThrow();
        var out = new ScatterText(text, 0, text.length, dialect);
        out.upTo(place.first()).write("LIMIT ").number(page.count(), prepared);
        out.write(" OFFSET ").number(page.skipped(), prepared).skipThrough(place.last());
        return out.end();
    }

    private Optional<Range> range(List<Token> tokens, ParameterValues values) {
        return limit.isEmpty() ? Optional.of(Range.ALL) : range(limit.get(), tokens, values);
    }

    /** What LIMIT says; empty if a value is no plain number. */
    static Optional<Range> range(Limit limit, List<Token> tokens, ParameterValues values) {
        Optional<Long> count = value(limit.count(), tokens, values);
        Optional<Long> skipped =
                limit.offset().isEmpty()
                        ? Optional.of(0L)
                        : value(limit.offset().get(), tokens, values);
        return count.isEmpty() || skipped.isEmpty()
                ? Optional.empty()
                : Optional.of(new Range(skipped.get(), count.get()));
    }

    private static Optional<Long> value(Bound bound, List<Token> tokens, ParameterValues values) {
        return switch (bound) {
            case Bound.Written(int token) -> {
                String written = tokens.get(token).text();
                yield COUNT.matcher(written).matches()
                        ? Optional.of(clamped(new BigInteger(written)))
                        : Optional.empty();
            }
            // A marker in a text without parameters is MySQL's to refuse.
            case Bound.Parameter _ when values == ParameterValues.NONE -> Optional.empty();
            case Bound.Parameter(int index) ->
                    switch (values.kind(index)) {
                        case SIGNED ->
                                Optional.of(values.integer(index)).filter(value -> value >= 0);
                        case UNSIGNED -> {
                            long value = values.integer(index);
                            yield Optional.of(value < 0 ? Long.MAX_VALUE : value);
                        }
                        case NULL, FLOATING, DECIMAL, TEXT, BYTES, OTHER -> Optional.empty();
                    };
        };
    }

    private static long clamped(BigInteger value) {
        return value.min(BigInteger.valueOf(Long.MAX_VALUE)).longValue();
    }
}
