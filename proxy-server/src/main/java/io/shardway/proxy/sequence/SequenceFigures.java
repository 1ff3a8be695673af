package io.shardway.proxy.sequence;

import java.util.List;

/**
 * What the sequence table says of one sequence. Immutable.
 *
 * @param next blocks that are taken from now on begin here or above
 * @param advanced when {@code next} last changed
 */
public record SequenceFigures(
        SequenceName name, long next, List<HeldBlock> blocks, String advanced) {

    public SequenceFigures {
        blocks = List.copyOf(blocks);
    }
}
