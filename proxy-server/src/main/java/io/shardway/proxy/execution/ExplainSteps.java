package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.shardway.proxy.backend.SettingsProfile;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.AssembledTable;
import io.shardway.router.plan.AssembledText;
import io.shardway.router.plan.ParameterValues;
import io.shardway.router.plan.Plan;
import io.shardway.router.schema.ColumnSchema;
import io.shardway.router.schema.TableSchema;
import io.shardway.router.sql.QuotedName;
import io.shardway.router.sql.SqlDialect;
import io.shardway.router.sql.Token;
import io.shardway.router.sql.Tokens;
import io.shardway.router.topology.TableKind;
import io.shardway.router.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Which EXPLAIN each shard is asked. Confined to its event loop. */
final class ExplainSteps {

    private final StatementRunner runner;
    private final byte[] sql;
    private final SqlDialect dialect;

    /**
     * @param sql the client's, which the loop's lexer has read
     */
    ExplainSteps(StatementRunner runner, byte[] sql) {
        this.runner = runner;
        this.sql = sql;
        this.dialect = runner.session().profile().dialect();
    }

    /**
     * Shard by shard; none if the statement must be assembled to be analyzed.
     *
     * @throws ShardwayException where the statement itself would be refused for its values
     */
    List<ExplainCall.Step> of(Plan.Explain plan) {
        return switch (plan.explained()) {
            case Plan.SpreadWrite write -> {
                var shards =
                        SpreadRoute.of(
                                write.target(),
                                runner.loop().lexer(),
                                ParameterValues.NONE,
                                topology());
                yield shards.keySet().stream().map(shard -> asWritten(shard, sql)).toList();
            }
            case Plan.Assemble read -> {
                Optional<byte[]> scattered = scattered(read);
                if (scattered.isPresent()) {
                    var whole = read.whole(sql, dialect, ParameterValues.NONE);
                    yield ReadShards.of(read, whole, dialect, topology()).stream()
                            .map(shard -> asWritten(shard, scattered.get()))
                            .toList();
                }
                yield plan.analyzes()
                        ? List.of()
                        : partials(read, plan.head()).orElseGet(() -> pulls(read, plan.head()));
            }
        };
    }

    private Topology topology() {
        return runner.loop().serving().topology();
    }

    private Optional<byte[]> scattered(Plan.Assemble read) {
        return read.scatter()
                .filter(_ -> ScatteredStatement.mayScatter(runner.session(), read.traits()))
                .flatMap(
                        scatter -> scatter.write(sql, 0, sql.length, dialect, ParameterValues.NONE))
                .map(written -> written.sent().text());
    }

    private ExplainCall.Step asWritten(ShardId shard, byte[] text) {
        return new ExplainCall.Step(
                shard, new ScatteredStatement.Text(runner, text), settings -> settings, true);
    }

    /** Of a read that shards group first: what each of them is asked. */
    private Optional<List<ExplainCall.Step>> partials(Plan.Assemble read, int head) {
        return read.partials()
                .filter(_ -> ScatteredStatement.mayScatter(runner.session(), read.traits()))
                .flatMap(partials -> partials.write(sql, dialect, ParameterValues.NONE))
                .map(written -> {
                    var steps = new ArrayList<ExplainCall.Step>();
                    steps.add(wholeLook());
                    byte[] text =
                            (explained(head) + " " + new String(written.partial().text(), UTF_8))
                                    .getBytes(UTF_8);
                    ReadShards.of(
                                    read,
                                    read.whole(sql, dialect, ParameterValues.NONE),
                                    dialect,
                                    topology())
                            .forEach(shard -> steps.add(asWritten(shard, text)));
                    return steps;
                });
    }

    private ExplainCall.Step wholeLook() {
        return new ExplainCall.Step(
                topology().defaultShard(),
                new ScatteredStatement.Text(runner, sql),
                settings -> settings,
                false);
    }

    private String explained(int head) {
        return Tokens.of(sql, 0, sql.length, dialect).subList(0, head).stream()
                .map(Token::text)
                .collect(Collectors.joining(" "));
    }

    /** The reads that bring the rows, behind a look at the whole statement for MySQL's errors. */
    private List<ExplainCall.Step> pulls(Plan.Assemble read, int head) {
        String explain = explained(head);
        List<AssembledTable> pulled = Assembly.pulledOf(read.tables(), runner.session());
        byte[] whole = read.whole(sql, dialect, ParameterValues.NONE).text();
        List<AssembledText.Asked> asked =
                AssembledStatement.askedOf(pulled, whole, dialect, ParameterValues.NONE, false);
        List<List<ShardId>> shards =
                AssembledStatement.shardsOf(
                        pulled, whole, dialect, ParameterValues.NONE, topology());
        var steps = new ArrayList<ExplainCall.Step>();
        steps.add(wholeLook());
        for (ShardId shard : topology().shards().keySet().stream().sorted().toList()) {
            for (int table = 0; table < pulled.size(); table++) {
                boolean has =
                        pulled.get(table).schema().kind() == TableKind.SHARDED
                                ? shards.get(table).contains(shard)
                                : shard.equals(topology().defaultShard());
                if (has) {
                    String text = explain + " " + selectText(pulled.get(table), asked.get(table));
                    steps.add(
                            new ExplainCall.Step(
                                    shard,
                                    new ScatteredStatement.Text(runner, text.getBytes(UTF_8)),
                                    ExplainSteps::pulling,
                                    true));
                }
            }
        }
        return steps;
    }

    /** As rows are pulled, answered as the session wants to read. */
    private static SettingsProfile pulling(SettingsProfile session) {
        return AssemblySettings.pulling(session)
                .with(Map.of("character_set_results", session.literal("character_set_results")));
    }

    private static String selectText(AssembledTable table, AssembledText.Asked asked) {
        TableSchema schema = table.schema();
        String columns =
                schema.columns().stream()
                        .map(ColumnSchema::name)
                        .filter(table::mayRead)
                        .map(QuotedName::of)
                        .collect(Collectors.joining(", "));
        return "SELECT %s FROM %s.%s%s%s%s"
                .formatted(
                        columns.isEmpty() ? "1" : columns,
                        QuotedName.of(table.keyspace()),
                        QuotedName.of(schema.name()),
                        asked.where() + asked.orderBy(),
                        asked.rowsMax() == Long.MAX_VALUE ? "" : " LIMIT " + asked.rowsMax(),
                        table.lock().isEmpty() ? "" : " " + table.lock());
    }
}
