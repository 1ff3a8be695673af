package io.shardway.proxy.definition;

import io.shardway.proxy.execution.Definitions.Outcome;
import io.shardway.proxy.execution.Definitions.Request;
import io.shardway.router.Deadline;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.Definition;
import io.shardway.router.sql.QuotedName;
import io.shardway.router.topology.DefinitionStatement;
import io.shardway.router.topology.Node;
import io.shardway.router.topology.Topology;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Statements that change no definition: ANALYZE, CHECK and OPTIMIZE on every shard, and those that
 * only MySQL's own answer is wanted of. Thread-safe; blocks.
 */
final class Maintenance {

    private static final Duration LOCK_WAIT = Duration.ofSeconds(30);

    /** Each reads whole tables: more at once would only be slower. */
    private static final int RUNNING_MAX = 2;

    private final DefinitionSite site;
    private final Semaphore running = new Semaphore(RUNNING_MAX);

    Maintenance(DefinitionSite site) {
        this.site = site;
    }

    /** Rows that several shards give alike are shown once. */
    Outcome run(Definition definition, Request request) {
        if (!running.tryAcquire()) {
            throw new ShardwayException(
                    ErrorCode.POOL_EXHAUSTED,
                    "%d such statements run already in this proxy".formatted(RUNNING_MAX));
        }
        try {
            return onShards(definition, request);
        } finally {
            running.release();
        }
    }

    private Outcome onShards(Definition definition, Request request) {
        Topology topology = site.refreshed().topology();
        List<ShardId> shards =
                switch (definition.place()) {
                    case DEFAULT_SHARD -> List.of(topology.defaultShard());
                    case EVERY_SHARD -> topology.shardsInOrder();
                };
        var columns = new LinkedHashSet<String>();
        var rows = new LinkedHashSet<List<@Nullable String>>();
        for (ShardId shard : shards) {
            Node node = topology.shard(shard).primary();
            try (Connection connection = site.alone(node);
                    Statement statement = connection.createStatement()) {
                statement.setEscapeProcessing(false);
                use(statement, request.schema());
                request.cancellation().stopBy(() -> cancel(statement));
                try (ResultSet result = statement.executeQuery(request.text())) {
                    read(result, columns, rows);
                }
            } catch (SQLException failed) {
                return StepRun.isLost(failed)
                        ? new Outcome.Refused(
                                ErrorCode.BACKEND_UNAVAILABLE,
                                "node %s: %s".formatted(node.name(), failed.getMessage()))
                        : StepRun.mySqlError(failed);
            } finally {
                request.cancellation().stopBy(() -> {});
            }
        }
        return new Outcome.Rows(List.copyOf(columns), List.copyOf(rows));
    }

    private static void cancel(Statement statement) {
        try {
            statement.cancel();
        } catch (SQLException gone) {
            // It ended by itself.
        }
    }

    private static void use(Statement statement, String schema) throws SQLException {
        if (!schema.isEmpty()) {
            statement.execute("USE " + QuotedName.of(schema));
        }
    }

    private static void read(
            ResultSet result,
            LinkedHashSet<String> columns,
            LinkedHashSet<List<@Nullable String>> rows)
            throws SQLException {
        int count = result.getMetaData().getColumnCount();
        for (int column = 1; column <= count; column++) {
            columns.add(result.getMetaData().getColumnLabel(column));
        }
        while (result.next()) {
            var row = new ArrayList<@Nullable String>();
            for (int column = 1; column <= count; column++) {
                row.add(result.getString(column));
            }
            rows.add(row);
        }
    }

    /** The statement changes nothing: MySQL says so, by an error or by notes. */
    Outcome runOnDefaultShard(Definition definition, Request request, Topology topology) {
        Node node = topology.shard(topology.defaultShard()).primary();
        var statement =
                new DefinitionStatement(
                        definition.keyspace(),
                        request.schema(),
                        request.text(),
                        request.settings(),
                        request.author().userAtHost());
        try (var connection =
                StepConnection.open(site, node, statement, Deadline.after(LOCK_WAIT))) {
            long affected = connection.execute(request.text(), request.cancellation());
            return new Outcome.Done(affected, connection.warnings());
        } catch (SQLException failed) {
            if (StepRun.isLost(failed)) {
                throw new ShardwayException(
                        ErrorCode.BACKEND_UNAVAILABLE,
                        "node %s: %s".formatted(node.name(), failed.getMessage()),
                        failed);
            }
            return StepRun.mySqlError(failed);
        }
    }
}
