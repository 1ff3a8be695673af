package io.shardway.proxy.execution;

import io.shardway.proxy.backend.PreparedKey;
import io.shardway.proxy.backend.SettingsProfile;
import io.shardway.proxy.session.Session;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.AssembledTable;
import io.shardway.router.plan.AssembledText;
import io.shardway.router.plan.ParameterValues;
import io.shardway.router.plan.Plan;
import io.shardway.router.plan.Scatter;
import io.shardway.router.plan.Traits;
import io.shardway.router.plan.Unfolding;
import io.shardway.router.sql.SqlDialect;
import io.shardway.router.topology.Topology;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * A client's statement that is to be assembled. Immutable.
 *
 * @param pulled the tables whose rows are brought
 * @param original its text as MySQL would see it, without the names of copies
 * @param schema in which it was written; empty for none
 * @param settings under which it was written
 * @param asked what is asked of each pulled table where its rows are
 * @param shards of each pulled table those that can have rows it needs
 * @param command the statement with the copies' names; owned by whoever runs it
 * @param unfolded the views that the command has the queries of, if its text is another one than
 *     the client's
 * @param sparing how fewer rows may be brought
 */
record AssembledStatement(
        List<AssembledTable> pulled,
        byte[] original,
        String schema,
        SettingsProfile settings,
        BackendCommand command,
        Traits traits,
        List<AssembledText.Asked> asked,
        List<List<ShardId>> shards,
        Optional<Set<String>> unfolded,
        Sparing sparing) {

    /**
     * How fewer rows of a statement may be brought. Immutable.
     *
     * @param partials the way to finish it from partial answers, if there may be one
     * @param paged makes the command of the statement with another LIMIT, which is released besides
     *     its own; empty if it keeps the one it has
     * @param reading makes the command of a text with these of its parameters, which is not
     *     released; empty if no text that is asked of a table has some
     */
    record Sparing(
            Optional<PartialStatement> partials,
            Optional<Function<Scatter.Sent, BackendCommand>> paged,
            Optional<BiFunction<PreparedKey, int[], BackendCommand>> reading) {

        static final Sparing NONE =
                new Sparing(Optional.empty(), Optional.empty(), Optional.empty());

        static Sparing reading(Optional<BiFunction<PreparedKey, int[], BackendCommand>> reading) {
            return new Sparing(Optional.empty(), Optional.empty(), reading);
        }
    }

    AssembledStatement {
        pulled = List.copyOf(pulled);
        asked = List.copyOf(asked);
        shards = List.copyOf(shards);
    }

    /**
     * The same, with cheaper ways.
     *
     * @param partials from partial answers, if there may be one
     * @param paged makes the command of the statement with another LIMIT
     */
    AssembledStatement finishedBy(
            Optional<PartialStatement> partials, Function<Scatter.Sent, BackendCommand> paged) {
        return new AssembledStatement(
                pulled,
                original,
                schema,
                settings,
                command,
                traits,
                asked,
                shards,
                unfolded,
                new Sparing(partials, Optional.of(paged), sparing.reading()));
    }

    Optional<PartialStatement> partials() {
        return sparing.partials();
    }

    /**
     * A prepared one. Its conditions mean what they meant when it was prepared; where settings have
     * changed since, they are asked at the end only.
     *
     * @param values of its parameters
     * @param command makes the command of the statement with the copies' names, and these of the
     *     client's parameters; none if they are its own
     * @param reading makes that of a text with these of the client's parameters, and owns nothing;
     *     empty if there is none
     */
    static AssembledStatement prepared(
            PreparedKey key,
            Plan.Assemble plan,
            StatementRunner runner,
            ParameterValues values,
            BiFunction<PreparedKey, int[], BackendCommand> command,
            Optional<BiFunction<PreparedKey, int[], BackendCommand>> reading) {
        Session session = runner.session();
        Topology topology = runner.loop().serving().topology();
        List<AssembledTable> pulled = Assembly.pulledOf(plan.tables(), session);
        byte[] sql = key.sql();
        SqlDialect dialect = key.profile().dialect();
        Unfolding.Whole whole = plan.whole(sql, dialect, values);
        byte[] text = whole.text();
        byte[] written =
                AssembledText.write(text, 0, text.length, dialect, AssembledText.copies(pulled));
        List<AssembledText.Asked> asked =
                key.profile() == session.profile()
                        ? askedOf(pulled, text, dialect, whole.values(), reading.isPresent())
                        : Collections.nCopies(pulled.size(), AssembledText.Asked.ALL);
        return new AssembledStatement(
                pulled,
                sql,
                key.schema(),
                key.profile(),
                command.apply(
                        new PreparedKey(written, key.schema(), key.profile()), whole.parameters()),
                plan.traits(),
                asked,
                shardsOf(pulled, text, dialect, whole.values(), topology),
                unfoldedBy(plan),
                Sparing.reading(reading.map(reader -> ofWhole(reader, whole.parameters()))));
    }

    /** The text's parameters are the client's, some of them twice. */
    private static BiFunction<PreparedKey, int[], BackendCommand> ofWhole(
            BiFunction<PreparedKey, int[], BackendCommand> reading, int[] clients) {
        return clients.length == 0
                ? reading
                : (key, parameters) ->
                        reading.apply(
                                key,
                                Arrays.stream(parameters)
                                        .map(parameter -> clients[parameter])
                                        .toArray());
    }

    static Optional<Set<String>> unfoldedBy(Plan.Assemble plan) {
        return plan.unfoldings().isEmpty() ? Optional.empty() : Optional.of(plan.views());
    }

    /** Which shards can have rows of the tables that text needs. */
    static List<List<ShardId>> shardsOf(
            List<AssembledTable> pulled,
            byte[] text,
            SqlDialect dialect,
            ParameterValues values,
            Topology topology) {
        return pulled.stream()
                .map(table -> ReadShards.of(table, text, dialect, values, topology))
                .toList();
    }

    /**
     * What text asks of the tables.
     *
     * @param binds whether what is asked can have parameters
     */
    static List<AssembledText.Asked> askedOf(
            List<AssembledTable> pulled,
            byte[] text,
            SqlDialect dialect,
            ParameterValues values,
            boolean binds) {
        return pulled.stream()
                .map(table ->
                        AssembledText.asked(text, 0, text.length, dialect, table, values, binds))
                .toList();
    }

    /** The settings under which MySQL runs it on the brought rows, where the session has these. */
    SettingsProfile finishing(SettingsProfile session) {
        return AssemblySettings.finishing(
                session, AssembledText.mayDoubleRows(original, settings.dialect()));
    }

    /** The settings under which its rows are read, where the session has these. */
    SettingsProfile pulling(SettingsProfile session) {
        return limited(AssemblySettings.pulling(session));
    }

    /** The settings under which shards group its rows, where the session has these. */
    SettingsProfile grouping(SettingsProfile session) {
        return limited(AssemblySettings.grouping(session));
    }

    private SettingsProfile limited(SettingsProfile reading) {
        return AssembledText.timeLimit(original, settings.dialect())
                .map(limit -> reading.with(Map.of("max_execution_time", Optional.of(limit))))
                .orElse(reading);
    }

    /** Whether the node would take other names for columns than one MySQL takes. */
    boolean isRenamed() {
        return unfolded.isPresent() || !copies().isEmpty();
    }

    List<AssembledText.Copy> copies() {
        return AssembledText.copies(pulled);
    }
}
