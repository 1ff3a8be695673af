package io.shardway.proxy.execution;

import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.Bucket;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.Access;
import io.shardway.router.plan.DrawnColumn;
import io.shardway.router.plan.KeyResolver;
import io.shardway.router.plan.ParameterValues;
import io.shardway.router.plan.Plan;
import io.shardway.router.plan.RowKey;
import io.shardway.router.plan.SpreadTarget;
import io.shardway.router.plan.TransactionMode;
import io.shardway.router.sql.SqlDialect;
import io.shardway.router.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * INSERTs of several rows into tables whose shard key is AUTO_INCREMENT: the keys that rows leave
 * out are drawn, then each row goes to its owner. Confined to its event loop.
 */
final class SeveralKeys {

    private static final String KEPT_ZERO = "NO_AUTO_VALUE_ON_ZERO";

    private final StatementRunner runner;
    private final ProxyServices services;

    SeveralKeys(StatementRunner runner, ProxyServices services) {
        this.runner = runner;
        this.services = services;
    }

    /**
     * One execution.
     *
     * @param sql the statement alone; to be asked for at once
     * @param whole as the client sent it; taken over, unless it is refused at once
     */
    record Source(
            Supplier<byte[]> sql,
            SqlDialect dialect,
            ParameterValues values,
            BackendCommand whole,
            Parts parts) {}

    /** What a shard is sent. */
    interface Parts {

        /**
         * @param drawn the key of each of the statement's rows, 0 where it is given
         */
        BackendCommand of(SpreadTexts texts, List<Integer> rows, long[] drawn);
    }

    /** The loop's lexer has read the statement. */
    void run(Plan.SpreadWrite plan, SpreadTarget.Rows target, Source source) {
        Serving serving = runner.loop().serving();
        List<RowKey> rows = rowKeys(target, source.values());
        if (rows.stream().anyMatch(RowKey.Unknown.class::isInstance)) {
            relay(plan, runner.anyShard(serving), source.whole());
            return;
        }
        DrawnColumn column = target.drawn().orElseThrow().column();
        var wait = KeyWait.ofKeys(runner, services, serving, column, rows);
        byte[] sql = source.sql().get();
        require(plan, sql, source.dialect(), serving.topology(), rows, wait);
        runner.start(
                new DrawnInsertCall(
                        runner,
                        wait,
                        source.whole(),
                        drawn -> {
                            var shards = shards(rows, drawn, serving.topology());
                            if (wait.count() == 0 && shards.size() == 1) {
                                relay(plan, shards.firstKey(), source.whole());
                                return;
                            }
                            var ids = new DrawnIds(column, drawn, wait.stride());
                            runner.start(
                                    new SpreadCall(
                                            runner,
                                            spread(plan, target, sql, source, shards, ids)));
                        }));
    }

    private List<RowKey> rowKeys(SpreadTarget.Rows target, ParameterValues values) {
        boolean zeroDraws = zeroDraws(runner);
        var rows = new ArrayList<RowKey>();
        DrawnColumn column = target.drawn().orElseThrow().column();
        for (SpreadTarget.Row row : target.rows()) {
            rows.add(
                    KeyResolver.rowKey(
                            column.type(), row.key(), runner.loop().lexer(), values, zeroDraws));
        }
        return rows;
    }

    /** Whether a row that gives 0 has its key drawn. */
    static boolean zeroDraws(StatementRunner runner) {
        return runner.session()
                .profile()
                .literal("sql_mode")
                .filter(mode -> mode.contains(KEPT_ZERO))
                .isEmpty();
    }

    private void relay(Plan.SpreadWrite plan, ShardId shard, BackendCommand whole) {
        runner.start(new ShardCall(runner, shard, Access.WRITE, plan.traits(), whole));
    }

    /** Before keys are drawn: whether it is refused must not hang on which ones they are. */
    private void require(
            Plan.SpreadWrite plan,
            byte[] sql,
            SqlDialect dialect,
            Topology topology,
            List<RowKey> rows,
            KeyWait wait) {
        boolean draws = wait.count() > 0;
        boolean several =
                draws
                        ? topology.shards().size() > 1
                        : shards(rows, new long[rows.size()], topology).size() > 1;
        if (!several) {
            return;
        }
        runner.requireScatter(sql, dialect, plan.why());
        boolean failed = runner.session().transaction().isFailed();
        if (draws && !failed && runner.transactionMode() == TransactionMode.SINGLE) {
            throw ownersDiffer();
        }
    }

    static ShardwayException ownersDiffer() {
        return new ShardwayException(
                ErrorCode.DIFFERENT_KEYS, "keys are drawn for its rows, which several shards own");
    }

    /** The shards in their order, each with the numbers of its rows. */
    private static SortedMap<ShardId, List<Integer>> shards(
            List<RowKey> rows, long[] drawn, Topology topology) {
        var shards = new TreeMap<ShardId, List<Integer>>();
        for (int row = 0; row < rows.size(); row++) {
            int bucket =
                    rows.get(row) instanceof RowKey.Given(int given, _)
                            ? given
                            : Bucket.numberOf(drawn[row]);
            shards.computeIfAbsent(topology.bucketMap().ownerOf(bucket), _ -> new ArrayList<>())
                    .add(row);
        }
        return shards;
    }

    /**
     * @param sql of the source
     */
    static SpreadStatement spread(
            Plan.SpreadWrite plan,
            SpreadTarget.Rows target,
            byte[] sql,
            Source source,
            SortedMap<ShardId, List<Integer>> shards,
            DrawnIds ids) {
        var texts = new SpreadTexts(sql, source.dialect(), target);
        var parts = new ArrayList<SpreadPart>();
        shards.forEach((shard, rows) ->
                parts.add(
                        new SpreadPart(shard, rows, source.parts().of(texts, rows, ids.byRow()))));
        Runnable release =
                () -> {
                    source.whole().release();
                    parts.forEach(part -> part.command().release());
                };
        return SpreadStatement.of(plan, parts, release).drawing(ids);
    }
}
