package io.shardway.proxy.admin;

import io.shardway.proxy.query.AdminAnswer;
import io.shardway.proxy.query.PoolStatus;
import io.shardway.proxy.query.ProxyPeer;
import io.shardway.proxy.query.SequenceStatus;
import io.shardway.proxy.query.SessionStatus;
import io.shardway.router.keyspace.ShardId;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A proxy's status as tables. Stateless. */
final class StatusViews {

    private StatusViews() {}

    static AdminAnswer.Table proxies(List<ProxyPeer> proxies) {
        return new AdminAnswer.Table(
                List.of("proxy", "number", "address", "version", "life", "epoch", "this"),
                proxies.stream()
                        .<List<@Nullable String>>map(proxy ->
                                List.of(
                                        proxy.name(),
                                        Integer.toString(proxy.number()),
                                        proxy.address(),
                                        proxy.version(),
                                        proxy.life(),
                                        proxy.announced().toString(),
                                        yesOrNo(proxy.self())))
                        .toList());
    }

    static AdminAnswer.Table pools(List<PoolStatus> pools) {
        return new AdminAnswer.Table(
                List.of(
                        "node",
                        "shard",
                        "role",
                        "flavour",
                        "open",
                        "idle",
                        "leased",
                        "waiters",
                        "limit",
                        "fenced",
                        "last_error"),
                pools.stream().map(StatusViews::pool).toList());
    }

    private static List<@Nullable String> pool(PoolStatus pool) {
        return Arrays.asList(
                pool.node(),
                pool.shard().name(),
                pool.role().name().toLowerCase(Locale.ROOT),
                pool.flavour(),
                Integer.toString(pool.open()),
                Integer.toString(pool.idle()),
                Integer.toString(pool.leased()),
                Integer.toString(pool.waiters()),
                Integer.toString(pool.limit()),
                yesOrNo(pool.fenced()),
                nullable(pool.lastError()));
    }

    static AdminAnswer.Table sequences(List<SequenceStatus> sequences) {
        return new AdminAnswer.Table(
                List.of("keyspace", "table", "next", "blocks", "advanced"),
                sequences.stream()
                        .<List<@Nullable String>>map(sequence ->
                                List.of(
                                        sequence.keyspace(),
                                        sequence.table(),
                                        Long.toString(sequence.next()),
                                        String.join(", ", sequence.blocks()),
                                        sequence.advanced()))
                        .toList());
    }

    static AdminAnswer.Table sessions(List<SessionStatus> sessions) {
        return new AdminAnswer.Table(
                List.of(
                        "id",
                        "user",
                        "host",
                        "keyspace",
                        "command",
                        "seconds",
                        "state",
                        "info",
                        "pinned",
                        "shards"),
                sessions.stream().map(StatusViews::session).toList());
    }

    private static List<@Nullable String> session(SessionStatus session) {
        return Arrays.asList(
                Long.toString(session.id()),
                session.user(),
                session.host(),
                nullable(session.keyspace()),
                session.command(),
                Long.toString(session.seconds()),
                session.state(),
                nullable(session.info()),
                nullable(session.pinned()),
                names(session.shards()));
    }

    static @Nullable String nullable(Optional<String> value) {
        return value.orElse(null);
    }

    static String names(List<ShardId> shards) {
        return shards.stream().map(ShardId::name).collect(Collectors.joining(","));
    }

    private static String yesOrNo(boolean value) {
        return value ? "yes" : "no";
    }
}
