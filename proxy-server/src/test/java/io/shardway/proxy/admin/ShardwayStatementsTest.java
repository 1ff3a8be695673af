package io.shardway.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardway.proxy.audit.AuditLog;
import io.shardway.proxy.query.AdminAnswer;
import io.shardway.proxy.query.AdminCaller;
import io.shardway.proxy.query.Explanation;
import io.shardway.proxy.query.FakeOperator;
import io.shardway.proxy.query.FakeStatus;
import io.shardway.proxy.session.SessionIdentity;
import io.shardway.proxy.settings.ProxySettings;
import io.shardway.router.ErrorCode;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.sql.SqlDialect;
import io.shardway.router.topology.AccountName;
import io.shardway.router.topology.AccountRight;
import io.shardway.router.topology.Rights;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ShardwayStatementsTest {

    private static final AdminCaller ADMIN = caller(true);
    private static final AdminCaller APPLICATION = caller(false);

    private final ShardwayStatements statements =
            new ShardwayStatements(
                    new FakeStatus(),
                    (sql, caller) ->
                            new Explanation(
                                    "relay",
                                    List.of(new ShardId("s2")),
                                    "keyed: " + sql,
                                    Optional.empty(),
                                    Optional.empty()),
                    new FakeOperator(),
                    ProxySettings.defaults(),
                    new AccountAdministration(new FakeAccountStore(), _ -> {}),
                    new AuditLog(ProxySettings.defaults().audit(), Clock.systemUTC(), () -> {}));

    @Test
    void makesAndChangesKeyspaces() {
        assertThat(done("shardway create keyspace shop SHARD KEY user_id;"))
                .isEqualTo("create shop by user_id");
        assertThat(done("SHARDWAY CREATE KEYSPACE IF NOT EXISTS `a``b` shard key `k-1`"))
                .isEqualTo("create a`b by k-1 if not there");
        assertThat(done("SHARDWAY ALTER KEYSPACE shop PLAIN")).isEqualTo("alter shop plain");
        assertThat(done("SHARDWAY ALTER KEYSPACE shop SHARD KEY id")).isEqualTo("alter shop id");
        for (String wrong : List.of("CREATE KEYSPACE shop", "ALTER KEYSPACE shop SHARDED")) {
            assertThat(statements.execute("SHARDWAY " + wrong, ADMIN))
                    .isInstanceOf(AdminAnswer.Refused.class);
        }
        assertThat(statements.execute("SHARDWAY ALTER KEYSPACE shop PLAIN", APPLICATION))
                .isEqualTo(
                        new AdminAnswer.Refused(
                                ErrorCode.ADMIN_RIGHT_MISSING,
                                "SHARDWAY ALTER KEYSPACE <name> SHARD KEY <column> | PLAIN"));
    }

    private String done(String sql) {
        return ((AdminAnswer.Done) statements.execute(sql, ADMIN)).message();
    }

    @Test
    void comparesTheCopiesOfATable() {
        assertThat(table("SHARDWAY CHECK TABLE `a-b`.c", ADMIN).rows().getFirst())
                .startsWith("a-b-c", "differs", "5", "3")
                .contains("`id` = '7'");
        assertThat(table("shardway repair table store.t;", ADMIN).rows()).isEmpty();
        assertThat(refused("SHARDWAY CHECK TABLE", ADMIN).detail())
                .contains("SHARDWAY CHECK TABLE <reference table>");
        assertThat(refused("SHARDWAY CHECK TABLE t", APPLICATION).code())
                .isEqualTo(ErrorCode.ADMIN_RIGHT_MISSING);
    }

    @Test
    void showsOneRowForEachNode() {
        var shards = table("SHARDWAY SHOW SHARDS", ADMIN);
        assertThat(shards.columns())
                .containsExactly(
                        "shard", "node", "role", "address", "buckets", "id_offset", "default");
        assertThat(shards.rows())
                .contains(List.of("s1", "s1-a", "primary", "127.0.0.1:4001", "512", "1", "yes"))
                .hasSize(4);
    }

    @Test
    void showsRunsOfBuckets() {
        assertThat(table("shardway show buckets;", ADMIN).rows())
                .containsExactly(
                        List.of("s1", "0", "511", "512"), List.of("s2", "512", "1023", "512"));
    }

    @Test
    void explainsTablesAndPlainKeyspaces() {
        assertThat(table("SHARDWAY SHOW TABLES", ADMIN).rows())
                .containsExactly(
                        Arrays.asList("blog", null, "plain", null, "s1", null, null, null, null),
                        Arrays.asList(
                                "store",
                                "countries",
                                "reference",
                                null,
                                "all",
                                null,
                                null,
                                null,
                                "it is not there"),
                        Arrays.asList(
                                "store",
                                "users",
                                "sharded",
                                "user_id",
                                "by bucket",
                                "u (email)",
                                "countries",
                                null,
                                null));
        assertThat(table("SHARDWAY SHOW TABLES IN blog", ADMIN).rows()).hasSize(1);
        assertThat(table("shardway show tables from `store` like 's%'", ADMIN).rows()).hasSize(2);
        assertThat(refused("SHARDWAY SHOW TABLES IN nosuch", ADMIN).code())
                .isEqualTo(ErrorCode.UNKNOWN_KEYSPACE);
        assertThat(refused("SHARDWAY SHOW TABLES IN", ADMIN).code())
                .isEqualTo(ErrorCode.ADMIN_SYNTAX);
    }

    @Test
    void showsDefinitionsAndCarriesThemOnOrTakesThemBack() {
        assertThat(table("SHARDWAY SHOW DDL", ADMIN).rows().getFirst())
                .startsWith(null, "old", "half done", "DROP DATABASE `old`", null)
                .contains(
                        "proxy p2 went away, or lost ZooKeeper; send the statement again: it goes"
                                + " on");
        assertThat(table("SHARDWAY SHOW DDL", ADMIN).rows().getLast())
                .startsWith("3", "store", "half done", "DROP TABLE users", "s1 done, s2 begun")
                .contains("node away", "no: rows are gone", "p1", "app@h");
        assertThat(statements.execute("SHARDWAY RESUME DDL 3;", ADMIN))
                .isEqualTo(new AdminAnswer.Done("resumed 3"));
        assertThat(statements.execute("shardway abandon  ddl 17", ADMIN))
                .isEqualTo(new AdminAnswer.Done("abandoned 17"));
        assertThat(statements.execute("SHARDWAY FORGET PROXY 2", ADMIN))
                .isEqualTo(new AdminAnswer.Done("forgot 2"));
        Stream.of("RESUME DDL", "RESUME DDL x", "ABANDON DDL 1 2", "SHOW DDL 3", "RESUME DDL -1")
                .forEach(words ->
                        assertThat(refused("SHARDWAY " + words, ADMIN).code())
                                .as(words)
                                .isEqualTo(ErrorCode.ADMIN_SYNTAX));
        Stream.of("SHOW DDL", "RESUME DDL 3", "ABANDON DDL 3", "FORGET PROXY 3")
                .forEach(words ->
                        assertThat(refused("SHARDWAY " + words, APPLICATION).code())
                                .as(words)
                                .isEqualTo(ErrorCode.ADMIN_RIGHT_MISSING));
    }

    @Test
    void showsPoolsSessionsProxiesAndSettings() {
        assertThat(table("SHARDWAY SHOW POOLS", ADMIN).rows()).hasSize(2);
        assertThat(table("SHARDWAY SHOW SESSIONS", ADMIN).rows().getFirst())
                .contains("17", "app", "GET_LOCK", "s1");
        assertThat(table("SHARDWAY SHOW PROXIES", ADMIN).rows()).hasSize(2);
        assertThat(table("SHARDWAY SHOW SETTINGS LIKE 'frontend.port'", ADMIN).rows())
                .containsExactly(List.of("frontend.port", "3307"));
    }

    @Test
    void filtersTheFirstColumnByLike() {
        assertThat(table("SHARDWAY SHOW POOLS LIKE 'S2%'", ADMIN).rows()).hasSize(1);
        assertThat(table("SHARDWAY SHOW POOLS LIKE 's2'", ADMIN).rows()).isEmpty();
        assertThat(table("SHARDWAY SHOW BUCKETS LIKE 's_'", ADMIN).rows()).hasSize(2);
        assertThat(table("SHARDWAY SHOW BUCKETS LIKE 's\\_'", ADMIN).rows()).isEmpty();
    }

    @Test
    void readsOverCommentsSpacesAndCase() {
        for (String sql :
                List.of(
                        "/* hello */ SHARDWAY SHOW SHARDS",
                        "-- hello\n  shardway  SHOW\n\tshards ;  ",
                        "# hello\nSHARDWAY SHOW SHARDS;")) {
            assertThat(table(sql, ADMIN).rows()).as(sql).hasSize(4);
        }
    }

    @Test
    void explainsTheStatementAsWritten() {
        var answer = table("SHARDWAY EXPLAIN SELECT ';' FROM users WHERE user_id = 1 ;", ADMIN);
        assertThat(answer.rows())
                .containsExactly(
                        Arrays.asList(
                                "relay",
                                "s2",
                                "keyed: SELECT ';' FROM users WHERE user_id = 1",
                                null,
                                null));
    }

    @Test
    void namesTheNearestStatement() {
        assertThat(refused("SHARDWAY SHOW SHRADS", ADMIN).detail())
                .contains("the nearest is: SHARDWAY SHOW SHARDS");
        assertThat(refused("SHARDWAY EXPLAIN", ADMIN).detail())
                .contains("SHARDWAY EXPLAIN <statement>");
        assertThat(refused("SHARDWAY SHOW POOLS LIKE s1", ADMIN).detail())
                .contains("SHARDWAY SHOW POOLS [LIKE 'pattern']");
        assertThat(refused("SHARDWAY SHOW POOLS LIKE 's1' LIMIT 5", ADMIN).code())
                .isEqualTo(ErrorCode.ADMIN_SYNTAX);
        assertThat(refused("SHARDWAY HELP LIKE 'x'", ADMIN).code())
                .isEqualTo(ErrorCode.ADMIN_SYNTAX);
        assertThat(refused("SHARDWAY", ADMIN).detail()).contains("the nearest is: SHARDWAY");
        assertThat(refused("SELECT 1", ADMIN).code()).isEqualTo(ErrorCode.ADMIN_SYNTAX);
        assertThat(refused("SHARDWAYSHOW SHARDS", ADMIN).code()).isEqualTo(ErrorCode.ADMIN_SYNTAX);
    }

    @Test
    void refusesAStatementOfAnyLengthWithoutHarm() {
        String blanks = " ".repeat(1_000_000);
        assertThat(table(blanks + "SHARDWAY SHOW SHARDS", ADMIN).rows()).hasSize(4);
        assertThat(
                        refused("SHARDWAY SHOW POOLS LIKE '" + "a".repeat(1_000_000) + "'", ADMIN)
                                .code())
                .isEqualTo(ErrorCode.ADMIN_SYNTAX);
        assertThat(table("SHARDWAY EXPLAIN " + "x".repeat(1_000_000), ADMIN).rows()).hasSize(1);
    }

    @Test
    void letsApplicationsSeeWhereRowsLiveAndNothingElse() {
        Stream.of("HELP", "EXPLAIN SELECT 1", "SHOW TABLES", "SHOW BUCKETS")
                .forEach(words -> table("SHARDWAY " + words, APPLICATION));
        Stream.of("SHARDS", "PROXIES", "POOLS", "SESSIONS", "SETTINGS")
                .forEach(view ->
                        assertThat(refused("SHARDWAY SHOW " + view, APPLICATION).code())
                                .isEqualTo(ErrorCode.ADMIN_RIGHT_MISSING));
    }

    @Test
    void helpListsEveryStatement() {
        assertThat(table("SHARDWAY HELP", APPLICATION).rows())
                .hasSize(AdminStatement.values().length);
    }

    private AdminAnswer.Table table(String sql, AdminCaller caller) {
        return (AdminAnswer.Table) statements.execute(sql, caller);
    }

    private AdminAnswer.Refused refused(String sql, AdminCaller caller) {
        return (AdminAnswer.Refused) statements.execute(sql, caller);
    }

    private static AdminCaller caller(boolean admin) {
        AccountRight right = admin ? AccountRight.ADMIN : AccountRight.WRITE;
        var identity =
                new SessionIdentity(AccountName.of("me"), "localhost", Rights.everywhere(right));
        return new AdminCaller(identity, 17, Optional.of("store"), SqlDialect.DEFAULT, true);
    }
}
