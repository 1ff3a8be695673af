package io.shardway.router;

/**
 * Every failure a client or an operator can see: a number to search for, whose turn it is, what
 * MySQL clients understand of it, what happened and what to do. Immutable.
 *
 * <p>Numbers: 1xxx connection, accounts and protocol; 2xxx statements that are refused; 3xxx
 * routing and topology; 4xxx backends and transactions; 5xxx limits; 6xxx settings and start; 9xxx
 * our own faults.
 */
public enum ErrorCode {
    // ---- 1xxx: connection, accounts, protocol
    ACCESS_DENIED(
            1001,
            Kind.USER,
            1045,
            "28000",
            "access denied",
            "Check the account's name and password."),
    TOO_MANY_CONNECTIONS(
            1002,
            Kind.RETRYABLE,
            1040,
            "08004",
            "too many connections",
            "Close connections, or raise frontend.connections-max."),
    MALFORMED_PACKET(
            1003,
            Kind.USER,
            1835,
            "HY000",
            "malformed communication packet",
            "The client broke the MySQL protocol; the connection is closed."),
    UNKNOWN_COMMAND(
            1004,
            Kind.USER,
            1047,
            "08S01",
            "unknown command",
            "Shardway does not offer this command."),
    PACKET_TOO_LARGE(
            1005,
            Kind.USER,
            1153,
            "08S01",
            "packet is larger than frontend.packet-bytes-max",
            "Send smaller statements, or raise frontend.packet-bytes-max."),
    TLS_REQUIRED(
            1006,
            Kind.USER,
            3159,
            "08004",
            "connections must use TLS",
            "Connect with TLS (sslMode=REQUIRED)."),
    SHUTTING_DOWN(
            1007,
            Kind.RETRYABLE,
            1053,
            "08S01",
            "this proxy is shutting down",
            "Connect again to another proxy."),
    UNKNOWN_KEYSPACE(
            1008,
            Kind.USER,
            1049,
            "42000",
            "unknown database",
            "SHOW DATABASES lists the keyspaces."),
    NO_KEYSPACE(
            1022,
            Kind.USER,
            1046,
            "3D000",
            "No database selected",
            "Choose a keyspace with USE, or write keyspace.table."),
    SESSION_KILLED(1009, Kind.USER, 1317, "70100", "the session was killed", "Connect again."),
    IDLE_TIMEOUT(
            1010,
            Kind.USER,
            4031,
            "08S01",
            "the client was idle for longer than wait_timeout",
            "Connect again, or raise wait_timeout."),
    WRITE_TIMEOUT(
            1023,
            Kind.USER,
            1161,
            "08S01",
            "the client took nothing of its answer for longer than frontend.write-timeout",
            "Read answers to their end, or raise net_write_timeout."),
    TOO_MANY_LOGINS(
            1020,
            Kind.RETRYABLE,
            1040,
            "08004",
            "too many logins wait for the check of their password",
            "Connect again, or let clients keep their connections."),
    LOGIN_TIMEOUT(
            1021,
            Kind.USER,
            1159,
            "08S01",
            "the login took too long",
            "Connect again; a slow network may need a longer frontend.login-timeout."),

    QUERY_INTERRUPTED(
            1011,
            Kind.USER,
            1317,
            "70100",
            "query execution was interrupted",
            "KILL QUERY stopped it."),
    UNKNOWN_SESSION(
            1012,
            Kind.USER,
            1094,
            "HY000",
            "unknown thread id",
            "SHARDWAY SHOW SESSIONS lists sessions."),
    WRITE_RIGHT_MISSING(
            1013,
            Kind.USER,
            1142,
            "42000",
            "the account may not write",
            "Use an account with the write right, or SHARDWAY GRANT it."),
    UNKNOWN_STATEMENT(
            1014,
            Kind.USER,
            1243,
            "HY000",
            "unknown prepared statement handler",
            "Prepare the statement again."),
    NOT_PREPARABLE(
            1015,
            Kind.UNSUPPORTED,
            1295,
            "HY000",
            "this command is not supported in the prepared statement protocol yet",
            "Send it as text."),
    EMPTY_STATEMENT(1016, Kind.USER, 1065, "42000", "Query was empty", "Send a statement."),
    MULTI_STATEMENTS_OFF(
            1017,
            Kind.USER,
            1064,
            "42000",
            "more than one statement in a command",
            "Allow it with the driver's option (allowMultiQueries=true in Connector/J)."),
    UNKNOWN_SAVEPOINT(
            1018,
            Kind.USER,
            1305,
            "42000",
            "the savepoint does not exist",
            "Set it with SAVEPOINT first."),
    KILL_NOT_ALLOWED(
            1019,
            Kind.USER,
            1095,
            "HY000",
            "you are not owner of this thread",
            "Use the same account or an admin."),

