package io.shardway.cli.init;

import java.util.ArrayList;
import java.util.List;

/**
 * What a MySQL server says of itself. Immutable.
 *
 * @param grants as SHOW GRANTS lists them for the owner account
 * @param tables how many tables the keyspace's schema holds
 */
record NodeFacts(
        String version,
        String serverUuid,
        String gtidMode,
        boolean binlogOn,
        String binlogFormat,
        boolean readOnly,
        int lowerCaseTableNames,
        List<String> grants,
        int tables) {

    NodeFacts {
        grants = List.copyOf(grants);
    }

    /** What keeps Shardway from using the server; each with its remedy. */
    List<String> problems(boolean primary) {
        var problems = new ArrayList<String>();
        if (!version.startsWith("8.")) {
            problems.add("is version " + version + "; Shardway needs MySQL 8.0 or later 8.x");
        }
        if (version.contains("MariaDB")) {
            problems.add("is MariaDB; Shardway needs MySQL");
        }
        if (!gtidMode.equals("ON")) {
            problems.add("has gtid_mode=" + gtidMode + "; set gtid_mode=ON in its my.cnf");
        }
        if (!binlogOn) {
            problems.add("writes no binlog; remove skip-log-bin from its my.cnf");
        }
        if (!binlogFormat.equals("ROW")) {
            problems.add("has binlog_format=" + binlogFormat + "; set binlog_format=ROW");
        }
        if (lowerCaseTableNames != 0) {
            problems.add("has lower_case_table_names=" + lowerCaseTableNames + "; it must be 0");
        }
        if (primary && readOnly) {
            problems.add(
                    "is a primary, but read_only is ON; SET GLOBAL super_read_only=OFF,"
                            + " read_only=OFF, or name the real primary first");
        }
        if (!mayMakeAccounts()) {
            problems.add(
                    "gives the owner account too few rights; see 'Your own servers' in"
                            + " README.md for the GRANT");
        }
        return problems;
    }

    /** What the user should know before going on. */
    List<String> warnings(boolean primary, String keyspace) {
        var warnings = new ArrayList<String>();
        if (primary && tables > 0) {
            warnings.add(
                    "already holds %d tables in %s; Shardway serves only tables made through it"
                            .formatted(tables, keyspace));
        }
        if (!primary && !readOnly) {
            warnings.add("is a replica, but read_only is OFF; somebody could write on it");
        }
        return warnings;
    }

    private boolean mayMakeAccounts() {
        boolean create =
                grants.stream()
                        .anyMatch(each ->
                                each.contains("CREATE USER")
                                        || each.startsWith("GRANT ALL PRIVILEGES ON *.*"));
        return create && grants.stream().anyMatch(each -> each.contains("WITH GRANT OPTION"));
    }
}
