package io.shardway.proxy.execution;

import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.Access;
import io.shardway.router.plan.DrawnColumn;
import io.shardway.router.plan.KeyResolver;
import io.shardway.router.plan.ParameterValues;
import io.shardway.router.plan.Plan;
import io.shardway.router.plan.RowKey;
import io.shardway.router.plan.SpreadTarget;
import io.shardway.router.plan.TransactionMode;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/**
 * INSERTs into tables with an AUTO_INCREMENT column that is not the shard key. Rows of one shard
 * have their ids drawn by its MySQL; for rows of several shards the proxy draws them, one after the
 * other, from numbers that no MySQL draws. Confined to its event loop.
 */
final class SeveralIds {

    private final StatementRunner runner;
    private final ProxyServices services;

    SeveralIds(StatementRunner runner, ProxyServices services) {
        this.runner = runner;
        this.services = services;
    }

    /** The loop's lexer has read the statement. */
    void run(Plan.SpreadWrite plan, SpreadTarget.Rows target, SeveralKeys.Source source) {
        Serving serving = runner.loop().serving();
        SortedMap<ShardId, List<Integer>> shards =
                SpreadRoute.of(target, runner.loop().lexer(), source.values(), serving.topology());
        boolean several = shards.size() > 1;
        byte[] sql = several ? source.sql().get() : new byte[0];
        if (several) {
            require(plan, sql, source, shards);
        }
        DrawnColumn column = target.drawn().orElseThrow().column();
        List<RowKey> rows = rowIds(target, source.values(), several);
        if (!several && rows.stream().noneMatch(RowKey.Given.class::isInstance)) {
            relay(plan, shards.firstKey(), source.whole());
            return;
        }
        var wait = KeyWait.ofIds(runner, services, serving, column, rows);
        runner.start(
                new DrawnInsertCall(
                        runner,
                        wait,
                        source.whole(),
                        drawn -> {
                            if (several) {
                                var ids = new DrawnIds(column, drawn, wait.stride());
                                runner.start(
                                        new SpreadCall(
                                                runner,
                                                SeveralKeys.spread(
                                                        plan, target, sql, source, shards, ids)));
                            } else {
                                relay(plan, shards.firstKey(), source.whole());
                            }
                        }));
    }

    /** What is given, and what the proxy must draw; of other rows nothing is known. */
    private List<RowKey> rowIds(SpreadTarget.Rows target, ParameterValues values, boolean several) {
        boolean zeroDraws = SeveralKeys.zeroDraws(runner);
        var rows = new ArrayList<RowKey>(target.rows().size());
        for (SpreadTarget.Row row : target.rows()) {
            RowKey id =
                    KeyResolver.rowId(row.id(), runner.loop().lexer(), values, zeroDraws)
                            .orElseGet(RowKey.Unknown::new);
            rows.add(!several && id instanceof RowKey.Drawn ? new RowKey.Unknown() : id);
        }
        return rows;
    }

    /** Before ids are drawn, which would be lost. */
    private void require(
            Plan.SpreadWrite plan,
            byte[] sql,
            SeveralKeys.Source source,
            SortedMap<ShardId, List<Integer>> shards) {
        runner.requireScatter(sql, source.dialect(), plan.why());
        boolean failed = runner.session().transaction().isFailed();
        if (runner.transactionMode() == TransactionMode.SINGLE && !failed) {
            throw new ShardwayException(
                    ErrorCode.DIFFERENT_KEYS,
                    plan.why() + "; shards " + TransactionRules.names(shards.keySet()));
        }
    }

    private void relay(Plan.SpreadWrite plan, ShardId shard, BackendCommand whole) {
        var call = new ShardCall(runner, shard, Access.WRITE, plan.traits(), whole);
        runner.start(
                whole instanceof ExecuteCommand execute
                        ? call.withCursorOf(execute.statement())
                        : call);
    }
}