    READ_RIGHT_MISSING(
            1031,
            Kind.USER,
            1142,
            "42000",
            "the account may not read",
            "Use an account with the read right, or SHARDWAY GRANT it."),
    KEYSPACE_DENIED(
            1032,
            Kind.USER,
            1044,
            "42000",
            "access denied",
            "Use an account with a right on this keyspace, or SHARDWAY GRANT it."),
    ACCOUNT_LOCKED(
            1033,
            Kind.USER,
            3118,
            "HY000",
            "access denied: the account is locked",
            "An admin unlocks it with SHARDWAY ALTER ACCOUNT ... ACCOUNT UNLOCK."),
    CONNECTION_NOT_SAFE(
            1034,
            Kind.USER,
            1045,
            "28000",
            "access denied: the account must use TLS, or its client certificate",
            "Connect with what SHARDWAY SHOW ACCOUNTS says it requires."),
    ACCOUNT_DROPPED(
            1035,
            Kind.USER,
            1045,
            "28000",
            "access denied: the account was dropped",
            "Log in with another account."),

    // ---- 20xx: statements refused by the planner
    CROSS_SHARD_READ(
            2001,
            Kind.UNSUPPORTED,
            1235,
            "42000",
            "this read is not pinned to one shard key",
            "Compare the shard key of every sharded table with one value."),
    CROSS_SHARD_WRITE(
            2002,
            Kind.UNSUPPORTED,
            1235,
            "42000",
            "this write is not pinned to one shard key",
            "Name one value of the shard key, or split the statement; SHARDWAY SET transaction_mode ="
                    + " best_effort lets statements write row by row on several shards."),
    SHARD_KEY_CHANGED(
            2003,
            Kind.UNSUPPORTED,
            1235,
            "42000",
            "the shard key of a row cannot be changed",
            "Delete the row and insert it with the new key."),
    KEY_NOT_EXACT(
            2004,
            Kind.UNSUPPORTED,
            1235,
            "42000",
            "this spelling of the shard key can match other keys too",
            "Write the key exactly: a plain integer, or text as stored."),
    NOT_UNDERSTOOD(
            2005,
            Kind.UNSUPPORTED,
            1235,
            "42000",
            "Shardway cannot read this statement in a sharded keyspace",
            "Write it more simply, or run it in a plain keyspace."),
    NOT_OFFERED(
            2006,
            Kind.UNSUPPORTED,
            1235,
            "42000",
            "Shardway does not offer this statement here",
            "What is offered: docs/statements.md."),
    DIFFERENT_KEYS(
            2007,
            Kind.UNSUPPORTED,
            1235,
            "42000",
            "the statement names different shard keys",
            "Send one statement for each value of the shard key (dump with"
                    + " --skip-extended-insert), or rows of several under SHARDWAY SET"
                    + " transaction_mode = best_effort."),
    REFERENCE_WRITE(
            2008,
            Kind.UNSUPPORTED,
            1235,
            "42000",
            "this write may not come out the same on all copies of the reference table",
            "Write values, and name rows by their keys: docs/reference-tables.md."),
    TABLE_DEFINITION_REFUSED(
            2009,
            Kind.UNSUPPORTED,
            1235,
            "42000",
            "this table cannot be spread over shards",
            "See the advice in the message."),
    UNKNOWN_TABLE(
            2010,
            Kind.USER,
            1146,
            "42S02",
            "the table does not exist",
            "SHARDWAY SHOW TABLES lists tables."),

    SCATTER_OFF(
            2011,
            Kind.USER,
            1235,
            "42000",
            "statements over several shards are refused here (scatter = off)",
            "Compare the shard key of every table with one value, or write /*+ SHARDWAY(SCATTER) */"
                    + " behind the statement's first word."),

