package io.shardway.router.topology.zookeeper;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The node {@code /definitions}: the last number, and which entry is open in which keyspace.
 * Immutable.
 */
record DefinitionHead(long last, List<Open> open) {

    static final DefinitionHead NONE = new DefinitionHead(0, List.of());

    /** An entry that is not over. */
    record Open(String keyspace, long number) {}

    Optional<Open> openIn(String keyspace) {
        return open.stream().filter(each -> each.keyspace().equals(keyspace)).findFirst();
    }

    boolean isOpen(long number) {
        return open.stream().anyMatch(each -> each.number() == number);
    }

    DefinitionHead opened(String keyspace) {
        var now = new ArrayList<>(open);
        now.add(new Open(keyspace, last + 1));
        return new DefinitionHead(last + 1, now);
    }

    DefinitionHead closed(long number) {
        return new DefinitionHead(
                last, open.stream().filter(each -> each.number() != number).toList());
    }
}
