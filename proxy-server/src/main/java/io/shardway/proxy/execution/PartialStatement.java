package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.shardway.proxy.backend.PreparedKey;
import io.shardway.proxy.backend.SettingsProfile;
import io.shardway.proxy.session.Session;
import io.shardway.router.plan.ParameterValues;
import io.shardway.router.plan.Partials;
import io.shardway.router.plan.Plan;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * What an execution is finished with, if it can be finished from partial answers. Immutable.
 *
 * @param shape makes the temporary table
 * @param partial what each shard is asked
 * @param reading makes that a command with parameters; empty if it has none
 * @param finishing the statement on the temporary table
 * @param divided columns of sums that averages within expressions are made of
 */
record PartialStatement(
        String tableName,
        String shape,
        byte[] partial,
        Optional<BiFunction<PreparedKey, int[], BackendCommand>> reading,
        int[] readingParameters,
        BackendCommand finishing,
        List<Integer> divided) {

    /** Makes the commands of the texts. */
    interface Commands {
        BackendCommand finishing(byte[] text, int[] parameters);

        /** Empty if the statement has no parameters. */
        Optional<BiFunction<PreparedKey, int[], BackendCommand>> reading();
    }

    static Optional<PartialStatement> of(
            Plan.Assemble plan,
            Session session,
            String schema,
            SettingsProfile settings,
            byte[] sql,
            ParameterValues values,
            Commands commands) {
        boolean may =
                plan.partials().isPresent()
                        && plan.unfoldings().isEmpty()
                        && schema.equals(session.schema())
                        && settings == session.profile()
                        && settings.literal("div_precision_increment").isEmpty()
                        && ScatteredStatement.mayScatter(session, plan.traits())
                        && Arrays.equals(new String(sql, UTF_8).getBytes(UTF_8), sql);
        if (!may) {
            return Optional.empty();
        }
        return plan.partials()
                .orElseThrow()
                .write(sql, settings.dialect(), values)
                .map(written -> of(written, commands));
    }

    private static PartialStatement of(Partials.Written written, Commands commands) {
        return new PartialStatement(
                written.table(),
                new String(written.shape(), UTF_8),
                written.partial().text(),
                commands.reading(),
                written.partial().parameters(),
                commands.finishing(written.finishing().text(), written.finishing().parameters()),
                written.divided());
    }

    Optional<BackendCommand> partialCommand(PreparedKey key) {
        return reading.map(command -> command.apply(key, readingParameters));
    }
}