    SEVERAL_DRAWN_KEYS(
            2031,
            Kind.UNSUPPORTED,
            1235,
            "42000",
            "ids are to be drawn for rows of several shards, in a way that only one MySQL can",
            "Give every row its id as a number, or leave all of them out, without functions of the"
                    + " server beside them; or insert the rows one by one."),
    TWO_KEYSPACES(
            2020,
            Kind.UNSUPPORTED,
            1235,
            "42000",
            "the statement names a plain keyspace together with another one",
            "Send one statement for each keyspace."),
    LOCAL_FILES_OFF(
            2021,
            Kind.USER,
            3948,
            "42000",
            "loading local data is disabled",
            "Allow it in the client, in frontend.local-files and by local_infile on the nodes."),
    TABLES_LOCKED(
            2022,
            Kind.UNSUPPORTED,
            1192,
            "HY000",
            "the session has locked tables, and another connection would wait for them",
            "UNLOCK TABLES first."),
    KEYSPACE_NAME_REFUSED(
            2023,
            Kind.USER,
            1102,
            "42000",
            "a keyspace cannot have this name",
            "Choose another name."),
    KEYSPACE_NOT_EMPTY(
            2024,
            Kind.USER,
            1105,
            "HY000",
            "the keyspace has tables or other objects",
            "Drop them, or make a new keyspace and copy the rows."),
    TABLE_BEING_DEFINED(
            2041,
            Kind.RETRYABLE,
            1205,
            "HY000",
            "a definition changes this table now",
            "Send the statement again; INSERT and REPLACE may name their columns instead."),
    TABLE_HALF_DEFINED(
            2042,
            Kind.EXTERNAL,
            1105,
            "HY000",
            "a definition of this table is half done, so its shards may differ",
            "See SHARDWAY SHOW DDL; then SHARDWAY RESUME DDL or ABANDON DDL with its number."),
    VIEW_REFUSED(
            2044,
            Kind.UNSUPPORTED,
            1235,
            "42000",
            "this view cannot be read by one shard key",
            "See the advice in the message."),
    VIEW_DEPENDS(
            2045,
            Kind.UNSUPPORTED,
            1235,
            "42000",
            "a view reads this table",
            "Drop the view first, and make it again afterwards."),

    REFERENCE_WRITE_IN_TRANSACTION(
            2051,
            Kind.UNSUPPORTED,
            1235,
            "42000",
            "a reference table cannot be written inside a transaction yet",
            "COMMIT, set autocommit = 1, and write it by a statement of its own."),
    REFERENCE_LOCK(
            2052,
            Kind.UNSUPPORTED,
            1235,
            "42000",
            "FOR UPDATE would lock the row of a reference table on one shard only",
            "Name the sharded tables (FOR UPDATE OF ...), or lock the row by a SELECT of its own."),

    // ---- 21xx: administration statements
    ADMIN_SYNTAX(
            2101,
            Kind.USER,
            1064,
            "42000",
            "this is not a SHARDWAY statement",
            "SHARDWAY HELP lists them."),
    ADMIN_RIGHT_MISSING(
            2102,
            Kind.USER,
            1227,
            "42000",
            "this needs an account with the admin right",
            "Use an admin account."),

    ACCOUNT_EXISTS(
            2103,
            Kind.USER,
            1396,
            "HY000",
            "the account exists already",
            "Use SHARDWAY ALTER ACCOUNT, or CREATE ACCOUNT IF NOT EXISTS."),
    ACCOUNT_UNKNOWN(
            2104,
            Kind.USER,
            1396,
            "HY000",
            "there is no such account",
            "SHARDWAY SHOW ACCOUNTS lists them; an account is a user and a host."),
    LAST_ADMIN_ACCOUNT(
            2105,
            Kind.USER,
            1396,
            "HY000",
            "after this nobody could administer the cluster",
            "Give another account that is not locked ADMIN ON *.* first."),
    RIGHT_NOT_GIVEN(
            2106,
            Kind.USER,
            1141,
            "42000",
            "the account does not have this right there",
            "SHARDWAY SHOW ACCOUNTS tells rights; one given ON *.* is taken ON *.*."),

