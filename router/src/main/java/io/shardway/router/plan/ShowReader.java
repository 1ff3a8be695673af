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

    /** Read from the data dictionary, which begins a transaction where autocommit is off. */
    private static final Set<String> OF_DICTIONARY =
            Set.of(
                    "tables",
                    "table",
                    "triggers",
                    "events",
                    "procedure",
                    "function",
                    "columns",
                    "fields",
                    "index",
                    "indexes",
                    "keys",
                    "databases",
                    "schemas",
                    "charset",
                    "character",
                    "collation");

    private final TokenReader reader;
    private final TableResolver tables;

    /**
     * @param reader of the whole statement
     */
    ShowReader(TokenReader reader, TableResolver tables) {
        this.reader = reader;
        this.tables = tables;
    }

    /**
     * Whether MySQL reads tables for it; the reader stands before SHOW. SHOW CREATE and what tells
     * of the server read none.
     */
    static boolean readsTables(TokenReader statement) {
        takeHead(statement);
        return statement
                .peek()
                .map(next -> OF_DICTIONARY.stream().anyMatch(next::isWord))
                .orElse(false);
    }

    private static void takeHead(TokenReader statement) {
        statement.take("show");
        while (statement.takeAny("extended", "full", "global", "session", "local")) {
            // They say how much is shown, not of what.
        }
    }

    /** Returns the keyspace it looks into, if that is one, named or current. */
    Optional<String> read() {
        takeHead(reader);
        if (reader.takeAny("tables", "triggers", "events") || reader.take("table", "status")) {
            return listed(reader.takeAny("from", "in") ? reader.takeName() : Optional.empty());
        }
        if (reader.take("open", "tables")) {
            return openTables();
        }
        if (reader.takeAny("columns", "fields", "index", "indexes", "keys")) {
            return ofTable();
        }
        if (reader.take("create")) {
            return created();
        }
        if (reader.takeAny("profile", "profiles")) {
            throw PlanRejection.notOffered(
                    "SHOW PROFILE tells what a node's connection did, which serves many sessions");
        }
        boolean translated =
                reader.sees("procedure", "status")
                        || reader.sees("function", "status")
                        || reader.sees("databases")
                        || reader.sees("schemas");
        boolean common =
                reader.peek().map(next -> COMMON.stream().anyMatch(next::isWord)).orElse(true);
        if (!translated && !common) {
            tables.needs().readsEverywhere();
        }
        return Optional.empty();
    }

    private Optional<String> listed(Optional<String> keyspace) {
        String name = keyspace.orElse(tables.currentKeyspace());
        boolean open = name.isEmpty() || InformationSchema.isNamed(name);
        if (!open) {
            tables.needs().reads(name);
        }
        return Optional.of(name).filter(each -> !each.isEmpty());
    }

    /** Without a schema those of all. */
    private Optional<String> openTables() {
        if (reader.takeAny("from", "in")) {
            return listed(reader.takeName());
        }
        tables.needs().readsEverywhere();
        return Optional.empty();
    }

    private Optional<String> ofTable() {
        if (!reader.takeAny("from", "in")) {
            tables.needs().readsEverywhere();
            return Optional.empty();
        }
        Optional<String> keyspace = qualified();
        return reader.takeAny("from", "in") ? listed(reader.takeName()) : keyspace;
    }

    private Optional<String> created() {
        if (reader.takeAny("database", "schema")) {
            reader.take("if", "not", "exists");
            return listed(reader.takeName());
        }
        if (reader.takeAny("table", "view", "trigger", "procedure", "function", "event")) {
            return qualified();
        }
        tables.needs().readsEverywhere();
        return Optional.empty();
    }

    private Optional<String> qualified() {
        Optional<String> first = reader.takeName();
        boolean point = first.isPresent() && reader.takeOperator(".");
        if (point) {
            reader.takeName();
        }
        return listed(point ? first : Optional.empty());
    }
}
