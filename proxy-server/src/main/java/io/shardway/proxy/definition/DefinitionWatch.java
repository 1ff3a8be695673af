package io.shardway.proxy.definition;

import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.topology.DefinitionEntry;
import io.shardway.router.topology.DefinitionProgress;
import io.shardway.router.topology.DefinitionProgress.State;
import io.shardway.router.topology.OpenDefinition;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Notices definitions that nobody carries out any more: those that had not begun, or lack nothing
 * but the note that they are done, are over; the tables of the others are not used until an
 * operator decides. Every proxy looks; compare-and-set lets one of them act. Thread-safe; blocks.
 */
final class DefinitionWatch {

    private static final Logger LOG = LoggerFactory.getLogger(DefinitionWatch.class);

    private final DefinitionParts parts;
    private final AtomicBoolean looking = new AtomicBoolean();

    DefinitionWatch(DefinitionParts parts) {
        this.parts = parts;
    }

    void look() {
        if (!parts.publication().isReachable() || !looking.compareAndSet(false, true)) {
            return;
        }
        try {
            for (DefinitionEntry entry : parts.journal().open()) {
                settle(entry);
            }
            parts.publication().marks().forEach(this::settleMark);
        } catch (ShardwayException away) {
            LOG.debug("event=definitions-not-seen reason={}", away.getMessage());
        } finally {
            looking.set(false);
        }
    }

    /** The entry was read before the lock is asked for: whoever takes that makes it a newer one. */
    private void settle(DefinitionEntry entry) {
        String keyspace = entry.statement().keyspace();
        if (!entry.isOpen() || parts.journal().lockedBy(keyspace).isPresent()) {
            return;
        }
        if (!parts.publication().has(keyspace)) {
            note(entry, State.ABANDONED, "the keyspace was dropped");
            return;
        }
        if (finish(entry)) {
            return;
        }
        if (entry.nothingBegun()) {
            note(entry, State.FAILED, "proxy " + entry.progress().proxy() + " went away first");
            parts.publication().unmark(keyspace, entry.number());
            return;
        }
        if (entry.progress().state() == State.RUNNING) {
            note(entry, State.HALF_DONE, "proxy " + entry.progress().proxy() + " went away");
        }
        OpenDefinition mark = entry.open(OpenDefinition.Use.NOTHING);
        if (!parts.publication().isMarked(keyspace, mark)) {
            parts.publication().markOnly(keyspace, mark);
        }
    }

    /**
     * Ends the keyspace's definition if it is open only because nobody could note its end. The
     * caller has the keyspace's lock.
     */
    void finish(String keyspace) {
        for (DefinitionEntry entry : parts.journal().open()) {
            if (entry.statement().keyspace().equals(keyspace)) {
                finishOnce(entry);
            }
        }
    }

    private void finishOnce(DefinitionEntry entry) {
        try {
            finish(entry);
        } catch (ShardwayException failed) {
            if (failed.code() != ErrorCode.DEFINITION_TAKEN_OVER) {
                throw failed;
            }
            LOG.debug("event=definition-noted-by-another number={}", entry.number());
        }
    }

    /** Whether all shards and the topology have it, and nothing is left to do. */
    private boolean finish(DefinitionEntry entry) {
        String keyspace = entry.statement().keyspace();
        if (!parts.publication().isPublished(keyspace, entry.number()) || !keysBegun(entry)) {
            return false;
        }
        note(entry, State.DONE, "");
        return true;
    }

    /** The one thing that is done after a new table is published; once more does no harm. */
    private boolean keysBegun(DefinitionEntry entry) {
        try {
            DefinitionKeys.begin(parts, entry);
            return true;
        } catch (ShardwayException notYet) {
            LOG.warn(
                    "event=definition-keys-not-begun number={} reason={}",
                    entry.number(),
                    notYet.getMessage());
            return false;
        }
    }

    /** What a definition that is over left behind in the topology. */
    private void settleMark(String keyspace, OpenDefinition mark) {
        boolean open =
                parts.journal().find(mark.number()).filter(DefinitionEntry::isOpen).isPresent();
        if (!open && parts.journal().lockedBy(keyspace).isEmpty()) {
            parts.publication().unmark(keyspace, mark.number());
        }
    }

    private void note(DefinitionEntry entry, State state, String problem) {
        DefinitionProgress now = entry.progress().in(state, problem, parts.clock().instant());
        parts.journal().note(entry.with(now));
        LOG.atLevel(state == State.DONE ? Level.INFO : Level.WARN)
                .log(
                        "event=definition-left number={} state={} problem={}",
                        entry.number(),
                        state,
                        problem);
    }
}
