package io.shardway.proxy.query;

import io.shardway.router.sql.SqlDialect;
import java.util.Optional;

/**
 * Who asks, and how the session reads SQL. Immutable.
 *
 * @param admin whether the account has the admin right
 * @param keyspace the session's current one
 */
public record AdminCaller(
        String user, boolean admin, Optional<String> keyspace, SqlDialect dialect) {}
