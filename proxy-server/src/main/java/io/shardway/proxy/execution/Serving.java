package io.shardway.proxy.execution;

import io.shardway.router.schema.Catalog;
import io.shardway.router.topology.Topology;

/** What this proxy serves at one epoch: topology and catalog together. Immutable. */
public record Serving(Topology topology, Catalog catalog) {}
