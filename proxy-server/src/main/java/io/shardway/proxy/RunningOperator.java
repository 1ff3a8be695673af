package io.shardway.proxy;

import io.shardway.proxy.query.DefinitionControl;
import io.shardway.proxy.query.KeyspaceAdmin;
import io.shardway.proxy.query.ProxyOperator;
import io.shardway.proxy.query.ReferenceChecks;
import io.shardway.proxy.query.TableFacts;
import io.shardway.proxy.query.UnfinishedKeyspace;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.topology.DefinitionEntry;
import io.shardway.router.topology.Keyspace;
import io.shardway.router.topology.Node;
import io.shardway.router.topology.ProxyRegistry;
import io.shardway.router.topology.Shard;
import io.shardway.router.topology.Topology;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out what operators ask of the running proxy. Thread-safe; blocks. */
record RunningOperator(
        DefinitionControl definitionControl,
        KeyspaceAdmin keyspaces,
        ReferenceChecks references,
        ProxyRegistry registry,
        TopologyFollower follower,
        OwnerConnections owner)
        implements ProxyOperator {

    private static final Logger LOG = LoggerFactory.getLogger(RunningOperator.class);
    private static final int NO_SUCH_THREAD = 1094;
    private static final int GONE_ATTEMPTS_MAX = 100;
    private static final int GONE_PAUSE_MILLIS = 50;

    private static final String FACTS =
            """
            SELECT t.table_schema, t.table_name, s.index_name,
                   GROUP_CONCAT(s.column_name ORDER BY s.seq_in_index SEPARATOR '\\n') AS columns_,
                   (SELECT GROUP_CONCAT(DISTINCT r.referenced_table_name SEPARATOR '\\n')
                    FROM information_schema.referential_constraints r
                    WHERE r.constraint_schema = t.table_schema
                      AND r.table_name = t.table_name) AS references_
            FROM information_schema.tables t
            LEFT JOIN information_schema.statistics s
              ON s.table_schema = t.table_schema AND s.table_name = t.table_name
             AND s.non_unique = 0
            WHERE t.table_schema = ?
            GROUP BY t.table_schema, t.table_name, s.index_name
            ORDER BY t.table_name, s.index_name
            """;

    @Override
    public List<DefinitionEntry> definitions() {
        return definitionControl.definitions();
    }

    @Override
    public List<UnfinishedKeyspace> unfinishedKeyspaces() {
        return definitionControl.unfinishedKeyspaces();
    }

    @Override
    public String resume(long number) {
        return definitionControl.resume(number);
    }

    @Override
    public String abandon(long number) {
        return definitionControl.abandon(number);
    }

    @Override
    public List<TableFacts> describeTables() {
        Topology topology = follower.serving().topology();
        Node node = topology.shard(topology.defaultShard()).primary();
        var facts = new HashMap<String, TableFacts>();
        try (Connection connection = owner.open(node);
                var statement = connection.prepareStatement(FACTS)) {
            for (Keyspace keyspace : topology.keyspaces().values()) {
                if (keyspace.isSharded()) {
                    statement.setString(1, keyspace.name());
                    read(statement.executeQuery(), facts);
                }
            }
        } catch (SQLException away) {
            LOG.debug("event=tables-not-described reason={}", away.getMessage());
        }
        return List.copyOf(facts.values());
    }

    private static void read(ResultSet rows, Map<String, TableFacts> into) throws SQLException {
        try (rows) {
            while (rows.next()) {
                String keyspace = rows.getString(1);
                String table = rows.getString(2);
                String key = keyspace + "\n" + table;
                TableFacts before =
                        into.getOrDefault(
                                key, new TableFacts(keyspace, table, List.of(), lines(rows, 5)));
                var uniqueKeys = new ArrayList<>(before.uniqueKeys());
                if (rows.getString(3) != null) {
                    uniqueKeys.add(new TableFacts.UniqueKey(rows.getString(3), lines(rows, 4)));
                }
                into.put(key, new TableFacts(keyspace, table, uniqueKeys, before.references()));
            }
        }
    }

    private static List<String> lines(ResultSet row, int column) throws SQLException {
        String text = row.getString(column);
        return text == null ? List.of() : Arrays.asList(text.split("\n"));
    }

    /** Without its account no node lets it do anything any more, alive or not. */
    @Override
    public String forgetProxy(int number) {
        boolean alive =
                registry.proxies().stream()
                        .anyMatch(proxy -> proxy.number() == number && proxy.alive());
        if (alive) {
            throw new ShardwayException(
                    ErrorCode.PROXY_NAME_TAKEN, "proxy " + number + " is alive; stop it");
        }
        Topology topology = follower.serving().topology();
        for (Shard shard : topology.shards().values()) {
            lockOut(shard.primary(), AccountNames.serving(number));
        }
        Node home = topology.shard(topology.defaultShard()).primary();
        for (Keyspace keyspace : topology.keyspaces().values()) {
            if (!keyspace.isSharded()) {
                lockOut(home, AccountNames.plain(number, keyspace.name()));
            }
        }
        registry.forget(number);
        return "proxy " + number + " is forgotten";
    }

    private void lockOut(Node node, String account) {
        try (Connection connection = owner.open(node);
                Statement statement = connection.createStatement()) {
            requireRights(statement, node);
            statement.execute("DROP USER IF EXISTS '" + account + "'@'%'");
            for (int i = 0; i < GONE_ATTEMPTS_MAX; i++) {
                List<Long> threads = threads(statement, account);
                if (threads.isEmpty()) {
                    return;
                }
                for (long thread : threads) {
                    kill(statement, thread);
                }
                Thread.sleep(GONE_PAUSE_MILLIS);
            }
            throw new ShardwayException(
                    ErrorCode.BACKEND_UNAVAILABLE,
                    "threads of " + account + " do not end on node " + node.name());
        } catch (SQLException away) {
            throw new ShardwayException(
                    ErrorCode.BACKEND_UNAVAILABLE,
                    "node %s: %s".formatted(node.name(), away.getMessage()),
                    away);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new ShardwayException(ErrorCode.SHUTTING_DOWN, "", interrupted);
        }
    }

    /** Without them it would see no threads but its own, and so none that it has to end. */
    private static void requireRights(Statement statement, Node node) throws SQLException {
        var grants = new StringBuilder();
        try (ResultSet rows = statement.executeQuery("SHOW GRANTS")) {
            while (rows.next()) {
                grants.append(rows.getString(1)).append('\n');
            }
        }
        String all = grants.toString();
        boolean may =
                all.contains("GRANT ALL PRIVILEGES ON *.*")
                        || (all.contains("PROCESS")
                                && (all.contains("CONNECTION_ADMIN") || all.contains("SUPER")));
        if (!may) {
            throw new ShardwayException(
                    ErrorCode.BACKEND_UNAVAILABLE,
                    "the owner account needs PROCESS and CONNECTION_ADMIN on node " + node.name());
        }
    }

    private static List<Long> threads(Statement statement, String account) throws SQLException {
        var ids = new ArrayList<Long>();
        try (ResultSet rows =
                statement.executeQuery(
                        "SELECT id FROM information_schema.processlist WHERE user = '"
                                + account
                                + "'")) {
            while (rows.next()) {
                ids.add(rows.getLong(1));
            }
        }
        return ids;
    }

    private static void kill(Statement statement, long thread) throws SQLException {
        try {
            statement.execute("KILL " + thread);
        } catch (SQLException gone) {
            if (gone.getErrorCode() != NO_SUCH_THREAD) {
                throw gone;
            }
        }
    }
}
