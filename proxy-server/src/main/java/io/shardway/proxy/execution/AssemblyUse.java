package io.shardway.proxy.execution;

import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.router.plan.AssembledTable;
import java.util.List;
import java.util.Map;

/**
 * A write that uses the rows of an assembled statement itself, instead of the client's statement
 * that answers. Confined to its event loop.
 */
interface AssemblyUse {
    /** Whether nobody may change the rows until the transaction ends. */
    boolean locks();

    /** Makes what it needs on the scratch connection, before other tables hide its own. */
    void begin(Scratch scratch, Runnable then);

    /** The tables of which a copy stays as the rows came, and what it is called. */
    default Map<AssembledTable, String> kept() {
        return Map.of();
    }

    /** What else is done to the tables when all rows are there. */
    default List<String> completing() {
        return List.of();
    }

    /** Whether all rows of a table are needed, whatever the statement's conditions are. */
    default boolean needsAll(AssembledTable table) {
        return false;
    }

    /** All rows have come; the connection is ready for the statement. */
    void loaded(Scratch scratch);

    /**
     * It failed, and nothing is under way any more.
     *
     * @param rolledBack whether a node has rolled the transaction back
     */
    void failed(ErrPacket reason, boolean rolledBack);
}
