package io.shardway.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.shardway.proxy.execution.Plans;
import io.shardway.proxy.execution.ReadShards;
import io.shardway.proxy.execution.Serving;
import io.shardway.proxy.execution.SpreadRoute;
import io.shardway.proxy.query.AdminCaller;
import io.shardway.proxy.query.Explainer;
import io.shardway.proxy.query.Explanation;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.KeyResolver;
import io.shardway.router.plan.ParameterValues;
import io.shardway.router.plan.Pin;
import io.shardway.router.plan.Plan;
import io.shardway.router.plan.Planned;
import io.shardway.router.plan.RowKey;
import io.shardway.router.plan.Scatter;
import io.shardway.router.plan.Traits;
import io.shardway.router.plan.ValueRef;
import io.shardway.router.schema.ColumnSchema;
import io.shardway.router.sql.Lexer;
import io.shardway.router.sql.ScatterHint;
import io.shardway.router.topology.TableKind;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Tells what would be done with a statement. Thread-safe. */
final class PlanExplainer implements Explainer {

    private static final Set<String> SEVERAL = Set.of("scatter", "finish", "assemble");

    private final Plans plans;
    private final Supplier<Serving> serving;

    PlanExplainer(Plans plans, Supplier<Serving> serving) {
        this.plans = plans;
        this.serving = serving;
    }

    @Override
    public Explanation explain(String sql, AdminCaller caller) {
        byte[] text = sql.getBytes(UTF_8);
        var lexer = new Lexer();
        lexer.scan(text, 0, text.length, caller.dialect());
        Serving now = serving.get();
        Planned planned =
                plans.planOf(
                        lexer, 0, caller.dialect(), caller.keyspace().orElse(""), now.catalog());
        if (!planned.needs().metBy(caller.identity().rights())) {
            return rejected(ErrorCode.READ_RIGHT_MISSING.message(""));
        }
        Explanation own = explain(planned.plan(), lexer, now);
        boolean refused =
                SEVERAL.contains(own.way())
                        && own.shards().size() > 1
                        && !caller.scatters()
                        && !isOnlyExplained(planned.plan())
                        && !ScatterHint.isIn(text, caller.dialect());
        return refused ? rejected(ErrorCode.SCATTER_OFF.message(own.plan())) : own;
    }

    private static boolean isOnlyExplained(Plan plan) {
        return plan instanceof Plan.Explain explain && !explain.analyzes();
    }

    private static Explanation explain(Plan plan, Lexer lexer, Serving now) {
        ShardId defaultShard = now.topology().defaultShard();
        return switch (plan) {
            case Plan.Keyed keyed -> keyed(keyed, lexer, now);
            case Plan.KeyedInsert insert -> inserted(insert, lexer, now);
            case Plan.AnyShard any ->
                    relay(
                            List.of(defaultShard),
                            "reference tables: any shard, else the default shard",
                            any.traits());
            case Plan.Assemble assemble -> assembled(assemble, lexer, now);
            case Plan.OnDefaultShard on ->
                    relay(List.of(defaultShard), "default shard", on.traits());
            case Plan.Described described ->
                    relay(
                            List.of(defaultShard),
                            "information_schema, as far as the account may see",
                            described.traits());
            case Plan.Plain plain ->
                    relay(
                            List.of(defaultShard),
                            "plain keyspace " + plain.keyspace() + ", as written",
                            plain.traits());
            case Plan.Stored stored ->
                    relay(
                            List.of(defaultShard),
                            "stored in the plain keyspace "
                                    + stored.keyspace()
                                    + ", by the owner account",
                            stored.traits());
            case Plan.DefineKeyspace define ->
                    new Explanation(
                            "relay",
                            List.of(),
                            "define keyspace: " + define.definition(),
                            Optional.empty(),
                            Optional.empty());
            case Plan.WriteReference(var table, var traits) ->
                    relay(
                            shardsOf(now),
                            "reference table " + table + ": every copy, the default shard's first",
                            traits);
            case Plan.SpreadWrite write -> spread(write, lexer, now);
            case Plan.Explain explain -> explained(explain, lexer, now);
            case Plan.Load load ->
                    new Explanation(
                            "scatter",
                            now.topology().shards().keySet().stream().sorted().toList(),
                            "each record of the file goes to the owner of its "
                                    + load.file().keyColumn(),
                            Optional.empty(),
                            Optional.empty());
            case Plan.InsertSelect insert -> insertSelect(insert, lexer, now);
            case Plan.Change change -> changed(change, lexer, now);
            case Plan.Control control -> session(control.command().getClass().getSimpleName());
            case Plan.Admin _ -> session("SHARDWAY statement");
            case Plan.DefineTable define ->
                    new Explanation(
                            "relay",
                            List.of(),
                            "define table: " + define.definition(),
                            Optional.empty(),
                            Optional.empty());
            case Plan.Rejected(var code, var detail) -> rejected(code.message(detail));
        };
    }

