package io.shardway.router.plan;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.shardway.router.schema.Catalog;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Plans by shape of SQL, a bounded number of them. A plan is only ever returned for the very
 * catalog it was made with. Thread-safe.
 *
 * @param <K> what a shape is: digest, dialect and current keyspace together, with {@code equals}
 *     and {@code hashCode}, immutable
 */
public final class PlanCache<K> {

    private record Entry(Catalog catalog, Planned planned) {}

    private final Cache<K, Entry> entries;

    public PlanCache(long plansMax) {
        if (plansMax < 1) {
            throw new IllegalArgumentException("a plan cache holds at least one plan");
        }
        this.entries = Caffeine.newBuilder().maximumSize(plansMax).build();
    }

    public Optional<Planned> get(K shape, Catalog catalog) {
        Entry entry = entries.getIfPresent(shape);
        // The same instance, not the same epoch: whoever swaps catalogs swaps all plans.
        return entry != null && entry.catalog() == catalog
                ? Optional.of(entry.planned())
                : Optional.empty();
    }

    public void put(K shape, Catalog catalog, Planned planned) {
        entries.put(shape, new Entry(catalog, planned));
    }

    /** The plan, made now if there is none; the shape must be a key of its own, not a view. */
    public Planned get(K shape, Catalog catalog, Supplier<Planned> planner) {
        Optional<Planned> known = get(shape, catalog);
        if (known.isPresent()) {
            return known.get();
        }
        Planned planned = planner.get();
        put(shape, catalog, planned);
        return planned;
    }

    public long size() {
        entries.cleanUp();
        return entries.estimatedSize();
    }
}
