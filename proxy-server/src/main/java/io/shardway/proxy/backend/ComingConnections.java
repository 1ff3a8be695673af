package io.shardway.proxy.backend;

import java.util.HashMap;
import java.util.Map;

/**
 * The connections of one pool that will be there soon: those being made, and those to be made in
 * the place of one that is closing. Confined to its event loop.
 */
final class ComingConnections {

    private final Map<BackendFlavour, Integer> connecting = new HashMap<>();
    private final Map<BackendConnection, BackendFlavour> replacing = new HashMap<>();

    void begun(BackendFlavour flavour) {
        connecting.merge(flavour, 1, Integer::sum);
    }

    /** It is connected, or failed. */
    void ended(BackendFlavour flavour) {
        takeOne(connecting, flavour);
    }

    /** Once this connection is closed, one of the flavour is to be made. */
    void replaces(BackendConnection closing, BackendFlavour flavour) {
        replacing.put(closing, flavour);
    }

    void closed(BackendConnection connection) {
        replacing.remove(connection);
    }

    boolean isEmpty() {
        return connecting.isEmpty() && replacing.isEmpty();
    }

    boolean isConnecting() {
        return !connecting.isEmpty();
    }

    int connecting(BackendFlavour flavour) {
        return connecting.getOrDefault(flavour, 0);
    }

    /** How many of each flavour; the caller's own, for {@link #takeOne}. */
    Map<BackendFlavour, Integer> all() {
        var all = new HashMap<>(connecting);
        replacing.values().forEach(flavour -> all.merge(flavour, 1, Integer::sum));
        return all;
    }

    /** Whether there was one of the flavour left to take. */
    static boolean takeOne(Map<BackendFlavour, Integer> from, BackendFlavour flavour) {
        int left = from.getOrDefault(flavour, 0);
        if (left == 0) {
            return false;
        }
        if (left == 1) {
            from.remove(flavour);
        } else {
            from.put(flavour, left - 1);
        }
        return true;
    }
}
