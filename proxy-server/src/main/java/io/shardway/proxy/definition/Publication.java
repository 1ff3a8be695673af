package io.shardway.proxy.definition;

import io.shardway.router.Deadline;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.SchemaEpoch;
import io.shardway.router.topology.DefinitionChange;
import io.shardway.router.topology.Keyspace;
import io.shardway.router.topology.OpenDefinition;
import io.shardway.router.topology.ProxyRegistry;
import io.shardway.router.topology.ProxyState;
import io.shardway.router.topology.Topology;
import io.shardway.router.topology.TopologyStore;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Brings definitions into the topology and to all proxies. Thread-safe; methods block. */
final class Publication {

    private final TopologyStore store;
    private final ProxyRegistry registry;
    private final Duration announceTimeout;

    Publication(TopologyStore store, ProxyRegistry registry, Duration announceTimeout) {
        this.store = store;
        this.registry = registry;
        this.announceTimeout = announceTimeout;
    }

    boolean isReachable() {
        return store.health().connected();
    }

    /**
     * Has all proxies spare the definition's tables; returns when nothing that was planned before
     * runs any more.
     */
    void mark(String keyspace, OpenDefinition open) {
        Topology stored = markOnly(keyspace, open);
        List<ProxyState> owing = owing(stored);
        refuse(owing.stream().filter(ProxyState::alive).toList(), ErrorCode.TABLES_IN_USE);
        refuse(owing, ErrorCode.LOST_PROXIES);
    }

    /** The same without waiting for anybody. */
    Topology markOnly(String keyspace, OpenDefinition open) {
        return update(keyspace, now -> now.withDefinition(Optional.of(open)));
    }

    void unmark(String keyspace, long number) {
        update(keyspace, now -> isMarked(now, number) ? now.withDefinition(Optional.empty()) : now);
    }

    Collection<Keyspace> keyspaces() {
        return store.read().keyspaces().values();
    }

    /** All definitions the topology has proxies heed, by keyspace. */
    Map<String, OpenDefinition> marks() {
        var marks = new HashMap<String, OpenDefinition>();
        for (Keyspace keyspace : keyspaces()) {
            keyspace.definition().ifPresent(open -> marks.put(keyspace.name(), open));
        }
        return marks;
    }

    /** Whether the keyspace is there. */
    boolean has(String keyspace) {
        return store.read().keyspace(keyspace).isPresent();
    }

    /** Whether the topology has what the definition changes. */
    boolean isPublished(String keyspace, long number) {
        return store.read().keyspace(keyspace).filter(now -> now.published() == number).isPresent();
    }

    boolean isMarked(String keyspace, OpenDefinition open) {
        return store.read()
                .keyspace(keyspace)
                .flatMap(Keyspace::definition)
                .filter(open::equals)
                .isPresent();
    }

    /** Returns when every living proxy serves the change, or says which ones do not yet. */
    void publish(String keyspace, long number, DefinitionChange change) {
        Topology stored = publishOnly(keyspace, number, change);
        refuse(owing(stored).stream().filter(ProxyState::alive).toList(), ErrorCode.NOT_ANNOUNCED);
    }

    private Topology publishOnly(String keyspace, long number, DefinitionChange change) {
        return update(
                keyspace,
                now -> {
                    // Another schema epoch even if no table came or went: columns are read anew.
                    Keyspace changed =
                            change.applyTo(now)
                                    .at(new SchemaEpoch(now.schemaEpoch().number() + 1))
                                    .publishedBy(number);
                    return isMarked(now, number)
                            ? changed.withDefinition(Optional.empty())
                            : changed;
                });
    }

    private static boolean isMarked(Keyspace keyspace, long number) {
        return keyspace.definition().filter(open -> open.number() == number).isPresent();
    }

    private Topology update(String keyspace, UnaryOperator<Keyspace> change) {
        return store.update(topology ->
                topology.with(
                        change.apply(
                                topology.keyspace(keyspace)
                                        .orElseThrow(() ->
                                                new ShardwayException(
                                                        ErrorCode.UNKNOWN_KEYSPACE, keyspace)))));
    }

    private List<ProxyState> owing(Topology stored) {
        return registry.awaitAnnounced(stored.epoch(), Deadline.after(announceTimeout));
    }

    private static void refuse(List<ProxyState> owing, ErrorCode code) {
        if (!owing.isEmpty()) {
            List<String> names =
                    owing.stream()
                            .map(proxy -> proxy.info().name() + " (" + proxy.number() + ")")
                            .toList();
            throw new ShardwayException(code, String.join(", ", names));
        }
    }
}
