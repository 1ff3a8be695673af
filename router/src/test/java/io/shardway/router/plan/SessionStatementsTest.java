package io.shardway.router.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardway.router.ErrorCode;
import io.shardway.router.sql.SqlDialect;
import io.shardway.router.sql.Token;
import io.shardway.router.sql.Tokens;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SessionStatementsTest {

    private static List<Token> tokens(String sql) {
        byte[] text = sql.getBytes(StandardCharsets.UTF_8);
        return Tokens.of(text, 0, text.length, SqlDialect.DEFAULT);
    }

    private static Optional<Plan> classify(String sql) {
        return SessionStatements.classify(tokens(sql), "", false);
    }

    private static SessionCommand command(String sql) {
        return classify(sql)
                .filter(Plan.Control.class::isInstance)
                .map(plan -> ((Plan.Control) plan).command())
                .orElseThrow(() -> new AssertionError(sql + ": " + classify(sql)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "BEGIN | Begin[readOnly=Optional.empty, consistentSnapshot=false]",
                "begin /*+ x */ work | Begin[readOnly=Optional.empty, consistentSnapshot=false]",
                "START TRANSACTION | Begin[readOnly=Optional.empty, consistentSnapshot=false]",
                "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY | Begin[readOnly=Optional[true], consistentSnapshot=true]",
                "START TRANSACTION READ WRITE | Begin[readOnly=Optional[false], consistentSnapshot=false]",
                "COMMIT | Commit[chain=false, release=false]",
                "COMMIT WORK AND CHAIN | Commit[chain=true, release=false]",
                "COMMIT AND NO CHAIN RELEASE | Commit[chain=false, release=true]",
                "ROLLBACK AND CHAIN NO RELEASE | Rollback[chain=true, release=false]",
                "ROLLBACK WORK | Rollback[chain=false, release=false]",
                "ROLLBACK TO a | RollbackTo[savepoint=a]",
                "ROLLBACK WORK TO SAVEPOINT `a``b` | RollbackTo[savepoint=a`b]",
                "SAVEPOINT `A` | Savepoint[name=A]",
                "RELEASE SAVEPOINT a | ReleaseSavepoint[name=a]",
                "USE `my store` | Use[keyspace=my store]",
                "KILL 5 | Kill[queryOnly=false, id=Literal[index=0, negated=false]]",
                "KILL CONNECTION ? | Kill[queryOnly=false, id=Parameter[index=0]]",
                "KILL QUERY 5 | Kill[queryOnly=true, id=Literal[index=0, negated=false]]",
                "SHOW WARNINGS | ShowDiagnostics[errorsOnly=false, offset=0, limit=9223372036854775807]",
                "SHOW ERRORS LIMIT 2, 3 | ShowDiagnostics[errorsOnly=true, offset=2, limit=3]",
                "SHOW WARNINGS LIMIT 3 OFFSET 2 | ShowDiagnostics[errorsOnly=false, offset=2, limit=3]",
                "SHOW WARNINGS LIMIT 3 | ShowDiagnostics[errorsOnly=false, offset=0, limit=3]",
                "SHOW COUNT(*) WARNINGS | CountDiagnostics[errorsOnly=false, columnName=@@session.warning_count]",
                "SHOW COUNT(*) ERRORS | CountDiagnostics[errorsOnly=true, columnName=@@session.error_count]",
                "SELECT @@Warning_count | CountDiagnostics[errorsOnly=false, columnName=@@Warning_count]",
                "SELECT @@session.error_count | CountDiagnostics[errorsOnly=true, columnName=@@session.error_count]",
                "GET DIAGNOSTICS @a = NUMBER | GetDiagnostics[condition=OptionalInt.empty, items=[DiagnosticsItem[variable=a, field=NUMBER]]]",
                "GET CURRENT DIAGNOSTICS CONDITION 2 @`B c` = message_text, @d = MYSQL_ERRNO | GetDiagnostics[condition=OptionalInt[0], items=[DiagnosticsItem[variable=b c, field=MESSAGE_TEXT], DiagnosticsItem[variable=d, field=MYSQL_ERRNO]]]",
                "GET STACKED DIAGNOSTICS @a = ROW_COUNT | GetStackedDiagnostics[]",
                "SHOW PROCESSLIST | ShowProcesses[full=false]",
                "SHOW FULL PROCESSLIST | ShowProcesses[full=true]",
                "SHOW DATABASES | ShowKeyspaces[like=Optional.empty]",
                "SHOW SCHEMAS | ShowKeyspaces[like=Optional.empty]",
                "SHOW DATABASES LIKE 'a%' | ShowKeyspaces[like=Optional[Literal[index=0, negated=false]]]",
                "SHOW GRANTS | ShowGrants[]",
                "SHOW GRANTS FOR CURRENT_USER() | ShowGrants[]",
                "SET TRANSACTION ISOLATION LEVEL read committed, READ ONLY | SetNextTransaction[characteristics=ISOLATION LEVEL READ COMMITTED, READ ONLY]",
                "SET TRANSACTION READ WRITE | SetNextTransaction[characteristics=READ WRITE]",
                "SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE | SetVariables[autocommit=false, userVariables=[]]",
                "SET autocommit=0 | SetVariables[autocommit=true, userVariables=[]]",
                "SET @@session.autocommit = 1, sql_mode = '' | SetVariables[autocommit=true, userVariables=[]]",
                "SET @A = 1, @`b` := (1, 2) , SESSION sql_mode=concat(@@sql_mode, 'x') | SetVariables[autocommit=false, userVariables=[a, b]]",
                "SET NAMES utf8mb4 COLLATE utf8mb4_bin | SetVariables[autocommit=false, userVariables=[]]",
                "SET NAMES 'latin1', autocommit = 1 | SetVariables[autocommit=true, userVariables=[]]",
                "SET NAMES DEFAULT | SetVariables[autocommit=false, userVariables=[]]",
                "SET CHARACTER SET utf8 | SetVariables[autocommit=false, userVariables=[]]",
                "SET character_set_client = @old | SetVariables[autocommit=false, userVariables=[]]",
                "SET SESSION transaction_isolation = 'READ-COMMITTED' | SetVariables[autocommit=false, userVariables=[]]",
                "SET @@session.transaction_read_only = 1 | SetVariables[autocommit=false, userVariables=[]]",
                "SET @a = (SELECT 1) | SetVariables[autocommit=false, userVariables=[a]]",
            })
    void theSessionDoesIt(String sql, String expected) {
        assertThat(command(sql)).hasToString(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SET GLOBAL x = 1",
                "SET x = 1, @@global.y = 2",
                "SET PERSIST x = 1",
                "SET @@persist_only.x = 1",
                "SET PASSWORD = 'x'",
                "SET ROLE ALL",
                "SET DEFAULT ROLE ALL TO a",
                "SET RESOURCE GROUP g",
                "SET insert_id = 5",
                "SET @@session.pseudo_thread_id = 5",
                "SET auto_increment_increment = 1",
                "SET @@session.auto_increment_offset = 1",
                "SET sql_log_bin = 0",
                "SET SESSION gtid_next = 'AUTOMATIC'",
                "SET @@transaction_isolation = 'x'",
                "SET @@transaction_read_only = 1",
                "SET @a = (SELECT b FROM t)",
                "SET @a = 1, @b = EXISTS (TABLE t)",
                "SET NAMES swe7",
                "SET NAMES 'UCS2' COLLATE ucs2_bin",
                "SET autocommit = 1, CHARACTER SET utf16",
                "SET character_set_client = `utf32`",
                "SET @@character_set_client = \"utf16\"",
                "XA BEGIN 'x'",
                "HANDLER t OPEN",
                "LOCK TABLES t READ",
                "CREATE USER a",
                "ALTER USER a",
                "DROP ROLE a",
                "RENAME USER a TO b",
                "GRANT ALL ON *.* TO a",
                "REVOKE ALL ON *.* FROM a",
                "INSTALL PLUGIN a SONAME 'x'",
                "CHANGE REPLICATION SOURCE TO x = 1",
                "START REPLICA",
                "STOP SLAVE",
                "RESET MASTER",
                "PURGE BINARY LOGS TO 'x'",
                "SHUTDOWN",
                "RESTART",
                "CLONE LOCAL DATA DIRECTORY 'x'",
                "IMPORT TABLE FROM 'x'",
                "LOAD DATA INFILE 'x' INTO TABLE t",
                "CALL p()",
                "FLUSH TABLES WITH READ LOCK",
                "GET DIAGNOSTICS CONDITION 1 @a = TABLE_NAME",
                "SELECT @@warning_count, 1",
                "/*! SELECT */ a FROM t WHERE b = @@session.error_count",
            })
    void isOfferedNowhere(String sql) {
        assertThat(classify(sql))
                .get()
                .isInstanceOfSatisfying(
                        Plan.Rejected.class,
                        rejected -> {
                            assertThat(rejected.code()).isEqualTo(ErrorCode.NOT_OFFERED);
                            assertThat(rejected.detail()).isNotEmpty();
                        });
    }

    @Test
    void preparesByName() {
        assertThat(classify("PREPARE S FROM 'x'"))
                .contains(
                        new Plan.Control(
                                new SessionCommand.PrepareNamed(
                                        "s", new SessionCommand.NamedText.Literal(0))));
        assertThat(classify("PREPARE `s t` FROM @V"))
                .contains(
                        new Plan.Control(
                                new SessionCommand.PrepareNamed(
                                        "s t", new SessionCommand.NamedText.Variable("v"))));
        assertThat(classify("EXECUTE s USING @a, @`B`"))
                .contains(
                        new Plan.Control(new SessionCommand.ExecuteNamed("s", List.of("a", "b"))));
        assertThat(classify("DROP PREPARE s"))
                .contains(new Plan.Control(new SessionCommand.DeallocateNamed("s")));
        assertThat(classify("DEALLOCATE PREPARE s"))
                .contains(new Plan.Control(new SessionCommand.DeallocateNamed("s")));
        assertThat(classify("EXECUTE s USING 5")).get().isInstanceOf(Plan.Rejected.class);
        assertThat(classify("DROP TABLE t")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "KILL abc",
                "KILL 5 + 1",
                "KILL CONNECTION_ID()",
                "USE a b",
                "USE",
                "SET NAMES concat('g', 'bk')",
                "SET NAMES 'g' 'bk'",
                "SET character_set_client = 28",
                "SHOW WARNINGS LIMIT ?",
            })
    void isNotUnderstood(String sql) {
        assertThat(classify(sql))
                .get()
                .isInstanceOfSatisfying(
                        Plan.Rejected.class,
                        rejected ->
                                assertThat(rejected.code()).isEqualTo(ErrorCode.NOT_UNDERSTOOD));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SET",
                "SET x",
                "SET x = ",
                "SET x y = 5",
                "SET a.b.c = 5",
                "SET = 5",
                "SET 'x' = 5",
                "SET @a",
                "SET @a = 1, @b =",
                "SET @a = 1,, @b = 2",
                "SET TRANSACTION",
                "SET TRANSACTION READ ONLY, READ WRITE",
                "SET SESSION TRANSACTION foo",
                "SET NAMES",
            })
    void aMistypedSetIsCarriedOutByMySqlWhichRefusesIt(String sql) {
        assertThat(classify(sql))
                .get()
                .isInstanceOfSatisfying(
                        Plan.Control.class,
                        control ->
                                assertThat(control.command())
                                        .isInstanceOf(SessionCommand.SetVariables.class));
    }

    @Test
    void aMistypedSetDoesNotHideARefusedOne() {
        assertThat(classify("SET x, GLOBAL y = 1")).get().isInstanceOf(Plan.Rejected.class);
        assertThat(classify("SET @a =, gtid_next = 'x'")).get().isInstanceOf(Plan.Rejected.class);
        assertThat(classify("SET @a = 1, @b (SELECT c FROM t)"))
                .get()
                .isInstanceOf(Plan.Rejected.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "BEGIN foo",
                "COMMIT foo",
                "COMMIT AND CHAIN RELEASE",
                "ROLLBACK TO",
                "START TRANSACTION READ ONLY, READ WRITE",
                "START TRANSACTION,",
                "SAVEPOINT 5",
                "RELEASE a",
                "SHOW COUNT(*)",
            })
    void goesToMySqlForItsSyntaxError(String sql) {
        assertThat(classify(sql)).contains(new Plan.OnDefaultShard(Access.READ, Traits.NONE));
    }

    @Test
    void leavesAdministrationToItsOwnReader() {
        assertThat(classify("shardway SHOW shards")).contains(new Plan.Admin());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT 1",
                "SELECT @@version_comment LIMIT 1",
                "(SELECT 1)",
                "SHOW TABLES",
                "SHOW DATABASES WHERE `Database` = 'a'",
                "SHOW FULL COLUMNS FROM t",
                "CREATE TABLE user (a INT)",
                "DROP TABLE role",
                "DO GET_LOCK('x', 1)",
                "`begin`",
                "INSERT INTO t VALUES (1)",
                "",
            })
    void leavesOrdinaryStatementsToThePlanner(String sql) {
        assertThat(classify(sql)).isEmpty();
    }
}
