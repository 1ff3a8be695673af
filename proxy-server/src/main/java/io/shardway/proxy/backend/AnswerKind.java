package io.shardway.proxy.backend;

/** Which shape the answer to a command has; decides where it ends. */
public enum AnswerKind {
    /** COM_QUERY and COM_STMT_EXECUTE: OK, an error, or results. */
    RESULTS,
    /** COM_STMT_FETCH: rows to a final OK. */
    ROWS,
    /** COM_STMT_PREPARE: a header that counts the definitions that follow. */
    PREPARED,
    /** COM_FIELD_LIST: definitions to a final OK. */
    DEFINITIONS,
    /** COM_INIT_DB, COM_PING, COM_RESET_CONNECTION and others: OK or an error. */
    SINGLE
}
