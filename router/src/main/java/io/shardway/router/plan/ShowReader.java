package io.shardway.router.plan;

import java.util.Optional;
import java.util.Set;

/**
 * Tells which keyspaces a SHOW statement looks into: MySQL would show them all to a proxy's serving
 * account. What is not known here needs the right to read everywhere. Confined to one call of the
 * planner.
 */
final class ShowReader {

    /** Tell nothing of keyspaces, or need rights that serving accounts do not have. */
    private static final Set<String> COMMON =
            Set.of(
                    "variables",
                    "status",
                    "engines",
                    "engine",
                    "storage",
                    "character",
                    "charset",
                    "collation",
                    "plugins",
                    "privileges",
                    "profile",
                    "profiles",
                    "errors",
                    "warnings",
                    "count",
                    "master",
                    "binary",
                    "binlog",
                    "relaylog",
                    "replica",
                    "replicas",
                    "slave");

    private final TokenReader reader;
    private final TableResolver tables;

    /**
     * @param reader of the whole statement
     */
    ShowReader(TokenReader reader, TableResolver tables) {
        this.reader = reader;
        this.tables = tables;
    }

    void read() {
        reader.take("show");
        while (reader.takeAny("extended", "full", "global", "session", "local")) {
            // They say how much is shown, not of what.
        }
        if (reader.takeAny("tables", "triggers", "events")
                || reader.take("table", "status")
                || reader.take("open", "tables")) {
            listed(reader.takeAny("from", "in") ? reader.takeName() : Optional.empty());
        } else if (reader.takeAny("columns", "fields", "index", "indexes", "keys")) {
            ofTable();
        } else if (reader.take("create")) {
            created();
        } else if (reader.peek()
                .map(next -> COMMON.stream().noneMatch(next::isWord))
                .orElse(false)) {
            tables.needs().readsEverywhere();
        }
    }

    private void listed(Optional<String> keyspace) {
        String name = keyspace.orElse(tables.currentKeyspace());
        boolean open = name.isEmpty() || name.equalsIgnoreCase("information_schema");
        if (!open) {
            tables.needs().reads(name);
        }
    }

    private void ofTable() {
        if (reader.takeAny("from", "in")) {
            qualified();
            if (reader.takeAny("from", "in")) {
                listed(reader.takeName());
            }
        } else {
            tables.needs().readsEverywhere();
        }
    }

    private void created() {
        if (reader.takeAny("database", "schema")) {
            reader.take("if", "not", "exists");
            listed(reader.takeName());
        } else if (reader.takeAny("table", "view", "trigger", "procedure", "function", "event")) {
            qualified();
        } else {
            tables.needs().readsEverywhere();
        }
    }

    private void qualified() {
        Optional<String> first = reader.takeName();
        boolean point = first.isPresent() && reader.takeOperator(".");
        listed(point ? first : Optional.empty());
        if (point) {
            reader.takeName();
        }
    }
}
