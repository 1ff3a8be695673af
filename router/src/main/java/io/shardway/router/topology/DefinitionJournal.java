package io.shardway.router.topology;

import io.shardway.router.Deadline;
import java.util.List;
import java.util.Optional;

/**
 * Every definition of every keyspace: recorded before it starts, noted step by step, so that a
 * crash at any moment leaves a record of what was done and what is left. At most one definition of
 * a keyspace is open. Thread-safe; methods block.
 */
public interface DefinitionJournal {

    /** All entries that are kept, the newest first. */
    List<DefinitionEntry> entries();

    /** Entries that are not over. */
    List<DefinitionEntry> open();

    Optional<DefinitionEntry> find(long number);

    /**
     * Takes the right to define things in a keyspace, which one process has at a time; it is lost
     * when the process loses ZooKeeper for longer than its session. Whoever has it may change the
     * entry only by compare-and-set all the same.
     *
     * @param holder named to those who wait too long, which is DEFINITION_RUNNING
     */
    Lock lock(String keyspace, String holder, Deadline deadline);

    /** Who has the lock. */
    Optional<String> lockedBy(String keyspace);

    /**
     * Records a new entry, with the number it gets; refuses with DEFINITION_OPEN when the keyspace
     * has an open one. Older entries that are over go when there are too many.
     */
    DefinitionEntry record(DefinitionEntry draft, int entriesMax);

    /**
     * Stores what became of an entry since it was read; refuses with DEFINITION_TAKEN_OVER when
     * somebody else stored something meanwhile. An entry that is over makes room for the next.
     */
    DefinitionEntry note(DefinitionEntry entry);

    /** The right to define things in a keyspace. */
    interface Lock extends AutoCloseable {

        /** Throws DEFINITION_TAKEN_OVER when it was lost meanwhile. */
        void requireHeld();

        /** Never throws; without ZooKeeper it is given back as soon as that is there again. */
        @Override
        void close();
    }
}
