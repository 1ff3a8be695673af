package io.shardway.proxy.execution;

import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.router.ErrorCode;
import io.shardway.router.keyspace.ShardId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What became of the written parts of a transaction at COMMIT. Confined to its event loop. */
final class CommitOutcomes {

    private static final Logger LOG = LoggerFactory.getLogger(CommitOutcomes.class);

    private final Map<ShardId, CommitOutcome> outcomes = new TreeMap<>();

    void note(ShardId shard, CommitOutcome outcome) {
        outcomes.put(shard, outcome);
    }

    boolean anyCommitted() {
        return outcomes.containsValue(CommitOutcome.DONE);
    }

    /**
     * What the client is to hear in place of the first problem, where several shards were written
     * and not all of them certainly rolled back. It is logged and counted.
     */
    Optional<ErrPacket> problem(StatementRunner runner, Optional<ErrPacket> first) {
        boolean whole =
                !outcomes.containsValue(CommitOutcome.NOT_DONE)
                        && !outcomes.containsValue(CommitOutcome.UNKNOWN);
        boolean nothing = !anyCommitted() && !outcomes.containsValue(CommitOutcome.UNKNOWN);
        if (outcomes.size() < 2 || whole || nothing) {
            return Optional.empty();
        }
        String committed = names(CommitOutcome.DONE);
        String not = names(CommitOutcome.NOT_DONE);
        String unknown = names(CommitOutcome.UNKNOWN);
        LOG.error(
                "event=partly-committed code={} session={} committed=\"{}\" not-committed=\"{}\""
                        + " unknown=\"{}\" problem=\"{}\"",
                ErrorCode.PARTLY_COMMITTED.id(),
                runner.session().id(),
                committed,
                not,
                unknown,
                first.map(ErrPacket::text).orElse(""));
        runner.count(ErrorCode.PARTLY_COMMITTED);
        return Optional.of(
                ErrPacket.of(
                        ErrorCode.PARTLY_COMMITTED,
                        "committed: %s; not committed: %s; unknown: %s"
                                .formatted(committed, not, unknown)));
    }

    private String names(CommitOutcome outcome) {
        List<ShardId> shards =
                outcomes.entrySet().stream()
                        .filter(each -> each.getValue() == outcome)
                        .map(Map.Entry::getKey)
                        .toList();
        return TransactionRules.names(shards);
    }
}
