package io.shardway.router.schema;

import io.shardway.router.topology.TableEntry;

/**
 * A table of the topology that the node does not have as the topology says. Immutable.
 *
 * @param why word for word as the client sees it
 */
public record UnusableTable(TableEntry entry, String why) {}
