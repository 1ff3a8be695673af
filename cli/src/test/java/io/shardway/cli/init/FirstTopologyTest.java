package io.shardway.cli.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shardway.cli.UserProblem;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.topology.Node;
import io.shardway.router.topology.NodeRole;
import io.shardway.router.topology.Topology;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class FirstTopologyTest {

    private static final ShardId S1 = new ShardId("s1");
    private static final ShardId S2 = new ShardId("s2");

    @Test
    void namesNodesSpreadsBucketsAndNumbersShards() {
        Topology topology = topology(Optional.empty(), "s1=a:3306,b:3307", "s2=c:3306");

        assertThat(topology.shard(S1).nodes())
                .containsExactly(
                        new Node("s1-a", NodeRole.PRIMARY, "a", 3306),
                        new Node("s1-b", NodeRole.REPLICA, "b", 3307));
        assertThat(topology.shard(S2).idOffset()).isEqualTo(2);
        assertThat(topology.bucketMap().countOf(S1)).isEqualTo(512);
        assertThat(topology.defaultShard()).isEqualTo(S1);
        assertThat(topology.keyspace("store").orElseThrow().shardKey()).contains("user_id");
    }

    @Test
    void takesTheDefaultShardThatIsNamed() {
        assertThat(topology(Optional.of(S2), "s1=a:1", "s2=b:1").defaultShard()).isEqualTo(S2);
    }

    @Test
    void refusesWhatContradictsItself() {
        assertProblem(
                () -> topology(Optional.of(S2), "s1=a:1"),
                "The default shard s2 is not among the shards.");
        assertProblem(() -> topology(Optional.empty(), "s1=a:1", "s1=b:1"), "Two shards have");
        assertProblem(
                () -> topology(Optional.empty(), "s1=a:1", "s2=a:1"),
                "The node a:1 is named twice.");
    }

    @Test
    void refusesShardsThatAreNotSpelledRight() {
        assertProblem(() -> ShardSpec.parse("a:3306"), "A shard is NAME=HOST:PORT");
        assertProblem(() -> ShardSpec.parse("s1="), "A shard is NAME=HOST:PORT");
        assertProblem(() -> ShardSpec.parse("s1=a:1,"), "An address is HOST:PORT, not ''.");
        assertProblem(() -> ShardSpec.parse("s 1=a:1"), "a shard name has 1 to 32 letters");
    }

    @Test
    void readsAccountsAndTheirRights() {
        assertThat(AccountSpec.parse("shop-app:Write").variable())
                .isEqualTo("SHARDWAY_PASSWORD_SHOP_APP");
        assertProblem(() -> AccountSpec.parse("app"), "An account is NAME:read");
        assertProblem(() -> AccountSpec.parse("app:owner"), "An account is NAME:read");
    }

    private static Topology topology(Optional<ShardId> defaultShard, String... shards) {
        return FirstTopology.of(
                List.of(shards).stream().map(ShardSpec::parse).toList(),
                defaultShard,
                "store",
                "user_id");
    }

    private static void assertProblem(ThrowingCallable call, String message) {
        assertThatThrownBy(call).isInstanceOf(UserProblem.class).hasMessageContaining(message);
    }
}
