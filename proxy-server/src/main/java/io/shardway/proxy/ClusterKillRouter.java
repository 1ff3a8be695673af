package io.shardway.proxy;

import io.shardway.proxy.execution.KillRouter;
import io.shardway.proxy.frontend.FrontendRegistry;
import io.shardway.proxy.frontend.FrontendServer;
import io.shardway.proxy.session.SessionIdentity;
import io.shardway.router.topology.KillMailbox;
import io.shardway.router.topology.KillOutcome;
import io.shardway.router.topology.KillRequest;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Delivers KILL here or, through ZooKeeper, to the proxy that has the session. Thread-safe. */
final class ClusterKillRouter implements KillRouter {

    private final int proxyNumber;
    private final KillMailbox mailbox;
    private final Supplier<FrontendServer> server;
    private final Duration timeout;

    ClusterKillRouter(
            int proxyNumber,
            KillMailbox mailbox,
            Supplier<FrontendServer> server,
            Duration timeout) {
        this.proxyNumber = proxyNumber;
        this.mailbox = mailbox;
        this.server = server;
        this.timeout = timeout;
    }

    @Override
    public void kill(
            long connectionId, boolean queryOnly, SessionIdentity by, Consumer<Outcome> receiver) {
        var request = new KillRequest(connectionId, queryOnly, by.user(), by.admin());
        int target = FrontendRegistry.proxyNumberOf(connectionId);
        if (target == proxyNumber) {
            KillOutcome outcome = deliver(request, () -> receiver.accept(Outcome.DELIVERED));
            if (outcome != KillOutcome.DELIVERED) {
                receiver.accept(outcomeOf(outcome));
            }
        } else if (target < 1) {
            receiver.accept(Outcome.UNKNOWN_SESSION);
        } else {
            Thread.ofVirtual()
                    .name("kill")
                    .start(() ->
                            receiver.accept(outcomeOf(mailbox.send(target, request, timeout))));
        }
    }

    /** A request for a session of this proxy. */
    KillOutcome deliver(KillRequest request) {
        return deliver(request, () -> {});
    }

    private KillOutcome deliver(KillRequest request, Runnable heard) {
        Optional<String> owner = server.get().userOf(request.connectionId());
        if (owner.isEmpty()) {
            return KillOutcome.UNKNOWN_SESSION;
        }
        if (!request.byAdmin() && !owner.get().equals(request.byAccount())) {
            return KillOutcome.DENIED;
        }
        boolean told = server.get().kill(request.connectionId(), request.queryOnly(), heard);
        return told ? KillOutcome.DELIVERED : KillOutcome.UNKNOWN_SESSION;
    }

    private static Outcome outcomeOf(KillOutcome outcome) {
        return switch (outcome) {
            case DELIVERED -> Outcome.DELIVERED;
            case UNKNOWN_SESSION -> Outcome.UNKNOWN_SESSION;
            case DENIED -> Outcome.NOT_ALLOWED;
            case UNREACHABLE -> Outcome.UNREACHABLE;
        };
    }
}
