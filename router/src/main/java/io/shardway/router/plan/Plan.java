package io.shardway.router.plan;

import io.shardway.router.ErrorCode;
import io.shardway.router.sql.SqlDialect;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What to do with one shape of SQL. Immutable; holds no values and no topology, so it can be
 * cached.
 */
public sealed interface Plan {

    /**
     * One key's rows: relayed to the shard that owns its bucket.
     *
     * @param otherwise for a read whose values turn out to be several keys, or no exact one
     */
    record Keyed(Pin pin, Access access, Traits traits, Optional<Assemble> otherwise)
            implements Plan {

        Keyed(Pin pin, Access access, Traits traits) {
            this(pin, access, traits, Optional.empty());
        }
    }

    /**
     * A row, or rows of one key, for a table whose shard key is AUTO_INCREMENT: relayed to the
     * shard that owns the key, which the proxy draws if the statement does not give it.
     */
    record KeyedInsert(DrawnKey key, Traits traits) implements Plan {}

    /**
     * Reads of reference tables only: the session's own shard if it has one with current copies,
     * else the default shard.
     */
    record AnyShard(Access access, Traits traits) implements Plan {}

    /**
     * A read of rows on several shards: they are brought to one node, where MySQL runs the
     * statement on them.
     *
     * @param tables all that it reads, each once
     * @param why it is not relayed, for whoever asks
     * @param scatter the cheaper way, if the shards' own answers can be put together
     * @param partials the cheaper way, if MySQL can finish what each shard puts together
     * @param unfoldings how the statement must be written first, step by step; the tables are those
     *     of the last text, {@code scatter} is of the client's
     */
    record Assemble(
            List<AssembledTable> tables,
            String why,
            Traits traits,
            Optional<Scatter> scatter,
            Optional<Partials> partials,
            List<Unfolding> unfoldings)
            implements Plan, Explained {
        public Assemble {
            tables = List.copyOf(tables);
            unfoldings = List.copyOf(unfoldings);
        }

        /** Of one table, of which only these rows are needed. */
        Assemble toppedBy(Optional<Top> top) {
            return top.isEmpty() ? this : with(List.of(tables.getFirst().toppedBy(top)));
        }

        /** Whether the shards do a part of the work besides leaving rows out. */
        public boolean isFinished() {
            return partials.isPresent()
                    || tables.stream().anyMatch(table -> table.top().isPresent());
        }

        /** Of one table, of which only rows of these keys can matter. */
        Assemble keyedBy(SpreadTarget.Listed keys) {
            return with(List.of(tables.getFirst().keyedBy(keys)));
        }

        /** Whether rows are locked: shards are asked one after the other. */
        public boolean isLocking() {
            return tables.stream().anyMatch(table -> !table.lock().isEmpty());
        }

        Assemble scattered(Optional<Scatter> found) {
            return new Assemble(tables, why, traits, found, partials, unfoldings);
        }

        Assemble groupedBy(Optional<Partials> found) {
            return new Assemble(tables, why, traits, scatter, found, unfoldings);
        }

        /** The same of all rows. */
        public Assemble ungrouped() {
            return groupedBy(Optional.empty());
        }

        private Assemble with(List<AssembledTable> read) {
            return new Assemble(read, why, traits, scatter, partials, unfoldings);
        }

        Assemble withTraits(Traits others) {
            return new Assemble(tables, why, others, scatter, partials, unfoldings);
        }

        /** Of a text that is to be written so first. */
        Assemble unfoldedBy(Unfolding found, Optional<Scatter> ofClient) {
            var all = new ArrayList<Unfolding>();
            all.add(found);
            all.addAll(unfoldings);
            return new Assemble(tables, why, traits, ofClient, Optional.empty(), all);
        }

        /** The text that the tables are of, with the values of its parameters. */
        public Unfolding.Whole whole(byte[] text, SqlDialect dialect, ParameterValues values) {
            var whole = new Unfolding.Whole(text, values, new int[0]);
            for (Unfolding unfolding : unfoldings) {
                whole = unfolding.write(whole, dialect);
            }
            return whole;
        }

        /** The names of views that stand there as their queries. */
        public Set<String> views() {
            return unfoldings.stream()
                    .flatMap(unfolding -> unfolding.views().stream())
                    .collect(Collectors.toUnmodifiableSet());
        }
    }