    // ---- 3xxx: routing and topology
    TOPOLOGY_UNAVAILABLE(
            3001,
            Kind.EXTERNAL,
            1105,
            "HY000",
            "ZooKeeper cannot be reached",
            "Try again; statements on data go on being served."),
    TOPOLOGY_CONFLICT(
            3002,
            Kind.RETRYABLE,
            1105,
            "HY000",
            "somebody else changed the topology at the same time",
            "Try again."),
    TOPOLOGY_FORMAT(
            3003,
            Kind.EXTERNAL,
            1105,
            "HY000",
            "the topology in ZooKeeper cannot be read",
            "Check that all proxies and tools have the same version."),
    TOPOLOGY_CHANGE_UNKNOWN(
            3011,
            Kind.EXTERNAL,
            1105,
            "HY000",
            "ZooKeeper was lost before its answer came; the topology may or may not have changed",
            "Read the topology before changing it again."),
    TOPOLOGY_ACCESS_DENIED(
            3012,
            Kind.EXTERNAL,
            1105,
            "HY000",
            "ZooKeeper refuses these credentials",
            "Check the user and password for ZooKeeper; all proxies and tools use the same."),
    TOPOLOGY_MISSING(
            3013,
            Kind.USER,
            1105,
            "HY000",
            "there is no topology in ZooKeeper yet",
            "Run ./shardway init, or check the root path."),
    TOPOLOGY_EXISTS(
            3014,
            Kind.USER,
            1105,
            "HY000",
            "there is already a topology in ZooKeeper",
            "Start a proxy on it, or choose another root path."),
    SCHEMA_MISMATCH(
            3015,
            Kind.EXTERNAL,
            1105,
            "HY000",
            "the table is not what the topology says",
            "Make it on every shard as it was, directly on the nodes, or DROP TABLE IF EXISTS it."),
    PROXY_NAME_TAKEN(
            3016,
            Kind.USER,
            1105,
            "HY000",
            "another proxy serves under this name",
            "Give every proxy a name of its own, or stop the other one."),

    DEFINITION_HALF_DONE(
            3004,
            Kind.EXTERNAL,
            1105,
            "HY000",
            "the definition was carried out on some shards only, or nobody knows",
            "Repair the cause; then SHARDWAY RESUME DDL or ABANDON DDL with its number."),

    NOT_ANNOUNCED(
            3005,
            Kind.EXTERNAL,
            1105,
            "HY000",
            "the change is stored, but not all proxies serve it yet",
            "See SHARDWAY SHOW PROXIES; it takes effect there when they do."),

    KEYSPACE_HALF_DONE(
            3020,
            Kind.EXTERNAL,
            1105,
            "HY000",
            "the keyspace is only half made, half changed or half dropped",
            "Repair the cause, then send the statement that began it again (SHARDWAY SHOW DDL): it"
                    + " goes on where it stopped."),
    KEYSPACE_ON_NODE(
            3021,
            Kind.EXTERNAL,
            1007,
            "HY000",
            "a node has a schema of this name that is no keyspace",
            "Choose another name, or move that schema away."),
    DEFINITION_RUNNING(
            3041,
            Kind.RETRYABLE,
            1205,
            "HY000",
            "another definition is under way in this keyspace",
            "Send the statement again when it is over; see SHARDWAY SHOW DDL."),
    DEFINITION_OPEN(
            3042,
            Kind.EXTERNAL,
            1105,
            "HY000",
            "an earlier definition of this keyspace is half done",
            "SHARDWAY RESUME DDL or ABANDON DDL with its number first."),
    DEFINITION_TAKEN_OVER(
            3043,
            Kind.EXTERNAL,
            1105,
            "HY000",
            "another proxy may have gone on with this, so it was stopped here",
            "What became of it is shown by SHARDWAY SHOW DDL, and by SHOW KEYSPACES if it was a"
                    + " whole keyspace that was made, changed or dropped."),
    DEFINITION_NOT_OPEN(
            3044,
            Kind.USER,
            1105,
            "HY000",
            "there is no open definition of this number",
            "See SHARDWAY SHOW DDL."),
    DEFINITION_NOT_UNDONE(
            3045,
            Kind.EXTERNAL,
            1105,
            "HY000",
            "the definition cannot be taken back",
            "SHARDWAY RESUME DDL carries it on; or make the table on every shard what it was"
                    + " before, then ABANDON again."),
    LOST_PROXIES(
            3046,
            Kind.EXTERNAL,
            1105,
            "HY000",
            "proxies that ZooKeeper lost may still serve the tables as they were",
            "Start them again, or SHARDWAY FORGET PROXY with the number of one that is gone."),
    TABLES_IN_USE(
            3048,
            Kind.RETRYABLE,
            1205,
            "HY000",
            "statements that began before still run on these proxies; nothing was changed",
            "Send the definition again when they have ended; see SHARDWAY SHOW PROXIES."),
    SHARDS_DIFFER(
            3047,
            Kind.EXTERNAL,
            1105,
            "HY000",
            "the shards do not have the same table",
            "Make the table the same on every shard; nothing was changed."),

