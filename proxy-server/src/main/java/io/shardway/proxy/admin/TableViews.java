package io.shardway.proxy.admin;

import io.shardway.proxy.query.AdminAnswer;
import io.shardway.proxy.query.ProxyStatus;
import io.shardway.proxy.query.TableFacts;
import io.shardway.proxy.query.UnfinishedKeyspace;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.topology.AccountRight;
import io.shardway.router.topology.DefinitionEntry;
import io.shardway.router.topology.DefinitionStep;
import io.shardway.router.topology.Keyspace;
import io.shardway.router.topology.KeyspaceChange;
import io.shardway.router.topology.OpenDefinition;
import io.shardway.router.topology.Rights;
import io.shardway.router.topology.TableEntry;
import io.shardway.router.topology.TableKind;
import io.shardway.router.topology.Topology;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Tables and their definitions, as tables. Stateless. */
final class TableViews {

    private TableViews() {}

    /**
     * One row for each table of a sharded keyspace, and one for each plain keyspace, as far as
     * somebody with these rights sees them.
     *
     * @param only this keyspace; empty for all
     */
    static AdminAnswer.Table tables(
            ProxyStatus status, Optional<String> only, Rights rights, List<TableFacts> facts) {
        Topology topology = status.topology();
        List<Keyspace> seen =
                new TreeMap<>(topology.keyspaces())
                        .values().stream()
                                .filter(each -> rights.allow(each.name(), AccountRight.READ))
                                .filter(each -> only.isEmpty() || only.get().equals(each.name()))
                                .toList();
        if (only.isPresent() && seen.isEmpty()) {
            throw new ShardwayException(
                    ErrorCode.UNKNOWN_KEYSPACE, "Unknown database '" + only.get() + "'");
        }
        Map<String, TableFacts> byName =
                facts.stream()
                        .collect(
                                Collectors.toMap(
                                        fact -> fact.keyspace() + "\n" + fact.table(),
                                        Function.identity(),
                                        (first, _) -> first));
        var rows = new ArrayList<List<@Nullable String>>();
        for (Keyspace keyspace : seen) {
            if (!keyspace.isSharded()) {
                rows.add(
                        Arrays.asList(
                                keyspace.name(),
                                null,
                                "plain",
                                null,
                                topology.defaultShard().name(),
                                null,
                                null,
                                null,
                                null));
            }
            for (TableEntry table : new TreeMap<>(keyspace.tables()).values()) {
                Optional<TableFacts> fact =
                        Optional.ofNullable(byName.get(keyspace.name() + "\n" + table.name()));
                rows.add(row(status, keyspace, table, fact));
            }
        }
        return new AdminAnswer.Table(
                List.of(
                        "keyspace",
                        "table",
                        "kind",
                        "shard_key",
                        "shards",
                        "unique_in_shard_only",
                        "references",
                        "definition",
                        "unusable"),
                rows);
    }

    private static List<@Nullable String> row(
            ProxyStatus status, Keyspace keyspace, TableEntry table, Optional<TableFacts> fact) {
        List<String> references =
                table.isView()
                        ? table.viewOf()
                        : fact.map(TableFacts::references).orElse(List.of());
        return Arrays.asList(
                keyspace.name(),
                table.name(),
                lower(table.kind()) + (table.isView() ? " view" : ""),
                table.shardKey().orElse(null),
                shardsOf(table, status.topology()),
                orNull(fact.map(known -> localKeys(known, table)).orElse("")),
                orNull(String.join(", ", references)),
                keyspace.definition()
                        .filter(open -> open.tables().contains(table.name()))
                        .map(TableViews::describe)
                        .orElse(null),
                status.whyUnusable(keyspace.name(), table.name()).orElse(null));
    }

    /** Unique keys without the shard key: MySQL keeps them within each shard only. */
    private static String localKeys(TableFacts fact, TableEntry table) {
        if (table.kind() != TableKind.SHARDED) {
            return "";
        }
        String key = table.shardKey().orElseThrow();
        return fact.uniqueKeys().stream()
                .filter(unique -> unique.columns().stream().noneMatch(key::equalsIgnoreCase))
                .map(unique ->
                        "%s (%s)".formatted(unique.name(), String.join(", ", unique.columns())))
                .collect(Collectors.joining(", "));
    }

    private static String describe(OpenDefinition open) {
        return switch (open.use()) {
            case NAMED_COLUMNS, NOTHING_YET -> "DDL " + open.number() + " runs";
            case NOTHING -> "DDL " + open.number() + " is half done";
        };
    }

    private static String shardsOf(TableEntry table, Topology topology) {
        return switch (table.kind()) {
            case SHARDED -> "by bucket";
            case REFERENCE -> "all";
            case SINGLE -> topology.defaultShard().name();
        };
    }

    /** One row for each keyspace that is not finished, and each entry of the journal. */
    static AdminAnswer.Table definitions(
            List<UnfinishedKeyspace> keyspaces, List<DefinitionEntry> entries) {
        return new AdminAnswer.Table(
                List.of(
                        "ddl",
                        "keyspace",
                        "state",
                        "statement",
                        "shards",
                        "problem",
                        "undo",
                        "proxy",
                        "account",
                        "begun_at",
                        "changed_at"),
                Stream.concat(
                                keyspaces.stream().flatMap(TableViews::unfinished),
                                entries.stream().map(TableViews::definition))
                        .toList());
    }

    /** Without a number: it is carried on by its statement. */
    private static Stream<List<@Nullable String>> unfinished(UnfinishedKeyspace unfinished) {
        Keyspace keyspace = unfinished.keyspace();
        return keyspace.change().stream()
                .map(change ->
                        Arrays.asList(
                                null,
                                keyspace.name(),
                                unfinished.running() ? "running" : "half done",
                                change.statement(),
                                null,
                                unfinished.running() ? null : problem(change),
                                unfinished.running() ? null : undo(keyspace),
                                change.proxy(),
                                null,
                                change.begunAt().toString(),
                                null));
    }

    private static String problem(KeyspaceChange change) {
        String why =
                change.problem().isEmpty()
                        ? "proxy " + change.proxy() + " went away, or lost ZooKeeper"
                        : change.problem();
        return why + "; send the statement again: it goes on";
    }

    private static String undo(Keyspace keyspace) {
        return switch (keyspace.state()) {
            case MAKING -> "DROP DATABASE";
            case SERVED, DROPPING -> "no: send the statement again";
        };
    }

    private static List<@Nullable String> definition(DefinitionEntry entry) {
        boolean open = entry.isOpen();
        String undo =
                entry.change().undo().isEmpty()
                        ? "no: " + entry.change().noUndo()
                        : String.join("; ", entry.change().undo());
        return Arrays.asList(
                Long.toString(entry.number()),
                entry.statement().keyspace(),
                lower(entry.progress().state()).replace('_', ' '),
                entry.statement().text(),
                entry.steps().stream().map(TableViews::step).collect(Collectors.joining(", ")),
                orNull(entry.progress().problem()),
                open ? undo : null,
                entry.progress().proxy(),
                entry.statement().account(),
                entry.progress().begunAt().toString(),
                entry.progress().changedAt().toString());
    }

    private static String step(DefinitionStep step) {
        return step.shard() + " " + lower(step.state());
    }

    private static @Nullable String orNull(String text) {
        return text.isEmpty() ? null : text;
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