    private static List<ShardId> shardsOf(Serving now) {
        ShardId first = now.topology().defaultShard();
        return Stream.concat(
                        Stream.of(first),
                        now.topology().shards().keySet().stream()
                                .filter(shard -> !shard.equals(first))
                                .sorted())
                .toList();
    }

    private static Explanation keyed(Plan.Keyed keyed, Lexer lexer, Serving now) {
        String plan =
                "pinned to one key by "
                        + places(keyed.pin())
                        + ", "
                        + keyed.access().name().toLowerCase(Locale.ROOT).replace('_', ' ');
        boolean hasParameters =
                keyed.pin().values().stream().anyMatch(ValueRef.Parameter.class::isInstance);
        if (hasParameters) {
            return relay(List.of(), plan, keyed.traits());
        }
        try {
            int bucket = KeyResolver.bucketOf(keyed.pin(), lexer, ParameterValues.NONE);
            ShardId shard =
                    bucket < 0
                            ? now.topology().defaultShard()
                            : now.topology().bucketMap().ownerOf(bucket);
            return relay(
                    List.of(shard),
                    plan + (bucket < 0 ? ", matches no row" : ", bucket " + bucket),
                    keyed.traits());
        } catch (ShardwayException refused) {
            return keyed.otherwise()
                    .map(assemble -> assembled(assemble, lexer, now))
                    .orElseGet(() -> rejected(String.valueOf(refused.getMessage())));
        }
    }

    private static Explanation inserted(Plan.KeyedInsert insert, Lexer lexer, Serving now) {
        try {
            RowKey key = KeyResolver.rowKey(insert.key(), lexer, ParameterValues.NONE, true);
            return switch (key) {
                case RowKey.Unknown _ ->
                        relay(List.of(), "pinned to the key it gives, or draws", insert.traits());
                case RowKey.Drawn _ ->
                        relay(List.of(), "draws its key: its owner, write", insert.traits());
                case RowKey.Given(int bucket, _) ->
                        relay(
                                List.of(now.topology().bucketMap().ownerOf(bucket)),
                                "pinned to the key it gives, write, bucket " + bucket,
                                insert.traits());
            };
        } catch (ShardwayException refused) {
            return rejected(String.valueOf(refused.getMessage()));
        }
    }

    private static Explanation assembled(Plan.Assemble assemble, Lexer lexer, Serving now) {
        List<ShardId> shards =
                ReadShards.of(
                        assemble,
                        assemble.whole(lexer.text(), lexer.dialect(), ParameterValues.NONE),
                        lexer.dialect(),
                        now.topology());
        if (assemble.scatter().isPresent()) {
            return new Explanation(
                    "scatter",
                    shards,
                    assemble.why() + "; " + described(assemble.scatter().get()) + locked(assemble),
                    Optional.empty(),
                    Optional.empty());
        }
        if (assemble.partials().isPresent()) {
            return new Explanation(
                    "finish",
                    shards,
                    assemble.why()
                            + "; each shard groups its rows, MySQL finishes the groups on the"
                            + " default shard",
                    Optional.empty(),
                    Optional.empty());
        }
        String tables =
                assemble.tables().stream()
                        .filter(table -> table.schema().kind() == TableKind.SHARDED)
                        .map(table ->
                                table.schema().name()
                                        + " ("
                                        + table.schema().columns().stream()
                                                .map(ColumnSchema::name)
                                                .filter(table::mayRead)
                                                .collect(Collectors.joining(", "))
                                        + ")")
                        .collect(Collectors.joining(", "));
        boolean first = assemble.isFinished();
        return new Explanation(
                first ? "finish" : "assemble",
                shards,
                assemble.why()
                        + (first ? "; brings the first rows of " : "; brings the rows of ")
                        + tables
                        + " to the default shard"
                        + locked(assemble),
                Optional.empty(),
                Optional.empty());
    }

