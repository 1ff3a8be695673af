package io.shardway.proxy.execution;

/**
 * What every backend connection tracks of its session (MySQL manual, "Server Tracking of Client
 * Session State").
 */
public final class Tracking {

    /** Every variable, the schema, and that something else changed. */
    public static final String SET =
            "SET @@SESSION.session_track_system_variables = '*', "
                    + "@@SESSION.session_track_schema = ON, @@SESSION.session_track_state_change = ON, "
                    + "@@SESSION.session_track_gtids = OFF, @@SESSION.session_track_transaction_info = OFF";

    private Tracking() {}
}
