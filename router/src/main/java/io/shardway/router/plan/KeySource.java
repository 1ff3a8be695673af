package io.shardway.router.plan;

import java.util.Optional;

/** Where the AUTO_INCREMENT shard key of an INSERT comes from. Immutable. */
public sealed interface KeySource {

    /**
     * Every row gives its key. Where there is one row, it may give NULL or 0 and so ask for a key
     * to be drawn, which only the values tell.
     *
     * @param mayDraw whether a drawn key can take the place of the one value
     * @param writing how it takes the place of a literal; a parameter's place is known
     */
    record Given(Pin pin, boolean mayDraw, Optional<KeyWriting> writing) implements KeySource {}

    /** The one row gives no key. */
    record LeftOut(KeyWriting writing) implements KeySource {}
}
