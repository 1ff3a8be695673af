package io.shardway.proxy.execution;

import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.ResultEnd;
import io.shardway.proxy.protocol.OkPacket;
import io.shardway.proxy.protocol.Packets;
import io.shardway.proxy.protocol.ServerStatus;
import io.shardway.proxy.session.ClientChannel;
import io.shardway.proxy.session.Session;
import io.shardway.proxy.session.Transaction;
import io.shardway.router.plan.Traits;

/** The packet that ends a result, as the session's client may see it. Stateless. */
final class ShownEnd {

    private static final int OF_THE_SESSION =
            ServerStatus.IN_TRANS | ServerStatus.AUTOCOMMIT | ServerStatus.IN_TRANS_READONLY;

    private ShownEnd() {}

    /** Takes over what the node tracked, and changes the packet where the client's view differs. */
    static void show(
            StatementRunner runner, BackendConnection connection, Traits traits, ResultEnd end) {
        Transaction transaction = runner.session().transaction();
        show(
                runner,
                connection,
                traits,
                end,
                end.status() | flags(runner, transaction, end.status()));
    }

    /** The same, of an answer of a connection that is not in the session's transaction. */
    static void showApart(
            StatementRunner runner, BackendConnection connection, Traits traits, ResultEnd end) {
        int kept = end.status() & ~OF_THE_SESSION;
        int more = runner.hasMoreStatements() ? ServerStatus.MORE_RESULTS : 0;
        show(runner, connection, traits, end, kept | runner.session().status() | more);
    }

    private static void show(
            StatementRunner runner,
            BackendConnection connection,
            Traits traits,
            ResultEnd end,
            int shown) {
        Session session = runner.session();
        if (end.hasSessionChanges()) {
            ClientChannel client = runner.client();
            OkPacket ok = end.ok();
            VariableChanges.apply(session, connection, ok.changes(), traits);
            OkPacket visible = Answers.forClient(session, ok, shown);
            int header = end.isAfterRows() ? 0xFE : 0x00;
            end.replaceWith(
                    Packets.frame(
                            client.allocator(),
                            end.sequence(),
                            out -> visible.write(out, header, session.capabilities())));
            end.noteStatus(visible.status());
        } else if (shown != end.status()) {
            end.patchStatus(shown);
        }
    }

    /** What the node cannot know: the other shards, and the client's next statement. */
    private static int flags(StatementRunner runner, Transaction transaction, int status) {
        boolean elsewhere =
                (status & ServerStatus.IN_TRANS) == 0
                        && !transaction.isExplicit()
                        && transaction.isOpen();
        return (elsewhere ? ServerStatus.IN_TRANS : 0)
                | (runner.hasMoreStatements() ? ServerStatus.MORE_RESULTS : 0);
    }
}
