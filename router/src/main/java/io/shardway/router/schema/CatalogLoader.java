package io.shardway.router.schema;

import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.topology.Keyspace;
import io.shardway.router.topology.Node;
import io.shardway.router.topology.Topology;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * Builds the catalog of a topology. Thread-safe; blocks.
 *
 * <p>Schemas are read from the primary of the default shard: it has sharded and reference tables
 * like every shard, and the single tables too.
 */
public final class CatalogLoader {

    private final ConnectionSource connections;
    private final SchemaLoader schemaLoader = new SchemaLoader();

    public CatalogLoader(ConnectionSource connections) {
        this.connections = connections;
    }

    /**
     * Reads the keyspaces whose schema epoch or key differs from {@code previous}, if that is
     * given, or that had unusable tables there, and takes the others over from it. Without a
     * difference no connection is opened.
     */
    public Catalog load(Topology topology, Optional<Catalog> previous) {
        var sharded = new HashMap<String, KeyspaceSchema>();
        var plain = new HashSet<String>();
        var changed = new ArrayList<Keyspace>();
        for (Keyspace keyspace : topology.keyspaces().values()) {
            Optional<KeyspaceSchema> known = known(previous, keyspace);
            if (!keyspace.isServed()) {
                continue;
            }
            if (!keyspace.isSharded()) {
                plain.add(keyspace.name());
            } else if (known.isPresent()) {
                sharded.put(keyspace.name(), known.get());
            } else {
                changed.add(keyspace);
            }
        }
        for (KeyspaceSchema schema : read(topology, changed)) {
            sharded.put(schema.keyspace(), schema);
        }
        return new Catalog(topology.epoch(), sharded, plain);
    }

    private static Optional<KeyspaceSchema> known(Optional<Catalog> previous, Keyspace keyspace) {
        return previous.flatMap(catalog -> catalog.sharded(keyspace.name()))
                .filter(schema -> schema.unusable().isEmpty())
                .filter(schema -> schema.epoch().equals(keyspace.schemaEpoch()))
                .filter(schema -> Optional.of(schema.shardKey()).equals(keyspace.shardKey()));
    }

    private List<KeyspaceSchema> read(Topology topology, List<Keyspace> keyspaces) {
        if (keyspaces.isEmpty()) {
            return List.of();
        }
        Node node = topology.shard(topology.defaultShard()).primary();
        var schemas = new ArrayList<KeyspaceSchema>();
        try (Connection connection = connections.open(node)) {
            for (Keyspace keyspace : keyspaces) {
                schemas.add(schemaLoader.load(connection, keyspace));
            }
        } catch (SQLException e) {
            throw new ShardwayException(
                    ErrorCode.BACKEND_UNAVAILABLE,
                    "reading schemas from node %s: %s".formatted(node.name(), e.getMessage()),
                    e);
        }
        return schemas;
    }
}
