package io.shardway.router.plan;

import io.shardway.router.schema.TableSchema;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * A table that an assembled statement reads, with all its uses. Immutable.
 *
 * @param named what the statement may name of its columns, in lower case
 * @param uses at least one; each but the first needs a copy of the table
 * @param conditions that keep rows out, of a table that is used once
 * @param tellsJsonTypes whether the statement may tell JSON values apart that are written alike
 * @param top which of the rows that meet them can be in the answer; empty if all can
 * @param keys of which it has no other rows that matter; empty if they can be of any key
 * @param lock how its rows are locked where they are, such as FOR UPDATE NOWAIT; empty for not
 */
public record AssembledTable(
        String keyspace,
        TableSchema schema,
        Set<String> named,
        List<Use> uses,
        List<Condition> conditions,
        boolean tellsJsonTypes,
        Optional<Top> top,
        Optional<SpreadTarget.Listed> keys,
        String lock) {

    /**
     * Where the table's name stands in the statement.
     *
     * @param token the name's first token, counted from 0
     * @param tokens how many there are: three if it is qualified
     * @param alias what the statement calls the table
     * @param naming how the name may be replaced
     */
    public record Use(int token, int tokens, Naming naming, String alias) {

        /** What stands around a table's name. */
        public enum Naming {
            /** {@code t}: columns are qualified with it. */
            PLAIN,
            /** {@code t AS a}. */
            ALIASED,
            /** {@code TABLE t}, which is written as SELECT * FROM t. */
            FIXED
        }

        /** The first token that makes room for another name. */
        int first() {
            return naming == Naming.FIXED ? token - 1 : token;
        }
    }

    /**
     * Tokens of the statement, the last one included, that stand for a condition on the table.
     *
     * @param needs what must be known of values before it can be asked, in the order of the text
     */
    public record Condition(int first, int last, List<Need> needs) {
        public Condition {
            needs = List.copyOf(needs);
        }
    }

    /** What the value of a token, a literal or a parameter, must be. */
    public record Need(int token, Kind kind) {

        /** What a column is compared with, so that no value is converted. */
        public enum Kind {
            /** Any number, in a parameter. */
            NUMBER,
            /** A text, in a parameter. */
            TEXT,
            /** A day, or a day and a time, written in full. */
            MOMENT
        }
    }

    public AssembledTable {
        named = Set.copyOf(named);
        uses = List.copyOf(uses);
        conditions = List.copyOf(conditions);
        if (uses.isEmpty()) {
            throw new IllegalArgumentException("a table that is not used: " + schema.name());
        }
    }

    AssembledTable toppedBy(Optional<Top> first) {
        return new AssembledTable(
                keyspace, schema, named, uses, conditions, tellsJsonTypes, first, keys, lock);
    }

    AssembledTable keyedBy(SpreadTarget.Listed only) {
        return new AssembledTable(
                keyspace,
                schema,
                named,
                uses,
                conditions,
                tellsJsonTypes,
                top,
                Optional.of(only),
                lock);
    }

    AssembledTable lockedBy(String clause) {
        return new AssembledTable(
                keyspace, schema, named, uses, conditions, tellsJsonTypes, top, keys, clause);
    }

    /** Whether the statement may read this column. */
    public boolean mayRead(String column) {
        return named.contains(column.toLowerCase(Locale.ROOT));
    }
}
