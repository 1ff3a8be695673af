package io.shardway.router.topology;

import java.util.Optional;

/**
 * Whether a keyspace is there, and what is being done to it. Immutable.
 *
 * @param state whether clients may use it
 * @param change of the whole keyspace that is not over
 * @param definition the one of its tables that is under way or half done, if these must be spared
 * @param published number of the definition that changed it last; 0 for none. It is stored together
 *     with that change, so whoever finds the entry open knows that nothing is left to do
 */
public record KeyspaceLife(
        KeyspaceState state,
        Optional<KeyspaceChange> change,
        Optional<OpenDefinition> definition,
        long published) {

    /** Clients use it, and nobody changes it. */
    public static final KeyspaceLife SERVED =
            new KeyspaceLife(KeyspaceState.SERVED, Optional.empty(), Optional.empty(), 0);

    KeyspaceLife in(KeyspaceState now) {
        return new KeyspaceLife(now, change, definition, published);
    }

    KeyspaceLife changing(Optional<KeyspaceChange> now) {
        return new KeyspaceLife(state, now, definition, published);
    }

    KeyspaceLife withDefinition(Optional<OpenDefinition> now) {
        return new KeyspaceLife(state, change, now, published);
    }

    KeyspaceLife publishedBy(long definitionNumber) {
        return new KeyspaceLife(state, change, definition, definitionNumber);
    }
}
