package io.shardway.proxy;

import io.shardway.router.topology.Keyspace;
import io.shardway.router.topology.Node;
import io.shardway.router.topology.Topology;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * The MySQL account this proxy serves through on every node, so that it can be fenced there by
 * locking it. Made by the owner account on the primaries, replicated from there. Immutable; methods
 * block.
 */
final class ServingAccount {

    private static final int PASSWORD_BYTES = 24;
    private static final int ACCOUNT_LOCKED = 3118;

    /** What clients' statements in a keyspace need. */
    private static final String RIGHTS =
            "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES, "
                    + "SHOW VIEW, EXECUTE, LOCK TABLES, CREATE TEMPORARY TABLES";

    private final String name;
    private final byte[] password;

    private ServingAccount(String name, byte[] password) {
        this.name = name;
        this.password = password;
    }

    /** With a new random password. */
    static ServingAccount of(int proxyNumber) {
        byte[] random = new byte[PASSWORD_BYTES];
        new SecureRandom().nextBytes(random);
        String text = HexFormat.of().formatHex(random);
        return new ServingAccount(
                nameOf(proxyNumber), text.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }

    static String nameOf(int proxyNumber) {
        return "shardway_p" + proxyNumber;
    }

    String name() {
        return name;
    }

    byte[] password() {
        return password.clone();
    }

    /**
     * Makes the account, or gives an existing one the new password and ends what an earlier process
     * does through it, on a primary. A lock on it stays.
     *
     * @param first false if only rights in new keyspaces may be missing
     */
    void make(Node node, Topology topology, OwnerConnections owner, boolean first)
            throws SQLException {
        try (Connection connection = owner.open(node);
                Statement statement = connection.createStatement()) {
            for (String sql : statements(topology.keyspaces().values().stream().toList(), first)) {
                statement.execute(sql);
            }
        }
        if (first) {
            endEarlierThreads(node, owner);
        }
    }

    /** With the account locked the proxy is fenced, and who locked it sees to its threads. */
    private void endEarlierThreads(Node node, OwnerConnections owner) throws SQLException {
        try (Connection own = owner.openAs(node, name, password)) {
            EarlierThreads.end(node, own, owner.deadline());
        } catch (SQLException refused) {
            if (refused.getErrorCode() != ACCOUNT_LOCKED) {
                throw refused;
            }
        }
    }

    private List<String> statements(List<Keyspace> keyspaces, boolean first) {
        String account = "'" + name + "'@'%'";
        String identified =
                " IDENTIFIED WITH caching_sha2_password BY '"
                        + new String(password, java.nio.charset.StandardCharsets.US_ASCII)
                        + "'";
        var sql = new ArrayList<String>();
        if (first) {
            sql.add("CREATE USER IF NOT EXISTS " + account + identified);
            sql.add("ALTER USER " + account + identified);
        }
        for (Keyspace keyspace : keyspaces) {
            String schema =
                    keyspace.name().replace("`", "``").replace("_", "\\_").replace("%", "\\%");
            sql.add("GRANT " + RIGHTS + " ON `" + schema + "`.* TO " + account);
        }
        return sql;
    }
}
