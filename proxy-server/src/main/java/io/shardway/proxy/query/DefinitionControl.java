package io.shardway.proxy.query;

import io.shardway.router.topology.DefinitionEntry;
import java.util.List;

/**
 * Shows definitions of tables and carries on, or takes back, those that were left half done.
 * Thread-safe; blocks. Failures are {@code ShardwayException}s.
 */
public interface DefinitionControl {

    /** Those the journal remembers, the newest first. */
    List<DefinitionEntry> definitions();

    /** Keyspaces that are being made, changed or dropped, or were left half-way, by name. */
    List<UnfinishedKeyspace> unfinishedKeyspaces();

    /** Carries a half done definition to its end; returns what to tell. */
    String resume(long number);

    /** Takes a half done definition back; returns what to tell. */
    String abandon(long number);
}
