package io.shardway.proxy.execution;

import io.shardway.proxy.session.Session;
import io.shardway.proxy.session.Transaction;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.Access;
import io.shardway.router.plan.Traits;
import io.shardway.router.plan.TransactionMode;
import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What a session may do on a shard in the state its transaction is in. Stateless. */
final class TransactionRules {

    private static final Optional<ShardwayException> ALLOWED = Optional.empty();

    private TransactionRules() {}

    /** In any mode. */
    static Optional<ShardwayException> forbids(Session session, Access access, ShardId shard) {
        return forbids(session, TransactionMode.SINGLE, access, shard);
    }

    /** Why a statement with this access must not run there. */
    static Optional<ShardwayException> forbids(
            Session session, TransactionMode mode, Access access, ShardId shard) {
        Transaction transaction = session.transaction();
        if (transaction.isFailed()) {
            return Optional.of(new ShardwayException(ErrorCode.TRANSACTION_FAILED, ""));
        }
        if (access != Access.WRITE) {
            return ALLOWED;
        }
        Set<ShardId> written = transaction.writtenShards();
        boolean second =
                mode == TransactionMode.SINGLE
                        && !written.isEmpty()
                        && !written.equals(Set.of(shard))
                        && transaction.isOpen();
        return second
                ? Optional.of(
                        new ShardwayException(
                                ErrorCode.SECOND_SHARD_WRITE,
                                "written: %s, now: %s".formatted(names(written), shard)))
                : ALLOWED;
    }

    /**
     * Why a statement must not write wherever its rows belong.
     *
     * @param statement what it is, for the one who wrote it
     */
    static Optional<ShardwayException> forbidsSpread(Session session, String statement) {
        Transaction transaction = session.transaction();
        if (transaction.isFailed()) {
            return Optional.of(new ShardwayException(ErrorCode.TRANSACTION_FAILED, ""));
        }
        if (transaction.isSnapshot()) {
            return Optional.of(ofOneKeyspace());
        }
        return !isInTransaction(session) && !transaction.leases().isEmpty()
                ? Optional.of(
                        new ShardwayException(
                                ErrorCode.NOT_OFFERED,
                                statement
                                        + " while the session keeps state on one connection: a"
                                        + " cursor, GET_LOCK or the like"))
                : ALLOWED;
    }

    private static ShardwayException ofOneKeyspace() {
        return new ShardwayException(
                ErrorCode.NOT_OFFERED, "a consistent snapshot is one plain keyspace's");
    }

    /**
     * Why a statement must not run in a sharded keyspace. A dump takes its snapshot before it
     * chooses the plain keyspace; what it asks the server meanwhile is no part of it, and nothing
     * else may be asked.
     */
    static Optional<ShardwayException> forbidsBesideSnapshot(
            Session session, Access access, Traits traits, Optional<String> text) {
        if (!session.transaction().isSnapshot()) {
            return ALLOWED;
        }
        boolean ofServer =
                text.map(sql -> sql.stripLeading().toLowerCase(Locale.ROOT))
                        .map(sql -> sql.contains("information_schema") || sql.startsWith("show"))
                        .orElse(false);
        return access != Access.READ || (traits.tables() && !ofServer)
                ? Optional.of(ofOneKeyspace())
                : ALLOWED;
    }

    /**
     * A SELECT without a table begins no transaction and leaves savepoints and SET TRANSACTION to
     * the next statement. Connector/J asks for a variable before each update.
     *
     * @param plain whether it runs in a plain keyspace
     */
    static boolean beginsNothing(Session session, Traits traits, boolean plain) {
        Transaction transaction = session.transaction();
        boolean waiting =
                !transaction.nextCharacteristics().isEmpty() || !transaction.savepoints().isEmpty();
        boolean elsewhere = transaction.isSnapshot() && !plain;
        return elsewhere || (waiting && !transaction.isExplicit() && !traits.tables());
    }

    /** Whether the statement is part of a transaction, or begins one; else it is one by itself. */
    static boolean isInTransaction(Session session) {
        return session.transaction().isOpen() || !session.profile().autocommit();
    }

    static String names(Collection<ShardId> shards) {
        return shards.isEmpty()
                ? "none"
                : String.join(", ", shards.stream().map(ShardId::name).toList());
    }
}
