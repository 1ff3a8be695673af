package io.shardway.proxy.backend;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one pool that nobody uses, the one used last first. Confined to its event
 * loop.
 */
final class IdleConnections {

    private static final int PROFILE_SEARCH_MAX = 4;

    private final ArrayDeque<BackendConnection> idle = new ArrayDeque<>();

    /** A usable one of the flavour, one with these settings if it is soon found. */
    @Nullable BackendConnection take(BackendFlavour flavour, SettingsProfile profile) {
        BackendConnection newest = idle.peekFirst();
        if (newest == null) {
            return null;
        }
        if (newest.profile() == profile && newest.flavour().equals(flavour) && newest.isUsable()) {
            return idle.pollFirst();
        }
        return search(flavour, profile);
    }

    private @Nullable BackendConnection search(BackendFlavour flavour, SettingsProfile profile) {
        BackendConnection first = null;
        int seen = 0;
        for (Iterator<BackendConnection> all = idle.iterator(); all.hasNext(); ) {
            BackendConnection candidate = all.next();
            if (!candidate.isUsable()) {
                all.remove();
                continue;
            }
            if (!candidate.flavour().equals(flavour)) {
                continue;
            }
            if (candidate.profile() == profile) {
                all.remove();
                return candidate;
            }
            if (first == null) {
                first = candidate;
            }
            if (++seen >= PROFILE_SEARCH_MAX) {
                break;
            }
        }
        if (first != null) {
            idle.remove(first);
        }
        return first;
    }

    void add(BackendConnection connection) {
        idle.addFirst(connection);
    }

    void remove(BackendConnection connection) {
        idle.remove(connection);
    }

    boolean isEmpty() {
        return idle.isEmpty();
    }

    int size() {
        return idle.size();
    }

    /**
     * The one idle for longest, no longer in the pool; none if it was used less than so long ago.
     */
    @Nullable BackendConnection removeEldest(long unusedNanos) {
        BackendConnection eldest = idle.peekLast();
        if (eldest == null || System.nanoTime() - eldest.lastUsedNanos() < unusedNanos) {
            return null;
        }
        return idle.pollLast();
    }

    void closeIf(Predicate<BackendConnection> condition) {
        var victims = new ArrayList<BackendConnection>();
        for (BackendConnection connection : idle) {
            if (condition.test(connection)) {
                victims.add(connection);
            }
        }
        idle.removeAll(victims);
        victims.forEach(BackendConnection::quit);
    }

    void closeAll() {
        idle.forEach(BackendConnection::quit);
        idle.clear();
    }
}
