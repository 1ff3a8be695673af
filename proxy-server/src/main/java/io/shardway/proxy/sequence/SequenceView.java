package io.shardway.proxy.sequence;

import java.util.List;
import java.util.Optional;

/**
 * What the sequence table said when it was last asked. Immutable. It stays true in this sense: a
 * key below {@code next} that is in none of these blocks will never be drawn by anybody else.
 *
 * @param next blocks that are taken later begin here or above
 * @param others blocks that other proxies may still draw from
 */
record SequenceView(long next, List<HeldBlock> others) {

    static final SequenceView UNKNOWN = new SequenceView(Long.MIN_VALUE, List.of());

    SequenceView {
        others = List.copyOf(others);
    }

    boolean isBelowNext(long key) {
        return key < next;
    }

    /** Who may still draw this key. */
    Optional<HeldBlock> holderOf(long key, int stride) {
        return key % stride != 0
                ? Optional.empty()
                : others.stream()
                        .filter(block -> block.first() <= key && key < block.end())
                        .findFirst();
    }
}