    // ---- 4xxx: backends and transactions
    BACKEND_UNAVAILABLE(
            4001,
            Kind.RETRYABLE,
            1105,
            "HY000",
            "the node cannot be reached",
            "Try again; see SHARDWAY SHOW POOLS."),
    BACKEND_LOST(
            4002,
            Kind.RETRYABLE,
            1105,
            "40001",
            "the connection to the node was lost; the transaction was rolled back",
            "Run the transaction again."),
    OUTCOME_UNKNOWN(
            4003,
            Kind.EXTERNAL,
            1105,
            "08007",
            "the connection to the node was lost before its answer came; the write may or may not have happened",
            "Read the data before writing again."),
    ANSWER_CUT(
            4004,
            Kind.RETRYABLE,
            1105,
            "08S01",
            "the connection to the node was lost in the middle of an answer",
            "Run the statement again."),
    PROXY_FENCED(
            4005,
            Kind.RETRYABLE,
            1105,
            "HY000",
            "this proxy is fenced on the node: its serving account is locked",
            "Try again, or connect to another proxy."),
    SECOND_SHARD_WRITE(
            4006,
            Kind.UNSUPPORTED,
            1235,
            "25000",
            "the transaction already writes on another shard",
            "Commit first, or write with one shard key in a transaction; SHARDWAY SET transaction_mode ="
                    + " best_effort lets it write on several."),
    TRANSACTION_FAILED(
            4007,
            Kind.RETRYABLE,
            1105,
            "40001",
            "the transaction was lost with its backend connection",
            "ROLLBACK, then run the transaction again."),

    PARTLY_COMMITTED(
            4008,
            Kind.EXTERNAL,
            1105,
            "08007",
            "the transaction wrote on several shards and was not committed on all of them",
            "Read what the shards named have before writing again."),
    PARTLY_ROLLED_BACK(
            4009,
            Kind.RETRYABLE,
            1105,
            "40001",
            "a statement over several shards failed and could not be taken back alone, so its whole"
                    + " transaction was rolled back",
            "Run the transaction again."),
    SETTINGS_DIFFER(
            4010,
            Kind.EXTERNAL,
            1105,
            "HY000",
            "the nodes of several shards have different settings, such as time_zone or sql_mode, so"
                    + " nothing was written",
            "Give all nodes the same defaults (proxies take new connections up as old ones close), or"
                    + " set time_zone and sql_mode in the session."),

    SEQUENCE_UNAVAILABLE(
            4031,
            Kind.RETRYABLE,
            1105,
            "HY000",
            "no key could be drawn in time",
            "Keys are drawn from a table on the default shard: see that its primary is up, try"
                    + " again."),
    SEQUENCE_EXHAUSTED(
            4032,
            Kind.USER,
            1467,
            "HY000",
            "there are no more keys in the range of the column",
            "Give the column a larger type."),
    KEY_RESERVED(
            4033,
            Kind.USER,
            1105,
            "HY000",
            "the key is in a block of keys that another proxy draws from",
            "Leave the key to be drawn, or give one outside of the block: SHARDWAY SHOW SEQUENCES"
                    + " lists them."),
    OTHER_KEYSPACE_HELD(
            4020,
            Kind.UNSUPPORTED,
            1235,
            "25000",
            "the session's transaction, or what it holds on a connection, is in another keyspace",
            "COMMIT or ROLLBACK first, or go back with USE; a pinned session connects again."),
    KEYSPACE_ACCOUNT_MISSING(
            4021,
            Kind.RETRYABLE,
            1105,
            "HY000",
            "the node does not know this proxy's account for the keyspace yet",
            "Try again."),

