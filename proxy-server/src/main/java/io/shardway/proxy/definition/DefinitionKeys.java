package io.shardway.proxy.definition;

import io.shardway.router.Deadline;
import io.shardway.router.topology.DefinitionEntry;

/** Has the keys that proxies draw for a table begin where AUTO_INCREMENT = n says. Stateless. */
final class DefinitionKeys {

    private DefinitionKeys() {}

    /**
     * Throws {@code ShardwayException} if that did not become of it. A number that is reached
     * already changes nothing.
     */
    static void begin(DefinitionParts parts, DefinitionEntry entry) {
        if (entry.change().firstKey() > 0) {
            parts.site()
                    .beginKeys(
                            entry.statement().keyspace(),
                            entry.change().tables().getFirst(),
                            entry.change().firstKey(),
                            Deadline.after(parts.settings().takeoverTimeout()));
        }
    }
}
