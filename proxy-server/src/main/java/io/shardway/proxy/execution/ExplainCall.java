package io.shardway.proxy.execution;

import io.shardway.proxy.backend.SettingsProfile;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.session.Diagnostics;
import io.shardway.proxy.session.Session;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.Access;
import io.shardway.router.plan.Scatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * EXPLAIN of what several shards do: asks one after the other and answers with all they say, told
 * apart by the shard's name. Confined to its event loop.
 */
final class ExplainCall implements RunningCall, ShardRows.Listener {

    /**
     * What one shard is asked.
     *
     * @param settings makes those of the connection from the session's
     * @param isShown whether the client sees what it answers, or errors only
     */
    record Step(
            ShardId shard,
            BackendCommand command,
            UnaryOperator<SettingsProfile> settings,
            boolean isShown) {}

    private final StatementRunner runner;
    private final Session session;
    private final List<Step> steps;
    private final ArrayDeque<Step> waiting;
    private final List<byte[]> rows = new ArrayList<>();
    private final List<Diagnostics.Condition> conditions = new ArrayList<>();
    private List<byte[]> head = List.of();
    private Optional<ErrPacket> failure = Optional.empty();
    private @Nullable ShardRows asked;
    private @Nullable Step step;
    private int status;
    private boolean closing;
    private boolean rolledBack;
    private boolean begun;
    private boolean broken;

    /**
     * @param steps at least one
     */
    ExplainCall(StatementRunner runner, List<Step> steps) {
        this.runner = runner;
        this.session = runner.session();
        this.steps = List.copyOf(steps);
        this.waiting = new ArrayDeque<>(steps);
    }

    @Override
    public void start() {
        Optional<ShardwayException> forbidden =
                TransactionRules.forbids(session, Access.READ, runner.defaultShard());
        if (forbidden.isPresent()) {
            runner.fail(forbidden.get().code(), forbidden.get().detail());
        } else if (session.transaction().isSnapshot()) {
            runner.fail(ErrorCode.NOT_OFFERED, "a consistent snapshot is one plain keyspace's");
        } else {
            next();
        }
    }

    private void next() {
        Step following = waiting.poll();
        if (following == null || failure.isPresent()) {
            finish();
            return;
        }
        step = following;
        closing = false;
        asked =
                new ShardRows(
                        runner, following.shard(), following.command(), following.settings(), this);
        asked.start();
    }

    @Override
    public void connected() {
        // The next shard is asked when this one has answered.
    }

    @Override
    public void described(ShardRows part, List<byte[]> packets) {
        if (head.isEmpty() && step != null && step.isShown()) {
            head = ExplainLabels.head(packets);
        }
    }

    @Override
    public void row(ShardRows part, byte[] payload) {
        if (step != null && step.isShown()) {
            rows.add(ExplainLabels.row(payload, head.size() - 1, step.shard()));
        }
    }

    @Override
    public void readComplete() {
        // Rows go on when all shards have answered.
    }

    @Override
    public void answered(ShardRows part) {
        status |= part.status();
        closing = true;
        part.close();
    }

    @Override
    public void failed(ErrPacket reason) {
        if (failure.isEmpty()) {
            failure = Optional.of(reason);
        }
    }

    @Override
    public void released(ShardRows part) {
        conditions.addAll(part.diagnostics().conditions());
        rolledBack |= part.hasRolledBack();
        asked = null;
        if (!broken) {
            next();
        }
    }

    private void finish() {
        boolean failed = failure.isPresent();
        if (failed) {
            runner.tell(failure.get());
        } else {
            begun = true;
            var answer = new ScatteredAnswer(runner, Scatter.Range.ALL);
            answer.begin(head);
            rows.forEach(answer::row);
            answer.end(status, conditions.size());
            session.diagnosticsAre(
                    conditions.isEmpty() ? Diagnostics.NONE : new Diagnostics(conditions));
        }
        runner.callDone(failed, rolledBack);
    }

    @Override
    public boolean answerBegun() {
        return begun;
    }

    @Override
    public String describe() {
        return step == null ? "routing" : "explaining on " + step.shard();
    }

    @Override
    public Optional<String> text() {
        return steps.getFirst().command().text();
    }

    @Override
    public void interrupt() {
        if (asked != null && failure.isEmpty()) {
            runner.count(ErrorCode.QUERY_INTERRUPTED);
            failure = Optional.of(ErrPacket.of(ErrorCode.QUERY_INTERRUPTED, ""));
            if (!closing) {
                asked.stop();
            }
        }
    }

    @Override
    public void abandon() {
        interrupt();
    }

    @Override
    public void closeConnections() {
        broken = true;
        if (asked != null) {
            asked.closeConnection();
        }
    }
}