    /** Single tables, no tables, SHOW. */
    record OnDefaultShard(Access access, Traits traits) implements Plan {}

    /**
     * Reads information_schema: on the default shard, written so that the account sees its own part
     * of it.
     */
    record Described(SchemaReading reading, Access access, Traits traits) implements Plan {}

    /**
     * Relayed to the default shard under the account of this plain keyspace, which reaches nothing
     * else.
     */
    record Plain(String keyspace, Access access, Traits traits) implements Plan {}

    /**
     * A view, routine, trigger or event of a plain keyspace: the owner account carries it out, see
     * {@link StoredObject}.
     */
    record Stored(String keyspace, Access access, Traits traits) implements Plan {}

    /** CREATE, ALTER or DROP DATABASE. */
    record DefineKeyspace(KeyspaceDefinition definition) implements Plan {}

    /**
     * Writes one reference table: the same statement on every copy, the default shard's first. It
     * makes the same of equal copies: what could come out differently is refused.
     */
    record WriteReference(ReferenceTable table, Traits traits) implements Plan {}

    /**
     * Writes rows of several keys: parts of one transaction on their shards.
     *
     * @param why it is not relayed, for whoever asks
     */
    record SpreadWrite(SpreadTarget target, SpreadKind kind, String why, Traits traits)
            implements Plan, Explained {}

    /** What EXPLAIN asks of several shards. */
    sealed interface Explained permits Assemble, SpreadWrite {}

    /**
     * EXPLAIN of what several shards answer or write.
     *
     * @param head how many tokens stand before the explained statement
     * @param analyzes whether it is run
     */
    record Explain(Explained explained, int head, boolean analyzes, Traits traits)
            implements Plan {}

    /**
     * Loads a client's file into a sharded table: each record goes to the owner of its key, all of
     * them in one transaction.
     */
    record Load(FileLoad file, Traits traits) implements Plan {}

    /**
     * INSERT or REPLACE ... SELECT whose rows are read and stored on several shards: MySQL makes
     * the rows on one node, then each goes to its owner.
     *
     * @param read the rows of its tables
     * @param together the way if its values turn out to be one key
     */
    record InsertSelect(
            Assemble read,
            InsertTarget target,
            SpreadKind kind,
            Optional<Keyed> together,
            Traits traits)
            implements Plan {

        /** Why it is not relayed, for whoever asks. */
        public String why() {
            return read.why();
        }
    }

    /**
     * UPDATE or DELETE of rows on several shards that is no matter of each shard alone: MySQL does
     * it on one node with the rows of its tables, and what came of it is stored by their owners.
     *
     * @param read the rows of its tables, those that are written with all columns
     * @param tables that are written
     * @param ignores whether errors of rows leave them as they are
     * @param together the way if its values turn out to be one key
     */
    record Change(
            Assemble read,
            List<ChangedTable> tables,
            boolean ignores,
            Optional<Keyed> together,
            Traits traits)
            implements Plan {
        public Change {
            tables = List.copyOf(tables);
        }

        /** Why it is not relayed, for whoever asks. */
        public String why() {
            return read.why();
        }
    }

    /** The session itself does it. */
    record Control(SessionCommand command) implements Plan {}

    /** {@code SHARDWAY ...}: the admin statements read the text themselves. */
    record Admin() implements Plan {}

    /**
     * A table or view of a sharded keyspace is defined; the statement runs on its shards, then the
     * schema epoch moves.
     *
     * @param select what fills a new table, if that is not the default shard's work alone
     */
    record DefineTable(Definition definition, Optional<CreateSelect> select) implements Plan {

        DefineTable(Definition definition) {
            this(definition, Optional.empty());
        }
    }

    /** Refused. The client sees this reason word for word. */
    record Rejected(ErrorCode code, String detail) implements Plan {}
}
