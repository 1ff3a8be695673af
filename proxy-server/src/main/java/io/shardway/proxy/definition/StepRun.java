package io.shardway.proxy.definition;

import io.shardway.proxy.execution.Cancellation;
import io.shardway.proxy.execution.Definitions.Outcome;
import io.shardway.proxy.session.Diagnostics;
import io.shardway.router.Deadline;
import io.shardway.router.ErrorCode;
import io.shardway.router.topology.DefinitionEntry;
import io.shardway.router.topology.DefinitionStep;
import io.shardway.router.topology.Node;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLNonTransientException;
import java.util.Optional;

/**
 * Carries out one shard's part of a definition, and finds out what became of it. Confined to one
 * thread; blocks.
 *
 * <p>MySQL's definitions are atomic: after each the tables look as before or as afterwards. When
 * the answer is lost, a new connection waits for the old one's end and looks. Tables that look as
 * before are defined once more: either nothing had happened, or it does not show, and then once
 * more is as good as once (TRUNCATE, while nobody uses the table).
 */
final class StepRun {

    private static final int ATTEMPTS_MAX = 3;
    private static final int INTERRUPTED = 1317;
    private static final String INTERRUPTED_STATE = "70100";

    private final DefinitionParts parts;
    private final Node node;
    private final Cancellation cancellation;
    private DefinitionEntry entry;
    private DefinitionStep step;
    private long affectedRows;
    private Optional<Diagnostics> warnings = Optional.empty();

    StepRun(
            DefinitionParts parts,
            DefinitionEntry entry,
            DefinitionStep step,
            Node node,
            Cancellation cancellation) {
        this.parts = parts;
        this.entry = entry;
        this.step = step;
        this.node = node;
        this.cancellation = cancellation;
    }

    /** The entry as it is stored now. */
    DefinitionEntry entry() {
        return entry;
    }

    long affectedRows() {
        return affectedRows;
    }

    /** What MySQL noted; empty if it was not seen. */
    Optional<Diagnostics> warnings() {
        return warnings;
    }

    void run() throws StepFailure {
        for (int attempt = 1; !attempt(attempt == ATTEMPTS_MAX); attempt++) {
            parts.site().reached(step.shard() + ":lost");
        }
    }

    /**
     * Whether the shard has it now; false when the connection was lost and it may be tried again.
     */
    private boolean attempt(boolean last) throws StepFailure {
        Deadline deadline = Deadline.after(parts.settings().takeoverTimeout());
        try (var connection =
                StepConnection.open(parts.site(), node, entry.statement(), deadline)) {
            if (step.state() == DefinitionStep.State.BEGUN) {
                String now = fingerprint(connection);
                if (!now.equals(step.before())) {
                    note(step.done(now));
                    return true;
                }
            } else {
                note(step.in(DefinitionStep.State.BEGUN));
            }
            parts.site().reached(step.shard() + ":begun");
            execute(connection);
            parts.site().reached(step.shard() + ":sent");
            note(step.done(fingerprint(connection)));
            parts.site().reached(step.shard() + ":done");
            return true;
        } catch (SQLException failed) {
            if (last || !isLost(failed)) {
                throw failure(failed);
            }
            return false;
        }
    }

    private void execute(StepConnection connection) throws SQLException, StepFailure {
        try {
            affectedRows = connection.execute(step.sql(), cancellation);
            warnings = Optional.of(connection.warnings());
        } catch (SQLException refused) {
            if (isLost(refused)) {
                throw refused;
            }
            boolean unchanged = fingerprint(connection).equals(step.before());
            if (unchanged) {
                note(step.in(DefinitionStep.State.UNDONE));
            }
            throw new StepFailure(mySqlError(refused), unchanged);
        }
    }

    private String fingerprint(StepConnection connection) throws SQLException {
        return connection.fingerprint(entry.statement().keyspace(), entry.change().tables());
    }

    private void note(DefinitionStep now) {
        entry = parts.journal().note(entry.with(now));
        step = now;
    }

    private StepFailure failure(SQLException failed) {
        boolean untouched = step.state() != DefinitionStep.State.BEGUN;
        return isLost(failed)
                ? new StepFailure(
                        new Outcome.Refused(
                                ErrorCode.BACKEND_UNAVAILABLE,
                                "node %s: %s".formatted(node.name(), firstLine(failed))),
                        untouched)
                : new StepFailure(mySqlError(failed), untouched);
    }

    private static String firstLine(SQLException failed) {
        return String.valueOf(failed.getMessage()).lines().findFirst().orElse("");
    }

    /** Connection errors have states of the class 08; what no server said has often none. */
    static boolean isLost(SQLException failed) {
        String state = failed.getSQLState();
        return state == null ? !wasCancelled(failed) : state.startsWith("08");
    }

    /** Connector/J gives a statement that it cancelled itself no state at all. */
    private static boolean wasCancelled(SQLException failed) {
        return failed.getSQLState() == null
                && failed instanceof SQLNonTransientException
                && !(failed instanceof SQLNonTransientConnectionException);
    }

    static Outcome mySqlError(SQLException refused) {
        String state = refused.getSQLState() == null ? "HY000" : refused.getSQLState();
        if (state.equals(INTERRUPTED_STATE) || wasCancelled(refused)) {
            // Connector/J has words of its own for a statement it cancelled itself.
            return new Outcome.MySqlError(
                    INTERRUPTED, INTERRUPTED_STATE, "Query execution was interrupted");
        }
        String message = String.valueOf(refused.getMessage());
        String prefix = "Data truncation: "; // Connector/J's own.
        return new Outcome.MySqlError(
                refused.getErrorCode(),
                state,
                message.startsWith(prefix) ? message.substring(prefix.length()) : message);
    }
}
