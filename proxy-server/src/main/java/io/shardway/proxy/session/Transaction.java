package io.shardway.proxy.session;

import io.shardway.proxy.backend.BackendConnection;
import io.shardway.router.keyspace.ShardId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A session's transaction and the backend connections it holds: begun on a shard only when a
 * statement goes there. Confined to its event loop.
 */
public final class Transaction {

    private final Map<ShardId, BackendConnection> leases = new LinkedHashMap<>();
    private final List<String> savepoints = new ArrayList<>();

    private boolean explicit;
    private String beginText = "";
    private String nextCharacteristics = "";
    private String characteristics = "";
    private final Set<ShardId> writtenShards = new TreeSet<>();
    private boolean failed;
    private boolean pinned;
    private boolean tablesLocked;

    /** BEGIN: nothing is sent anywhere yet. */
    public void begin(String startTransactionText) {
        explicit = true;
        beginText = startTransactionText;
        savepoints.clear();
        characteristics = nextCharacteristics;
        nextCharacteristics = "";
    }

    /** BEGIN was called and neither COMMIT nor ROLLBACK since. */
    public boolean isExplicit() {
        return explicit;
    }

    /** WITH CONSISTENT SNAPSHOT: only a plain keyspace has one. */
    public boolean isSnapshot() {
        return explicit && beginText.contains("CONSISTENT SNAPSHOT");
    }

    public String beginText() {
        return beginText;
    }

    /** SET TRANSACTION ... for the next transaction. */
    public void setNext(String text) {
        nextCharacteristics =
                nextCharacteristics.isEmpty() ? text : nextCharacteristics + ", " + text;
    }

    public String nextCharacteristics() {
        return nextCharacteristics;
    }

    /** The one-time characteristics are used up by a transaction without BEGIN. */
    public void useNext() {
        characteristics = nextCharacteristics;
        nextCharacteristics = "";
    }

    /** What SET TRANSACTION said for the transaction under way; empty for nothing. */
    public String characteristics() {
        return characteristics;
    }

    /** Connections held, in the order they joined. */
    public Map<ShardId, BackendConnection> leases() {
        return leases;
    }

    /** Whether any shard has begun, or BEGIN was called. */
    public boolean isOpen() {
        if (explicit || failed) {
            return true;
        }
        for (BackendConnection lease : leases.values()) {
            if (lease.inTransaction()) {
                return true;
            }
        }
        return false;
    }

    /** In their order. */
    public Set<ShardId> writtenShards() {
        return writtenShards;
    }

    public void writes(ShardId shard) {
        writtenShards.add(shard);
    }

    /** Nothing of the transaction is open there. */
    public void hasNothingOn(ShardId shard) {
        writtenShards.remove(shard);
    }

    /** Savepoints in the order they were set. */
    public List<String> savepoints() {
        return savepoints;
    }

    public void addSavepoint(String name) {
        savepoints.removeIf(name::equalsIgnoreCase);
        savepoints.add(name);
    }

    /** Forgets the savepoints set after this one; false if there is none of this name. */
    public boolean rollbackTo(String name) {
        for (int i = 0; i < savepoints.size(); i++) {
            if (savepoints.get(i).equalsIgnoreCase(name)) {
                savepoints.subList(i + 1, savepoints.size()).clear();
                return true;
            }
        }
        return false;
    }

    /** Forgets the savepoint and those set after it; false if there is none of this name. */
    public boolean release(String name) {
        for (int i = 0; i < savepoints.size(); i++) {
            if (savepoints.get(i).equalsIgnoreCase(name)) {
                savepoints.subList(i, savepoints.size()).clear();
                return true;
            }
        }
        return false;
    }

    /** A connection of the transaction was lost: everything is refused until ROLLBACK. */
    public void fail() {
        failed = true;
    }

    public boolean isFailed() {
        return failed;
    }

    /** The session has state on its connections that cannot be carried over. */
    public void pin() {
        pinned = true;
    }

    public boolean isPinned() {
        return pinned;
    }

    public void unpin() {
        pinned = false;
        tablesLocked = false;
    }

    /** LOCK TABLES was carried out, or UNLOCK TABLES. */
    public void tablesLockedIs(boolean now) {
        tablesLocked = now;
    }

    /** Another connection would wait for this session's table locks. */
    public boolean isTablesLocked() {
        return tablesLocked;
    }

    /**
     * With autocommit off, a statement began no transaction on its node: savepoints set before wait
     * for one that does.
     */
    public void notBegun() {
        characteristics = "";
        writtenShards.clear();
    }

    /** The transaction is over; leases are given back by the caller. */
    public void ended() {
        explicit = false;
        failed = false;
        beginText = "";
        characteristics = "";
        writtenShards.clear();
        savepoints.clear();
    }
}
