package io.shardway.proxy.execution;

import io.shardway.proxy.session.Session;
import io.shardway.proxy.session.Transaction;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.Access;
import java.util.Optional;

/** What a session may do on a shard in the state its transaction is in. Stateless. */
final class TransactionRules {

    private static final Optional<ShardwayException> ALLOWED = Optional.empty();

    private TransactionRules() {}

    /** Why a statement with this access must not run there. */
    static Optional<ShardwayException> forbids(Session session, Access access, ShardId shard) {
        Transaction transaction = session.transaction();
        if (transaction.isFailed()) {
            return Optional.of(new ShardwayException(ErrorCode.TRANSACTION_FAILED, ""));
        }
        if (access != Access.WRITE) {
            return ALLOWED;
        }
        Optional<ShardId> written = transaction.writtenShard();
        if (written.isPresent() && !written.get().equals(shard) && transaction.isOpen()) {
            return Optional.of(
                    new ShardwayException(
                            ErrorCode.SECOND_SHARD_WRITE,
                            "written: " + written.get() + ", now: " + shard));
        }
        return ALLOWED;
    }
}
