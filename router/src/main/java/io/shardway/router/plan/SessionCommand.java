package io.shardway.router.plan;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** A statement that the session answers or carries out itself. Immutable. */
public sealed interface SessionCommand {

    /** BEGIN or START TRANSACTION. */
    record Begin(Optional<Boolean> readOnly, boolean consistentSnapshot)
            implements SessionCommand {}

    record Commit(boolean chain, boolean release) implements SessionCommand {}

    record Rollback(boolean chain, boolean release) implements SessionCommand {}

    record Savepoint(String name) implements SessionCommand {}

    record RollbackTo(String savepoint) implements SessionCommand {}

    record ReleaseSavepoint(String name) implements SessionCommand {}

    /**
     * SET TRANSACTION without SESSION or GLOBAL: for the next transaction only.
     *
     * @param characteristics canonical text after SET TRANSACTION, such as {@code ISOLATION LEVEL
     *     READ COMMITTED}
     */
    record SetNextTransaction(String characteristics) implements SessionCommand {}

    /**
     * SET of session or user variables, SET NAMES, SET CHARACTER SET: run on a backend, whose
     * tracking tells the result.
     *
     * @param autocommit the list names autocommit
     * @param userVariables the user variables it assigns, without {@code @}, lower case
     */
    record SetVariables(boolean autocommit, List<String> userVariables) implements SessionCommand {
        public SetVariables {
            userVariables = List.copyOf(userVariables);
        }
    }

    /** SHARDWAY SET transaction_mode. */
    record SetTransactionMode(TransactionMode mode) implements SessionCommand {}

    /** SHARDWAY SET scatter. */
    record SetScatter(boolean on) implements SessionCommand {}

    record Use(String keyspace) implements SessionCommand {}

    /** KILL [CONNECTION | QUERY] id. */
    record Kill(boolean queryOnly, ValueRef id) implements SessionCommand {}

    /** SHOW WARNINGS | ERRORS [LIMIT [offset,] count]. */
    record ShowDiagnostics(boolean errorsOnly, long offset, long limit) implements SessionCommand {}

    /** SHOW COUNT(*) WARNINGS | ERRORS, and SELECT @@warning_count | @@error_count. */
    record CountDiagnostics(boolean errorsOnly, String columnName) implements SessionCommand {}

    /**
     * GET [CURRENT] DIAGNOSTICS.
     *
     * @param condition which literal is the number of the condition; empty for the statement's own
     *     information
     */
    record GetDiagnostics(OptionalInt condition, List<DiagnosticsItem> items)
            implements SessionCommand {
        public GetDiagnostics {
            items = List.copyOf(items);
        }
    }

    /**
     * One assignment of GET DIAGNOSTICS.
     *
     * @param variable without {@code @}, lower case
     */
    record DiagnosticsItem(String variable, DiagnosticsField field) {}

    /** GET STACKED DIAGNOSTICS, which makes sense in a handler only. */
    record GetStackedDiagnostics() implements SessionCommand {}

    /** UNLOCK TABLES outside of plain keyspaces, where nothing can be locked. */
    record UnlockTables() implements SessionCommand {}

    /** SHOW [FULL] PROCESSLIST. */
    record ShowProcesses(boolean full) implements SessionCommand {}

    /**
     * SHOW DATABASES without WHERE.
     *
     * @param like the literal of LIKE
     */
    record ShowKeyspaces(Optional<ValueRef.Literal> like) implements SessionCommand {}

    /**
     * PREPARE name FROM ... outside of plain keyspaces.
     *
     * @param name in lower case
     */
    record PrepareNamed(String name, NamedText text) implements SessionCommand {}

    /** Where the text of PREPARE comes from. */
    sealed interface NamedText {
        /** A string in the statement. */
        record Literal(int index) implements NamedText {}

        /** A user variable, without {@code @}, lower case. */
        record Variable(String name) implements NamedText {}
    }

    /**
     * EXECUTE name USING ... outside of plain keyspaces.
     *
     * @param name in lower case
     * @param variables without {@code @}, lower case
     */
    record ExecuteNamed(String name, List<String> variables) implements SessionCommand {
        public ExecuteNamed {
            variables = List.copyOf(variables);
        }
    }

    /**
     * DEALLOCATE or DROP PREPARE outside of plain keyspaces.
     *
     * @param name in lower case
     */
    record DeallocateNamed(String name) implements SessionCommand {}

    /** SHOW GRANTS of the account itself. */
    record ShowGrants() implements SessionCommand {}
}
