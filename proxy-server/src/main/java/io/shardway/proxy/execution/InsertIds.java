package io.shardway.proxy.execution;

import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.CollectedAnswer;
import io.shardway.proxy.session.Session;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Reads LAST_INSERT_ID() back from a node. The OK packet cannot tell: it reports an explicit id
 * too, which leaves the function as it was. The value on the node is set to 0 in the same breath,
 * so that the next session on the connection sees only what its own statement makes. Stateless.
 */
final class InsertIds {

    private static final String READ_AND_FORGET = "SELECT LAST_INSERT_ID(), LAST_INSERT_ID(0)";

    private InsertIds() {}

    /**
     * @param wasOurs the node had the session's own value before the statement, not 0
     * @param done hears whether the connection is still good
     */
    static void read(
            Session session,
            BackendConnection connection,
            boolean wasOurs,
            Consumer<Boolean> done) {
        connection.query(
                READ_AND_FORGET,
                answer -> {
                    if (!(answer instanceof CollectedAnswer.Rows rows) || rows.rowCount() != 1) {
                        done.accept(false);
                        return;
                    }
                    byte[] cell = rows.cell(0, 0);
                    long value =
                            cell == null
                                    ? 0
                                    : Long.parseUnsignedLong(
                                            new String(cell, StandardCharsets.US_ASCII));
                    if (wasOurs || value != 0) {
                        session.lastInsertIdIs(value);
                    }
                    done.accept(true);
                });
    }
}