    // ---- 405x: reference tables
    REFERENCE_COPIES_DIFFER(
            4051,
            Kind.EXTERNAL,
            1105,
            "HY000",
            "the copies of the reference table are not equal, so nothing was written",
            "SHARDWAY CHECK TABLE shows where they differ: docs/reference-tables.md."),
    REFERENCE_COPY_BEHIND(
            4052,
            Kind.RETRYABLE,
            1105,
            "HY000",
            "a shard's copy of the reference table is not known to be current",
            "It is repaired as soon as the shard answers: try again."),
    REFERENCE_WRITE_UNFINISHED(
            4053,
            Kind.EXTERNAL,
            1105,
            "HY000",
            "the write of the reference table is done, but not yet on every shard",
            "Do not repeat it: the copies named are not read until they have it, which needs nobody."),
    REFERENCE_WRITE_WAITED(
            4054,
            Kind.RETRYABLE,
            1205,
            "HY000",
            "other writes of the reference table did not end in time",
            "Try again; reference.write-timeout says how long to wait."),

    // ---- 5xxx: limits
    POOL_EXHAUSTED(
            5001,
            Kind.RETRYABLE,
            1203,
            "42000",
            "no backend connection became free in time",
            "Raise backend.connections-max, or send fewer statements at once."),
    PREPARED_STATEMENTS_EXHAUSTED(
            5002,
            Kind.USER,
            1461,
            "42000",
            "the session has too many prepared statements",
            "Close statements, or raise session.prepared-statements-max."),
    LONG_DATA_TOO_LARGE(
            5003,
            Kind.USER,
            1105,
            "HY000",
            "parameters sent in pieces are larger than frontend.packet-bytes-max",
            "Send smaller values."),
    TOO_MANY_WAITERS(
            5004,
            Kind.RETRYABLE,
            1203,
            "42000",
            "too many statements wait for a backend connection",
            "Send fewer statements at once, or raise backend.waiters-max."),
    TOO_MANY_PLANS(
            5006,
            Kind.RETRYABLE,
            1203,
            "42000",
            "too many statements of shapes not seen before are being planned",
            "Try again; use parameters instead of ever new texts, or raise plan.in-flight-max."),
    TOO_MANY_ACCOUNT_CONNECTIONS(
            5007,
            Kind.RETRYABLE,
            1203,
            "42000",
            "the account has too many connections to this proxy",
            "Close connections, or raise frontend.account-connections-max."),
    ACCOUNT_CONNECTIONS_EXHAUSTED(
            5008,
            Kind.RETRYABLE,
            1226,
            "42000",
            "the account has as many connections to this proxy as it may",
            "Close connections, or SHARDWAY ALTER ACCOUNT ... WITH MAX_USER_CONNECTIONS n."),
    ACCOUNT_STATEMENTS_EXHAUSTED(
            5009,
            Kind.RETRYABLE,
            1226,
            "42000",
            "the account has as many statements in flight on this proxy as it may",
            "Send fewer at once, or SHARDWAY ALTER ACCOUNT ... WITH MAX_STATEMENTS n."),
    TOPOLOGY_TOO_LARGE(
            5011,
            Kind.USER,
            1105,
            "HY000",
            "the change does not fit into one ZooKeeper transaction",
            "Change fewer tables or accounts at once, or use more keyspaces."),
    TOO_MANY_PROXIES(
            5012,
            Kind.USER,
            1105,
            "HY000",
            "all 1023 proxy numbers are in use",
            "Forget proxies that are gone for good."),
    STATEMENT_TOO_LONG(
            5013,
            Kind.USER,
            1105,
            "HY000",
            "the statement is too long to be planned",
            "Split it, write INSERT with plain values or LOAD DATA LOCAL, or raise plan.words-max and"
                    + " the heap."),
    ASSEMBLY_TOO_LARGE(
            5021,
            Kind.UNSUPPORTED,
            1104,
            "42000",
            "a read over several shards would bring too much to one node",
            "Name fewer columns, compare the shard key, or raise assemble.rows-max or"
                    + " assemble.bytes-max."),
    TOO_MANY_ASSEMBLIES(
            5022,
            Kind.RETRYABLE,
            1203,
            "42000",
            "too many reads over several shards at once",
            "Try again, or raise assemble.concurrent-max."),
    ASSEMBLY_FAILED(
            5023,
            Kind.EXTERNAL,
            1105,
            "HY000",
            "rows of several shards cannot be put together on the default shard",
            "See what the node says; a statement that compares the shard key needs no such step."),

