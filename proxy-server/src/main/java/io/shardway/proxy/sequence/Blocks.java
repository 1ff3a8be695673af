package io.shardway.proxy.sequence;

import java.util.function.LongPredicate;

/** The block that is drawn from, and the one fetched ahead. Immutable. */
record Blocks(Block current, Block ahead) {

    static final Blocks NONE = new Blocks(Block.NONE, Block.NONE);

    /** From the first key that fits on; keys before it are given up. */
    Blocks fitting(LongPredicate fits) {
        Block here = current.fitting(fits);
        return here.isEmpty()
                ? new Blocks(ahead.fitting(fits), Block.NONE)
                : new Blocks(here, ahead);
    }

    /** From the first place on that has so many keys without a gap; what is before is given up. */
    Blocks having(int keys) {
        if (current.count() >= keys) {
            return this;
        }
        Block both =
                current.isFollowedBy(ahead)
                        ? new Block(current.next(), ahead.end(), ahead.stride())
                        : ahead;
        return both.count() >= keys ? new Blocks(both, Block.NONE) : NONE;
    }

    Blocks rest(int keys) {
        Block rest = current.rest(keys);
        return rest.isEmpty() ? new Blocks(ahead, Block.NONE) : new Blocks(rest, ahead);
    }

    /** With one more; where there are two already, the older is given up. */
    Blocks and(Block fresh) {
        if (current.isEmpty()) {
            return ahead.isEmpty() ? new Blocks(fresh, Block.NONE) : new Blocks(ahead, fresh);
        }
        return ahead.isEmpty() ? new Blocks(current, fresh) : new Blocks(ahead, fresh);
    }

    Blocks after(long key) {
        Block here = current.after(key);
        return here.isEmpty()
                ? new Blocks(ahead.after(key), Block.NONE)
                : new Blocks(here, ahead.after(key));
    }

    /** All that may still be drawn is at least this. */
    long least() {
        if (!current.isEmpty()) {
            return current.next();
        }
        return ahead.isEmpty() ? Long.MAX_VALUE : ahead.next();
    }
}
