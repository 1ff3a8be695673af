package io.shardway.cli.demo;

import io.shardway.cluster.MySqlNode;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.List;

/** The MySQL account that makes serving accounts, in the demo. Immutable; never prints itself. */
public final class OwnerAccount {

    public static final String USER = "shardway";

    /**
     * What a proxy grants to its serving account, as MySQL lets nobody grant what he lacks; and
     * TRIGGER, without which nobody sees that a table has one.
     */
    private static final String GRANTED =
            "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES, CREATE VIEW,"
                    + " SHOW VIEW, EXECUTE, LOCK TABLES, CREATE TEMPORARY TABLES, TRIGGER";

    private static final String EVERYWHERE =
            GRANTED + ", CREATE ROUTINE, ALTER ROUTINE, EVENT, CREATE USER";

    private final String password;

    private OwnerAccount(String password) {
        this.password = password;
    }

    public static OwnerAccount random() {
        var bytes = new byte[24];
        new SecureRandom().nextBytes(bytes);
        return new OwnerAccount(HexFormat.of().formatHex(bytes));
    }

    public String password() {
        return password;
    }

    /** Replicas get it from their primary. */
    public void createOn(MySqlNode primary) throws SQLException {
        primary.execute(
                "CREATE USER IF NOT EXISTS '%s'@'%%'".formatted(USER),
                "ALTER USER '%s'@'%%' IDENTIFIED BY '%s'".formatted(USER, password));
        for (String grant : leastGrants(USER, DemoTopology.KEYSPACE)) {
            primary.execute(grant);
        }
        for (String grant : keyspaceGrants(USER)) {
            primary.execute(grant);
        }
    }

    /** What making and dropping keyspaces needs besides, as in README.md. */
    public static List<String> keyspaceGrants(String user) {
        return List.of(
                "GRANT %s ON *.* TO '%s'@'%%' WITH GRANT OPTION".formatted(EVERYWHERE, user),
                "GRANT SET_USER_ID, SHOW_ROUTINE ON *.* TO '%s'@'%%'".formatted(user));
    }

    /** The same as under "Your own servers" in README.md. */
    public static List<String> leastGrants(String user, String keyspace) {
        String schema = keyspace.replace("_", "\\_");
        return List.of(
                "GRANT CREATE USER, PROCESS, CONNECTION_ADMIN ON *.* TO '%s'@'%%'".formatted(user),
                "GRANT %s ON `%s`.* TO '%s'@'%%' WITH GRANT OPTION"
                        .formatted(GRANTED, schema, user),
                "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE ON `shardway`.* TO '%s'@'%%'"
                                .formatted(user)
                        + " WITH GRANT OPTION");
    }
}
