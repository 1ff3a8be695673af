package io.shardway.proxy.query;

import io.shardway.router.keyspace.ShardId;
import java.util.List;
import java.util.Optional;

/**
 * One client's session. Immutable.
 *
 * @param id its connection id, unique over proxies
 * @param host the client's address
 * @param command as SHOW PROCESSLIST names it, such as {@code Query} or {@code Sleep}
 * @param seconds since it began what it does
 * @param state such as {@code waiting for s1-a}
 * @param info the statement that runs
 * @param pinned why it keeps its backend connection
 * @param shards whose connections it has leased
 */
public record SessionStatus(
        long id,
        String user,
        String host,
        Optional<String> keyspace,
        String command,
        long seconds,
        String state,
        Optional<String> info,
        Optional<String> pinned,
        List<ShardId> shards) {

    public SessionStatus {
        shards = List.copyOf(shards);
    }
}
