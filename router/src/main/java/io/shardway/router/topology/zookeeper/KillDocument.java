package io.shardway.router.topology.zookeeper;

import io.shardway.router.topology.KillOutcome;
import io.shardway.router.topology.KillRequest;
import java.util.Optional;

/**
 * A node in an inbox: a request, and in the end its outcome. Immutable.
 *
 * @param incarnation of the proxy that is meant: after its restart a connection id may be somebody
 *     else's
 * @param outcome empty until there is one
 */
record KillDocument(
        String incarnation,
        long connectionId,
        boolean queryOnly,
        String byAccount,
        boolean byAdmin,
        String outcome) {

    static KillDocument of(String incarnation, KillRequest request) {
        return new KillDocument(
                incarnation,
                request.connectionId(),
                request.queryOnly(),
                request.byAccount(),
                request.byAdmin(),
                "");
    }

    KillRequest toRequest() {
        return new KillRequest(connectionId, queryOnly, byAccount, byAdmin);
    }

    KillDocument answered(KillOutcome result) {
        return new KillDocument(
                incarnation, connectionId, queryOnly, byAccount, byAdmin, result.name());
    }

    /** Throws {@link IllegalArgumentException} for an outcome that does not exist. */
    Optional<KillOutcome> result() {
        return outcome.isEmpty() ? Optional.empty() : Optional.of(KillOutcome.valueOf(outcome));
    }
}
