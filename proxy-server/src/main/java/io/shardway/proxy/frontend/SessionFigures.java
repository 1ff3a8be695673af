package io.shardway.proxy.frontend;

import io.shardway.proxy.execution.StatementRunner;
import io.shardway.proxy.session.Session;
import io.shardway.proxy.session.Transaction;
import io.shardway.router.keyspace.ShardId;
import java.util.List;

/**
 * What one session does, as SHOW SESSIONS tells it. Immutable.
 *
 * @param queuedBytes of its answer that wait in the proxy for the client to take them
 */
public record SessionFigures(
        long id,
        String user,
        String host,
        String keyspace,
        String command,
        long seconds,
        String state,
        String info,
        String held,
        List<ShardId> shards,
        long queuedBytes) {

    /** Called on the session's event loop. */
    static SessionFigures of(
            StatementRunner runner, String command, long seconds, long queuedBytes) {
        Session session = runner.session();
        Transaction transaction = session.transaction();
        return new SessionFigures(
                session.id(),
                session.identity().user(),
                session.clientAddress(),
                session.schema(),
                command,
                seconds,
                runner.state(),
                runner.statementText(),
                transaction.isPinned() ? "pinned" : transaction.isOpen() ? "transaction" : "",
                List.copyOf(transaction.leases().keySet()),
                queuedBytes);
    }
}
