package io.shardway.router.topology;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * How well the store is reached. Immutable.
 *
 * @param connected whether the store can be asked now
 * @param lastContact when the topology was last read, or seen to be unchanged
 * @param problem why the last look at the topology failed; empty when it succeeded
 */
public record TopologyHealth(boolean connected, Instant lastContact, Optional<String> problem) {

    /** How old a snapshot may be at most. */
    public Duration age(Instant now) {
        return Duration.between(lastContact, now);
    }
}
