package io.shardway.proxy.execution;

import io.shardway.proxy.settings.AssembleSettings;

/**
 * How much one statement holds in all its {@link HeldRows}: an UPDATE that moves rows has both what
 * names them where they were, and the rows as they will be. Confined to its event loop.
 */
final class HeldStatement {

    private final AssembleSettings limits;
    private final RowBudget budget;
    private long rows;
    private long bytes;

    HeldStatement(ProxyServices services) {
        this.limits = services.settings().assemble();
        this.budget = services.heldRows();
    }

    RowBudget budget() {
        return budget;
    }

    long rows() {
        return rows;
    }

    long bytes() {
        return bytes;
    }

    /**
     * One more row is held.
     *
     * @param among how many of its kind
     * @return whether that is within what a statement may have
     */
    boolean add(int among, int length) {
        rows++;
        bytes += length;
        return among <= limits.rowsMax() && bytes <= limits.bytesMax();
    }
}
