package io.shardway.router.plan;

/** What GET DIAGNOSTICS can ask for of a session's last statement. */
public enum DiagnosticsField {
    NUMBER,
    ROW_COUNT,
    MESSAGE_TEXT,
    MYSQL_ERRNO,
    RETURNED_SQLSTATE
}
