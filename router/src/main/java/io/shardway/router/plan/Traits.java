package io.shardway.router.plan;

import java.util.List;
import java.util.Set;

/**
 * What the session must know of a statement besides where it goes. Immutable.
 *
 * @param lastInsertId reads LAST_INSERT_ID(), {@code @@last_insert_id} or {@code @@identity}
 * @param assignedVariables user variables it may set, without {@code @}, lower case
 * @param readsVariables reads at least one user variable
 * @param sessionFunctions calls CONNECTION_ID, USER, CURRENT_USER, SESSION_USER, SYSTEM_USER,
 *     ROW_COUNT or FOUND_ROWS, or reads {@code @@pseudo_thread_id}: {@link
 *     io.shardway.router.sql.SessionFunctions} writes the session's own values in before it is sent
 * @param implicitCommit MySQL commits an open transaction before it
 * @param pins the session must keep its backend connection afterwards (GET_LOCK, LOCK TABLES,
 *     temporary tables, ...)
 * @param tables reads or writes tables: it begins a transaction where autocommit is off
 * @param insertId what it does to LAST_INSERT_ID() without calling it
 * @param references reference tables it reads: a shard must have a current copy of them
 * @param skipsRows an OFFSET of its own may skip rows, which FOUND_ROWS() counts
 */
public record Traits(
        boolean lastInsertId,
        List<String> assignedVariables,
        boolean readsVariables,
        boolean sessionFunctions,
        boolean implicitCommit,
        boolean pins,
        boolean tables,
        InsertId insertId,
        Set<ReferenceTable> references,
        boolean skipsRows) {

    /** An ordinary statement without tables. */
    public static final Traits NONE =
            new Traits(false, List.of(), false, false, false, false, false, InsertId.KEPT);

    /** An ordinary statement on tables. */
    public static final Traits ON_TABLES = NONE.planned(true, InsertId.KEPT);

    public Traits {
        assignedVariables = List.copyOf(assignedVariables);
        references = Set.copyOf(references);
    }

    /** Of a statement without reference tables. */
    public Traits(
            boolean lastInsertId,
            List<String> assignedVariables,
            boolean readsVariables,
            boolean sessionFunctions,
            boolean implicitCommit,
            boolean pins,
            boolean tables,
            InsertId insertId) {
        this(
                lastInsertId,
                assignedVariables,
                readsVariables,
                sessionFunctions,
                implicitCommit,
                pins,
                tables,
                insertId,
                Set.of(),
                false);
    }

    /** The same, for a statement that skips rows, or does not. */
    Traits skipping(boolean rows) {
        return new Traits(
                lastInsertId,
                assignedVariables,
                readsVariables,
                sessionFunctions,
                implicitCommit,
                pins,
                tables,
                insertId,
                references,
                rows);
    }

    /** The same, with what only the planner knows. */
    Traits planned(boolean touchesTables, InsertId id) {
        return planned(touchesTables, id, references);
    }

    /** The same, reading these reference tables. */
    Traits reading(Set<ReferenceTable> tablesRead) {
        return planned(tables, insertId, tablesRead);
    }

    private Traits planned(boolean touchesTables, InsertId id, Set<ReferenceTable> read) {
        return touchesTables == tables && id == insertId && read.equals(references)
                ? this
                : new Traits(
                        lastInsertId,
                        assignedVariables,
                        readsVariables,
                        sessionFunctions,
                        implicitCommit,
                        pins,
                        touchesTables,
                        id,
                        read,
                        skipsRows);
    }

    /** The same, for a statement to which all ids are given. */
    public Traits keepingInsertId() {
        return planned(tables, InsertId.KEPT);
    }

    /** The same, with what the planner knew when it made the others. */
    Traits plannedAs(Traits others) {
        return planned(others.tables, others.insertId, others.references);
    }
}
