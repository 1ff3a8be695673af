package io.shardway.proxy.session;

import io.shardway.proxy.backend.PreparedKey;

/**
 * A statement that SQL's PREPARE gave a name. Immutable.
 *
 * @param asText it is sent as text when it is executed, because nodes do not prepare it or must not
 */
public record NamedStatement(PreparedKey key, int parameterCount, boolean asText) {}
