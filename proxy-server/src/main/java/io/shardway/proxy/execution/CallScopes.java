package io.shardway.proxy.execution;

import io.shardway.proxy.backend.BackendAccount;
import io.shardway.proxy.session.Session;
import io.shardway.router.schema.Catalog;
import io.shardway.router.schema.ServerSchemas;
import java.util.Optional;

/**
 * Tells whose connection a statement of the session needs: the serving account's, or that of a
 * plain keyspace. Confined to its event loop.
 */
final class CallScopes {

    private final Session session;
    private final LoopContext loop;
    private Optional<CallScope> serving = Optional.empty();
    private Optional<CallScope> plain = Optional.empty();
    private String schema = "";
    private Optional<Catalog> catalog = Optional.empty();

    CallScopes(Session session, LoopContext loop) {
        this.session = session;
        this.loop = loop;
    }

    /**
     * Under the serving account, in the session's schema if there is such a keyspace on every
     * shard: a plain one is not, and a statement prepared before brings its own.
     */
    CallScope serving() {
        refresh();
        if (serving.isEmpty()) {
            boolean there = exists(session.schema()) && !inPlain();
            serving =
                    Optional.of(
                            there || session.schema().isEmpty()
                                    ? new CallScope(session.flavour(), session.schema())
                                    : new CallScope(
                                            session.flavour(BackendAccount.SERVING, true), ""));
        }
        return serving.get();
    }

    /** Under a plain keyspace's account; in its schema if that is the session's, too. */
    CallScope plain(String keyspace) {
        refresh();
        if (plain.isEmpty() || !plain.get().account().keyspace().equals(keyspace)) {
            boolean current = session.schema().equals(keyspace);
            plain = Optional.of(plain(keyspace, current ? keyspace : ""));
        }
        return plain.get();
    }

    /** A prepared statement runs in the schema in which it was prepared. */
    CallScope plain(String keyspace, String preparedIn) {
        String in = preparedIn.equals(keyspace) ? keyspace : "";
        BackendAccount account = BackendAccount.ofPlain(keyspace);
        return new CallScope(session.flavour(account, in.isEmpty()), in);
    }

    /** For views, routines, triggers and events of the current keyspace. */
    CallScope owner() {
        return new CallScope(session.flavour(BackendAccount.OWNER, false), session.schema());
    }

    /** For what names no table, such as SET. */
    CallScope ofSession() {
        return inPlain() ? plain(session.schema()) : serving();
    }

    /** Whether the current keyspace is plain. */
    boolean inPlain() {
        return loop.serving().catalog().plain().contains(session.schema());
    }

    /** Whether a client may choose it. */
    boolean exists(String keyspace) {
        return loop.serving().catalog().has(keyspace) || ServerSchemas.isReadable(keyspace);
    }

    /** A scope is good for one catalog and one schema. */
    private void refresh() {
        Catalog now = loop.serving().catalog();
        boolean same =
                catalog.isPresent()
                        && catalog.get() == now
                        && schema.equals(session.schema())
                        && serving.map(scope -> scope.flavour() == session.flavour()).orElse(true);
        if (!same) {
            catalog = Optional.of(now);
            schema = session.schema();
            serving = Optional.empty();
            plain = Optional.empty();
        }
    }
}
