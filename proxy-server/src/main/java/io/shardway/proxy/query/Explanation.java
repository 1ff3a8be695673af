package io.shardway.proxy.query;

import io.shardway.router.keyspace.ShardId;
import java.util.List;
import java.util.Optional;

/**
 * What would be done with a statement. Immutable.
 *
 * @param way such as {@code relay}; {@code reject} if it is refused, {@code session} if the proxy
 *     answers it
 * @param shards where it would go at the present epoch; empty if values are missing or it goes
 *     nowhere
 * @param plan in words, such as {@code keyed: users.user_id = literal 1}
 * @param rejected why it is refused, word for word as the client would see it
 * @param pinned why the session would keep its backend connection afterwards
 */
public record Explanation(
        String way,
        List<ShardId> shards,
        String plan,
        Optional<String> rejected,
        Optional<String> pinned) {

    public Explanation {
        shards = List.copyOf(shards);
    }
}