    FILE_NOT_READABLE(
            5024,
            Kind.USER,
            1300,
            "HY000",
            "a file cannot be split by its shard keys",
            "Load it in its own character set, or what is no text as CHARACTER SET binary."),
    FILE_RECORD_TOO_LONG(
            5025,
            Kind.UNSUPPORTED,
            1153,
            "08S01",
            "a record of the file is longer than load.record-bytes-max",
            "Look at the file's separators, or raise the setting."),
    FILE_STALLED(
            5026,
            Kind.USER,
            1159,
            "08S01",
            "the client sent nothing of its file for load.client-timeout",
            "Send it without pauses, or raise the setting."),
    HELD_ROWS_EXHAUSTED(
            5027,
            Kind.RETRYABLE,
            1203,
            "42000",
            "statements of this proxy hold too many rows that several shards are to store",
            "Try again, insert fewer rows at a time, or raise assemble.held-bytes-max."),

    TOO_MANY_SETTINGS(
            5005,
            Kind.USER,
            1105,
            "HY000",
            "the session sets too many variables, or too large ones",
            "Raise session.settings-max, session.user-variables-max or"
                    + " session.user-variable-bytes-max."),

    TOO_MANY_REFERENCE_WRITERS(
            5051,
            Kind.RETRYABLE,
            1105,
            "HY000",
            "too many statements wait to write the reference table",
            "Try again later, or raise reference.waiters-max."),

    // ---- 6xxx: settings and start
    BAD_SETTING(
            6001, Kind.USER, 1105, "HY000", "a setting is wrong", "Correct it and start again."),

    // ---- 61xx: start
    NOT_INITIALIZED(
            6101,
            Kind.USER,
            1105,
            "HY000",
            "there is no topology in ZooKeeper yet",
            "Make one with: shardway init."),
    PORT_TAKEN(
            6102,
            Kind.USER,
            1105,
            "HY000",
            "the port for clients cannot be bound",
            "Choose another with frontend.port, or stop who uses it."),

    // ---- 9xxx: our own faults
    BUG(
            9000,
            Kind.BUG,
            1105,
            "HY000",
            "unexpected state",
            "Please report this with the log line of the same number.");

    /** Whose turn it is now. */
    public enum Kind {
        /** The client's: the request is wrong. */
        USER,
        /** Ours by choice: the request is refused on purpose. */
        UNSUPPORTED,
        /** Nobody's: the same request may succeed when sent again. */
        RETRYABLE,
        /** The operator's: something around us is broken. */
        EXTERNAL,
        /** Ours by mistake. */
        BUG
    }

    private final String id;
    private final Kind kind;
    private final int mysqlCode;
    private final String sqlState;
    private final String happened;
    private final String advice;

    ErrorCode(
            int number, Kind kind, int mysqlCode, String sqlState, String happened, String advice) {
        this.id = "SW-" + number;
        this.kind = kind;
        this.mysqlCode = mysqlCode;
        this.sqlState = sqlState;
        this.happened = happened;
        this.advice = advice;
    }

    /** Such as {@code SW-2001}. */
    public String id() {
        return id;
    }

    public Kind kind() {
        return kind;
    }

    public int mysqlCode() {
        return mysqlCode;
    }

    /** Five characters. */
    public String sqlState() {
        return sqlState;
    }

    /** The whole message a client sees; {@code detail} may be empty. */
    public String message(String detail) {
        return id + ": " + happened + (detail.isEmpty() ? "" : " (" + detail + ")") + ". " + advice;
    }
}
