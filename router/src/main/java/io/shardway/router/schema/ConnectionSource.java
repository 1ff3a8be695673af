package io.shardway.router.schema;

import io.shardway.router.topology.Node;
import java.sql.Connection;
import java.sql.SQLException;

/** Opens JDBC connections to nodes for reading schemas. Whoever takes one closes it. */
@FunctionalInterface
public interface ConnectionSource {

    Connection open(Node node) throws SQLException;
}
