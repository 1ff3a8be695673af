package io.shardway.proxy.reference;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.ReferenceTable;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CopyFencesTest {

    private static final ShardId SHARD = new ShardId("s2");
    private static final ReferenceTable PRODUCTS = new ReferenceTable("store", "products");
    private static final ReferenceTable COUNTRIES = new ReferenceTable("store", "countries");
    private static final Set<ReferenceTable> BOTH = Set.of(PRODUCTS, COUNTRIES);

    private final CopyFences fences = new CopyFences();

    @Test
    void aShardThatWasNeverAskedIsFenced() {
        assertThat(fences.isFenced(SHARD, BOTH)).isTrue();
        assertThat(fences.isFenced(SHARD, Set.of())).isFalse();
        fences.asked(SHARD, Set.of());
        assertThat(fences.isFenced(SHARD, BOTH)).isFalse();
        fences.retain(Set.of());
        assertThat(fences.isFenced(SHARD, BOTH)).isTrue();
    }

    @Test
    void whereThereIsNoReferenceTableNothingIsFenced() {
        fences.nothingToFence(Set.of(SHARD));
        assertThat(fences.isFenced(SHARD, BOTH)).isFalse();
        fences.fenceAll(SHARD);
        fences.nothingToFence(Set.of(SHARD));
        assertThat(fences.isFenced(SHARD, BOTH)).isTrue();
    }

    @Test
    void aShardThatIsBackIsReadButForWhatMayBeWrong() {
        fences.fenceAll(SHARD);
        assertThat(fences.isFenced(SHARD, Set.of(COUNTRIES))).isTrue();
        fences.asked(SHARD, Set.of(PRODUCTS));
        assertThat(fences.isFenced(SHARD, Set.of(COUNTRIES))).isFalse();
        assertThat(fences.isFenced(SHARD, BOTH)).isTrue();
        fences.unfence(SHARD, PRODUCTS);
        assertThat(fences.isFenced(SHARD, BOTH)).isFalse();
    }

    @Test
    void suspectsOfAShardThatWasNotAwayMayBeWritesUnderWay() {
        fences.asked(SHARD, Set.of());
        fences.asked(SHARD, BOTH);
        assertThat(fences.isFenced(SHARD, BOTH)).isFalse();
    }

    @Test
    void aTableThatLacksAWriteStaysFencedWhenItsShardIsBack() {
        fences.asked(SHARD, Set.of());
        fences.fence(SHARD, PRODUCTS);
        fences.fenceAll(SHARD);
        fences.asked(SHARD, Set.of());
        assertThat(fences.isFenced(SHARD, PRODUCTS)).isTrue();
        assertThat(fences.isFenced(SHARD, Set.of(COUNTRIES))).isFalse();
    }

    @Test
    void aTableThatIsCurrentIsNotReadWhileItsShardIsAway() {
        fences.fence(SHARD, PRODUCTS);
        fences.unfence(SHARD, PRODUCTS);
        assertThat(fences.isFenced(SHARD, PRODUCTS)).isFalse();
        assertThat(fences.isFenced(SHARD, Set.of(PRODUCTS))).isTrue();
    }
}
