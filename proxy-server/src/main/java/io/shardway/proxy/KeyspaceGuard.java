package io.shardway.proxy;

import io.shardway.router.Deadline;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.topology.DefinitionEntry;
import io.shardway.router.topology.DefinitionJournal;
import io.shardway.router.topology.DefinitionProgress;
import io.shardway.router.topology.KeyspaceChange;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/**
 * Keeps changes of a keyspace apart from definitions of its tables, and from each other. Immutable,
 * thread-safe; methods block.
 */
record KeyspaceGuard(
        DefinitionJournal journal, String proxyName, Duration lockTimeout, Clock clock) {

    /** The lock that definitions of the keyspace's tables take, too. */
    KeyspaceTurn turn(String keyspace, String statement) {
        String holder = "proxy " + proxyName + ": " + statement;
        return new KeyspaceTurn(
                keyspace,
                new KeyspaceChange(statement, proxyName, clock.instant(), ""),
                journal.lock(keyspace, holder, Deadline.after(lockTimeout)));
    }

    /** Refuses while a definition of the keyspace is half done. */
    void requireNoneOpen(String keyspace) {
        openIn(keyspace).stream()
                .findFirst()
                .ifPresent(entry -> {
                    throw new ShardwayException(
                            ErrorCode.DEFINITION_OPEN, "DDL " + entry.number() + " of " + keyspace);
                });
    }

    /** What was half done is of no matter any more: nobody else can note anything to it, either. */
    void endAll(KeyspaceTurn turn) {
        List<DefinitionEntry> open = openIn(turn.keyspace());
        // What is stored only by compare-and-set was read while it was our turn.
        turn.requireHeld();
        for (DefinitionEntry entry : open) {
            DefinitionProgress over =
                    entry.progress()
                            .takenOver(UUID.randomUUID().toString(), proxyName, clock.instant())
                            .in(
                                    DefinitionProgress.State.ABANDONED,
                                    "the keyspace was dropped",
                                    clock.instant());
            journal.note(entry.with(over));
        }
    }

    private List<DefinitionEntry> openIn(String keyspace) {
        return journal.open().stream()
                .filter(entry -> entry.statement().keyspace().equals(keyspace))
                .toList();
    }
}
