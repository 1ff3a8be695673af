package io.shardway.proxy.execution;

import io.shardway.proxy.session.Diagnostics;
import io.shardway.router.ErrorCode;
import io.shardway.router.sql.SqlDialect;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Carries out definitions of tables, away from the event loops. Thread-safe. */
public interface Definitions {

    /**
     * Runs the definition on its shards, brings it into the topology and waits until every living
     * proxy serves it.
     *
     * @param receiver called once, on any thread
     */
    void carryOut(Request request, Consumer<Outcome> receiver);

    /**
     * A definition as a session sent it. Immutable.
     *
     * @param schema the current keyspace; empty for none
     * @param settings the session's variables as literals ready for SET
     * @param cancellation stops it as long as no shard has it
     */
    record Request(
            String schema,
            String text,
            SqlDialect dialect,
            Map<String, String> settings,
            DefinitionAuthor author,
            Cancellation cancellation) {}

    /** What became of it. Immutable. */
    sealed interface Outcome {

        /** All of it was done, everywhere. */
        record Done(long affectedRows, Diagnostics warnings) implements Outcome {}

        /** Rows, of ANALYZE, CHECK and OPTIMIZE. */
        record Rows(List<String> columns, List<List<@Nullable String>> rows) implements Outcome {}

        /** MySQL's own error; nothing was changed. */
        record MySqlError(int code, String sqlState, String message) implements Outcome {}

        record Refused(ErrorCode code, String detail) implements Outcome {}
    }
}
