package io.shardway.router.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shardway.router.schema.Catalog;
import org.junit.jupiter.api.Test;

class PlanCacheTest {

    private static final Planned PLAN =
            new Planned(new Plan.OnDefaultShard(Access.READ, Traits.NONE), Needs.NONE);

    private final Catalog catalog = TestCatalog.catalog();

    @Test
    void returnsThePlanOfTheSameCatalog() {
        var cache = new PlanCache<String>(10);
        cache.put("shape", catalog, PLAN);
        assertThat(cache.get("shape", catalog)).contains(PLAN);
        assertThat(cache.get("other", catalog)).isEmpty();
    }

    @Test
    void neverReturnsThePlanOfAnotherCatalog() {
        var cache = new PlanCache<String>(10);
        cache.put("shape", catalog, PLAN);
        assertThat(cache.get("shape", TestCatalog.catalog())).isEmpty();
    }

    @Test
    void makesAPlanOnce() {
        var cache = new PlanCache<String>(10);
        cache.get("shape", catalog, () -> PLAN);
        Planned again =
                cache.get(
                        "shape",
                        catalog,
                        () -> {
                            throw new IllegalStateException("planned twice");
                        });
        assertThat(again).isEqualTo(PLAN);
    }

    @Test
    void holdsNoMoreThanItsBound() {
        var cache = new PlanCache<Integer>(10);
        for (int shape = 0; shape < 1_000; shape++) {
            cache.put(shape, catalog, PLAN);
        }
        assertThat(cache.size()).isLessThanOrEqualTo(10);
        assertThatThrownBy(() -> new PlanCache<String>(0))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
