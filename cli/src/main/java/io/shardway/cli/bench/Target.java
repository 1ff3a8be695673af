package io.shardway.cli.bench;

import java.util.List;

/**
 * A place the load is sent to. Immutable.
 *
 * @param name as in the report
 * @param processes whose CPU time is counted, the hop itself (if any) first
 */
record Target(String name, String host, int port, Account account, List<WatchedProcess> processes) {

    static final String DIRECT = "direct";
    static final String HAPROXY = "haproxy";
    static final String SHARDWAY = "shardway";

    /** Who logs in. */
    record Account(String user, String password) {}

    /** A process between the load and the rows, or the one that holds them. */
    record WatchedProcess(String name, long pid) {}

    Target {
        processes = List.copyOf(processes);
    }

    String jdbcUrl(String keyspace) {
        return "jdbc:mysql://" + host + ":" + port + "/" + keyspace;
    }
}
