package io.shardway.proxy;

import io.shardway.proxy.auth.BackendCredentials;
import io.shardway.proxy.reference.CopyTable;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.topology.Keyspace;
import io.shardway.router.topology.Node;
import io.shardway.router.topology.Topology;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The MySQL account this proxy serves through on every node, so that it can be fenced there by
 * locking it, and one more for each plain keyspace, which reaches nothing else. Made by the owner
 * account on the primaries, replicated from there. Immutable; methods block.
 */
final class ServingAccount {

    private static final int PASSWORD_BYTES = 24;
    private static final int ACCOUNT_LOCKED = 3118;

    /** What clients' statements in a sharded keyspace need. */
    private static final String RIGHTS =
            "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES, "
                    + "SHOW VIEW, EXECUTE, LOCK TABLES, CREATE TEMPORARY TABLES";

    /** TRIGGER and EVENT let them be listed; the owner account makes them, and views. */
    private static final String PLAIN_RIGHTS = RIGHTS + ", TRIGGER, EVENT";

    /**
     * What is missing of all rights to a table: who has them is told which foreign key fails (1451,
     * 1452), anybody else is not (1217, 1216). In sharded keyspaces no statement that needs them is
     * sent under the account; in plain ones SQL's PREPARE would let a client make a view with it.
     * An owner that has not got them itself need not give them.
     */
    private static final String NAMING_RIGHTS = "CREATE VIEW, TRIGGER";

    /** Access denied to a schema. */
    private static final int DENIED = 1044;

    /** Plain keyspaces are listed for everybody; rows are read by their own account only. */
    private static final String LISTING_RIGHT =
            "REFERENCES, SHOW VIEW, TRIGGER, EVENT, CREATE ROUTINE";

    private final int proxyNumber;
    private final byte[] password;

    private ServingAccount(int proxyNumber, byte[] password) {
        this.proxyNumber = proxyNumber;
        this.password = password;
    }

    /** With a new random password. */
    static ServingAccount of(int proxyNumber) {
        byte[] random = new byte[PASSWORD_BYTES];
        new SecureRandom().nextBytes(random);
        String text = HexFormat.of().formatHex(random);
        return new ServingAccount(proxyNumber, text.getBytes(StandardCharsets.US_ASCII));
    }

    String name() {
        return AccountNames.serving(proxyNumber);
    }

    BackendCredentials credentialsOf(String plainKeyspace) {
        return new BackendCredentials(
                AccountNames.plain(proxyNumber, plainKeyspace), password.clone(), "");
    }

    BackendCredentials credentials() {
        return new BackendCredentials(name(), password.clone(), "");
    }

    /** What a node must hold for a topology. Immutable. */
    sealed interface Part {
        /** The account itself. */
        record Itself() implements Part {}

        /** Its rights in a sharded keyspace. */
        record Sharded(String keyspace) implements Part {}

        /** The account of a plain keyspace. */
        record Plain(String keyspace) implements Part {}
    }

    /** What the primary of a shard must hold. */
    static Set<Part> partsOf(Topology topology, ShardId shard) {
        var parts = new LinkedHashSet<Part>();
        parts.add(new Part.Itself());
        for (Keyspace keyspace : topology.keyspaces().values()) {
            if (keyspace.isServed() && keyspace.isSharded()) {
                parts.add(new Part.Sharded(keyspace.name()));
            } else if (keyspace.isServed() && shard.equals(topology.defaultShard())) {
                parts.add(new Part.Plain(keyspace.name()));
            }
        }
        return parts;
    }

    /**
     * Makes accounts, or gives existing ones the new password, on a primary. A lock on them stays.
     *
     * @param fresh those this process makes there for the first time: what an earlier process still
     *     does through them is ended
     */
    void make(Node node, Collection<Part> parts, Collection<Part> fresh, OwnerConnections owner)
            throws SQLException {
        try (Connection connection = owner.open(node);
                Statement statement = connection.createStatement()) {
            for (Part part : parts) {
                for (String sql : statements(part)) {
                    statement.execute(sql);
                }
                giveNames(statement, part);
            }
        }
        for (Part part : fresh) {
            switch (part) {
                case Part.Itself _ -> endEarlierThreads(node, name(), owner);
                case Part.Plain(String keyspace) ->
                        endEarlierThreads(node, AccountNames.plain(proxyNumber, keyspace), owner);
                case Part.Sharded _ -> {}
            }
        }
    }

    private void giveNames(Statement statement, Part part) throws SQLException {
        if (!(part instanceof Part.Sharded(String keyspace))) {
            return;
        }
        String given = grant(NAMING_RIGHTS, keyspace, AccountNames.quoted(name()));
        try {
            statement.execute(given);
        } catch (SQLException refused) {
            if (refused.getErrorCode() != DENIED) {
                throw refused;
            }
        }
    }

    /** With the account locked the proxy is fenced, and who locked it sees to its threads. */
    private void endEarlierThreads(Node node, String account, OwnerConnections owner)
            throws SQLException {
        try (Connection own = owner.openAs(node, account, password)) {
            EarlierThreads.end(node, own, owner.deadline());
        } catch (SQLException refused) {
            if (refused.getErrorCode() != ACCOUNT_LOCKED) {
                throw refused;
            }
        }
    }

    private List<String> statements(Part part) {
        String account = AccountNames.quoted(name());
        return switch (part) {
            case Part.Itself _ -> {
                var sql = new ArrayList<>(identified(account));
                sql.addAll(CopyTable.DEFINITION);
                sql.add(CopyTable.GRANT + account);
                yield sql;
            }
            case Part.Sharded(String keyspace) -> List.of(grant(RIGHTS, keyspace, account));
            case Part.Plain(String keyspace) -> {
                String own = AccountNames.quoted(AccountNames.plain(proxyNumber, keyspace));
                var sql = new ArrayList<>(identified(own));
                sql.add(grant(PLAIN_RIGHTS, keyspace, own));
                sql.add(grant(LISTING_RIGHT, keyspace, account));
                yield sql;
            }
        };
    }

    private List<String> identified(String account) {
        String identified =
                " IDENTIFIED WITH caching_sha2_password BY '"
                        + new String(password, StandardCharsets.US_ASCII)
                        + "'";
        return List.of(
                "CREATE USER IF NOT EXISTS " + account + identified,
                "ALTER USER " + account + identified);
    }

    private static String grant(String rights, String keyspace, String account) {
        return "GRANT %s ON %s TO %s"
                .formatted(rights, AccountNames.schemaPattern(keyspace), account);
    }
}
