package io.shardway.proxy.execution;

import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.CollectedAnswer;
import io.shardway.proxy.backend.ResultEnd;
import io.shardway.proxy.session.Session;
import io.shardway.router.plan.InsertId;
import io.shardway.router.plan.Traits;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Takes over what a statement made of LAST_INSERT_ID(). Where each row drew an id, the OK packet
 * tells; the value stays on the node, and is set to 0 before a statement after which it must be
 * read. Elsewhere the packet cannot tell: it reports an explicit id too, which leaves the function
 * as it was. Then it is read back and set to 0 in the same breath, so that the next session on the
 * connection sees only what its own statement makes. Stateless.
 */
final class InsertIds {

    /** Makes ready for a statement after which the value may have to be read. */
    static final String FORGET = "SET @@SESSION.last_insert_id = 0";

    private static final String READ_AND_FORGET = "SELECT LAST_INSERT_ID(), LAST_INSERT_ID(0)";

    private InsertIds() {}

    /** A session's earlier statement left its id there, which would be taken for this one's. */
    static boolean mustForget(BackendConnection connection, Traits traits) {
        return traits.insertId() == InsertId.UNCLEAR && connection.insertIdLeft() != 0;
    }

    /**
     * After an answer that reports an id: takes it over if the packet tells.
     *
     * @return false if it must be read back
     */
    static boolean take(
            Session session, BackendConnection connection, Traits traits, ResultEnd end) {
        if (traits.insertId() != InsertId.DRAWN || end.affectedRows() == 0) {
            return false;
        }
        session.lastInsertIdIs(end.lastInsertId());
        connection.insertIdLeft(end.lastInsertId());
        return true;
    }

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
                    boolean made = value != 0 && value != connection.insertIdLeft();
                    if (wasOurs || made) {
                        session.lastInsertIdIs(value);
                    }
                    connection.insertIdLeft(0);
                    done.accept(true);
                });
    }
}
