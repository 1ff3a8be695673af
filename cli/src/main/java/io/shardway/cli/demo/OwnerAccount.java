package io.shardway.cli.demo;

import io.shardway.cluster.MySqlNode;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.List;

/** The MySQL account that makes serving accounts, in the demo. Immutable; never prints itself. */
public final class OwnerAccount {

    public static final String USER = "shardway";

    /** The same as under "Your own servers" in README.md. */
    static final List<String> GRANTS =
            List.of(
                    "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, REFERENCES, INDEX, ALTER,"
                            + " CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, CREATE VIEW, SHOW VIEW,"
                            + " CREATE ROUTINE, ALTER ROUTINE, TRIGGER, PROCESS, CREATE USER, RELOAD"
                            + " ON *.* TO '%s'@'%%' WITH GRANT OPTION",
                    "GRANT CONNECTION_ADMIN, XA_RECOVER_ADMIN ON *.* TO '%s'@'%%' WITH GRANT OPTION");

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
        for (String grant : GRANTS) {
            primary.execute(grant.formatted(USER));
        }
    }
}
