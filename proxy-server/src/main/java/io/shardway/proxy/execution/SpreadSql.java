package io.shardway.proxy.execution;

/** What a write on several shards says to its nodes in its own name. Stateless. */
final class SpreadSql {

    /** A name that no client gives its own; set again, it takes the place of the one before. */
    static final String MARK = "SAVEPOINT `shardway statement`";

    static final String BACK_TO_MARK = "ROLLBACK TO SAVEPOINT `shardway statement`";

    /** Not ROLLBACK alone, which completion_type may change. */
    static final String ROLLBACK = ReferenceSql.ROLLBACK;

    /** With a LIMIT of its own: the client may have set sql_select_limit. */
    static final String READ_TIME =
            "SELECT TIMESTAMPDIFF(MICROSECOND, 19700101, UTC_TIMESTAMP(6)) LIMIT 1";

    static final String OWN_TIME = ReferenceSql.OWN_TIME;

    private SpreadSql() {}

    static String time(long micros) {
        return ReferenceSql.time(micros);
    }
}
