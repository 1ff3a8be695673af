package io.shardway.proxy.query;

import io.shardway.proxy.session.SessionIdentity;
import io.shardway.router.sql.SqlDialect;
import java.util.Optional;

/**
 * Who asks, and how the session reads SQL. Immutable.
 *
 * @param session the number of the session
 * @param keyspace the session's current one
 * @param scatters whether its statements may go to several shards
 */
public record AdminCaller(
        SessionIdentity identity,
        long session,
        Optional<String> keyspace,
        SqlDialect dialect,
        boolean scatters) {

    /** Whether the account may administer the cluster. */
    public boolean admin() {
        return identity.admin();
    }
}