    private static String locked(Plan.Assemble assemble) {
        return assemble.isLocking() ? "; rows are locked there, shard by shard" : "";
    }

    private static String described(Scatter scatter) {
        String order =
                scatter.order().stream()
                        .map(key -> key.column() + (key.descending() ? " DESC" : ""))
                        .collect(Collectors.joining(", "));
        if (!scatter.parts().isEmpty()) {
            return order.isEmpty()
                    ? "each shard's row is added to the others'"
                    : "each shard's groups are merged by " + order + " and added";
        }
        return order.isEmpty()
                ? "each shard's rows are passed on as they come"
                : "each shard's rows are merged by " + order;
    }

    private static Explanation insertSelect(Plan.InsertSelect insert, Lexer lexer, Serving now) {
        if (insert.together().isPresent()) {
            try {
                KeyResolver.bucketOf(insert.together().get().pin(), lexer, ParameterValues.NONE);
                return keyed(insert.together().get(), lexer, now);
            } catch (ShardwayException _) {
                // Of several keys.
            }
        }
        Explanation read = assembled(insert.read(), lexer, now);
        String owners =
                insert.target().key().isPresent()
                        ? "; each row is stored by its owner, on several shards under"
                                + " transaction_mode best_effort"
                        : "; the default shard stores the rows";
        return new Explanation(
                "assemble",
                read.shards(),
                read.plan() + owners,
                Optional.empty(),
                Optional.empty());
    }

    private static Explanation changed(Plan.Change change, Lexer lexer, Serving now) {
        if (change.together().isPresent()) {
            try {
                KeyResolver.bucketOf(change.together().get().pin(), lexer, ParameterValues.NONE);
                return keyed(change.together().get(), lexer, now);
            } catch (ShardwayException _) {
                // Of several keys.
            }
        }
        Explanation read = assembled(change.read(), lexer, now);
        return new Explanation(
                "assemble",
                read.shards(),
                read.plan()
                        + "; MySQL changes the rows there, their owners store them, on several shards"
                        + " under transaction_mode best_effort",
                Optional.empty(),
                Optional.empty());
    }

    private static Explanation spread(Plan.SpreadWrite write, Lexer lexer, Serving now) {
        try {
            List<ShardId> shards =
                    List.copyOf(
                            SpreadRoute.of(
                                            write.target(),
                                            lexer,
                                            ParameterValues.NONE,
                                            now.topology())
                                    .keySet());
            return shards.size() == 1
                    ? relay(shards, "all its rows are on one shard, write", write.traits())
                    : new Explanation(
                            "scatter",
                            shards,
                            write.why()
                                    + "; a write on each shard, under transaction_mode best_effort",
                            Optional.empty(),
                            Optional.empty());
        } catch (ShardwayException refused) {
            return rejected(String.valueOf(refused.getMessage()));
        }
    }

    /** The statement's own way, asked of its shards instead. */
    private static Explanation explained(Plan.Explain explain, Lexer lexer, Serving now) {
        Explanation own =
                switch (explain.explained()) {
                    case Plan.Assemble read -> assembled(read, lexer, now);
                    case Plan.SpreadWrite write -> spread(write, lexer, now);
                };
        return new Explanation(
                own.way(),
                own.shards(),
                "EXPLAIN of each shard's part: " + own.plan(),
                own.rejected(),
                own.pinned());
    }

    private static String places(Pin pin) {
        return String.join(
                " and ",
                pin.values().stream()
                        .map(value ->
                                switch (value) {
                                    case ValueRef.Literal(int index, boolean _) ->
                                            "literal " + (index + 1);
                                    case ValueRef.Parameter(int index) ->
                                            "parameter " + (index + 1);
                                })
                        .toList());
    }

    private static Explanation relay(List<ShardId> shards, String plan, Traits traits) {
        Optional<String> pinned =
                traits.pins() ? Optional.of("keeps state on its connection") : Optional.empty();
        return new Explanation("relay", shards, plan, Optional.empty(), pinned);
    }

    private static Explanation session(String what) {
        return new Explanation("session", List.of(), what, Optional.empty(), Optional.empty());
    }

    private static Explanation rejected(String message) {
        return new Explanation("reject", List.of(), "", Optional.of(message), Optional.empty());
    }
}
