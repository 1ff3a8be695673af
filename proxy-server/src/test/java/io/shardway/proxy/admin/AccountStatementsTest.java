package io.shardway.proxy.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
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
import io.shardway.router.sql.SqlDialect;
import io.shardway.router.topology.Account;
import io.shardway.router.topology.AccountName;
import io.shardway.router.topology.AccountRight;
import io.shardway.router.topology.Accounts;
import io.shardway.router.topology.AuthPlugin;
import io.shardway.router.topology.PasswordHash;
import io.shardway.router.topology.Rights;
import io.shardway.router.topology.TlsRequirement;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AccountStatementsTest {

    private static final AccountName ROOT = AccountName.of("root");
    private static final AccountName APP = AccountName.of("app", "10.%");

    private final FakeAccountStore store = new FakeAccountStore();
    private final AtomicReference<Accounts> followed = new AtomicReference<>(Accounts.NONE);
    private final ShardwayStatements statements =
            new ShardwayStatements(
                    new FakeStatus(),
                    (sql, caller) ->
                            new Explanation(
                                    "relay", List.of(), sql, Optional.empty(), Optional.empty()),
                    new FakeOperator(),
                    ProxySettings.defaults(),
                    new AccountAdministration(store, followed::set),
                    new AuditLog(ProxySettings.defaults().audit(), Clock.systemUTC(), () -> {}));

    @BeforeEach
    void thereIsAnAdmin() {
        store.put(
                Account.of("root", "root".getBytes(UTF_8), AuthPlugin.NATIVE, AccountRight.ADMIN));
    }

    @Test
    void makesAnAccountWithoutRights() {
        run("CREATE ACCOUNT 'app'@'10.%' IDENTIFIED BY 'secret'");
        Account app = app();
        assertThat(app.rights()).isEqualTo(Rights.NONE);
        assertThat(app.credential().plugin()).isEqualTo(AuthPlugin.CACHING_SHA2);
        assertThat(PasswordHash.matches(app.credential().hash(), "secret".getBytes(UTF_8)))
                .isTrue();
        assertThat(followed.get().find(APP)).contains(app);
    }

    @Test
    void readsEveryClause() {
        run(
                "create account if not exists app@'10.%' identified with mysql_native_password by"
                        + " \"a'b\" require subject '/CN=app' and issuer '/CN=ca' with"
                        + " max_user_connections 5 max_statements 3 account lock;");
        Account app = app();
        assertThat(app.credential().hash())
                .isEqualTo(PasswordHash.nativeHash("a'b".getBytes(UTF_8)));
        assertThat(app.tls())
                .isEqualTo(
                        new TlsRequirement(
                                TlsRequirement.Kind.CERTIFICATE,
                                Optional.of("/CN=app"),
                                Optional.of("/CN=ca")));
        assertThat(app.limits().connectionsMax()).isEqualTo(5);
        assertThat(app.limits().statementsMax()).isEqualTo(3);
        assertThat(app.locked()).isTrue();
    }

    @Test
    void changesOnlyWhatIsNamed() {
        run("CREATE ACCOUNT 'app'@'10.%' IDENTIFIED BY 'x' REQUIRE SSL WITH MAX_STATEMENTS 3");
        Account before = app();
        run("ALTER ACCOUNT 'app'@'10.%' ACCOUNT LOCK");
        assertThat(app()).isEqualTo(before.locked(true));
        run("ALTER ACCOUNT 'app'@'10.%' REQUIRE NONE ACCOUNT UNLOCK");
        assertThat(app()).isEqualTo(before.with(TlsRequirement.NONE));
    }

    @Test
    void keepsTheOldPasswordUntilItIsDiscarded() {
        run("CREATE ACCOUNT 'app'@'10.%' IDENTIFIED BY 'one'");
        String one = app().credential().hash();
        run("ALTER ACCOUNT 'app'@'10.%' IDENTIFIED BY 'two' RETAIN CURRENT PASSWORD");
        String two = app().credential().hash();
        assertThat(app().credential().hashes()).containsExactly(two, one);
        run("ALTER ACCOUNT 'app'@'10.%' DISCARD OLD PASSWORD");
        assertThat(app().credential().hashes()).containsExactly(two);
        run("ALTER ACCOUNT 'app'@'10.%' IDENTIFIED BY 'three'");
        assertThat(app().credential().hashes()).hasSize(1).doesNotContain(two);
    }

    @Test
    void keepsThePluginOfAnAccountThatNamesNoOther() {
        run("CREATE ACCOUNT 'app'@'10.%' IDENTIFIED WITH mysql_native_password BY 'one'");
        run("ALTER ACCOUNT 'app'@'10.%' IDENTIFIED BY 'two'");
        assertThat(app().credential().plugin()).isEqualTo(AuthPlugin.NATIVE);
        run("ALTER ACCOUNT 'app'@'10.%' IDENTIFIED WITH 'caching_sha2_password' BY 'two'");
        assertThat(app().credential().plugin()).isEqualTo(AuthPlugin.CACHING_SHA2);
        assertThat(
                        refused(
                                        "ALTER ACCOUNT 'app'@'10.%' IDENTIFIED WITH"
                                                + " mysql_native_password BY 'x' RETAIN CURRENT PASSWORD")
                                .code())
                .isEqualTo(ErrorCode.ADMIN_SYNTAX);
    }

    @ParameterizedTest
    @ValueSource(strings = {"'0x%s'", "0x%s", "X'%s'"})
    void takesAHashFromMysqlOver(String form) {
        // mysql.user.authentication_string of MySQL 8.0.31, of 'secret': its salt is not printable.
        String hash = PasswordHash.sha2("secret".getBytes(UTF_8));
        var hex = java.util.HexFormat.of().withUpperCase().formatHex(hash.getBytes(UTF_8));
        run(
                "CREATE ACCOUNT 'app'@'10.%' IDENTIFIED WITH caching_sha2_password AS "
                        + form.replace("%s", hex));
        assertThat(app().credential().hash()).isEqualTo(hash);
    }

    @Test
    void givesAndTakesRights() {
        run("CREATE ACCOUNT 'app'@'10.%' IDENTIFIED BY 'x'");
        run("GRANT WRITE ON store.* TO 'app'@'10.%'");
        run("GRANT READ ON `blog` TO 'app'@'10.%', root");
        assertThat(app().rights().byKeyspace())
                .isEqualTo(Map.of("store", AccountRight.WRITE, "blog", AccountRight.READ));
        run("REVOKE WRITE ON store FROM 'app'@'10.%'");
        assertThat(app().rights().byKeyspace().get("store")).isEqualTo(AccountRight.READ);
        run("GRANT READ ON *.* TO 'app'@'10.%'");
        assertThat(app().rights().everywhere()).contains(AccountRight.READ);
        assertThat(refused("REVOKE READ ON store.* FROM 'app'@'10.%'").code())
                .isEqualTo(ErrorCode.RIGHT_NOT_GIVEN);
        assertThat(refused("REVOKE WRITE ON *.* FROM 'app'@'10.%'").code())
                .isEqualTo(ErrorCode.RIGHT_NOT_GIVEN);
        run("REVOKE READ ON *.* FROM 'app'@'10.%'");
        run("REVOKE READ ON store.* FROM 'app'@'10.%'");
        assertThat(app().rights()).isEqualTo(Rights.NONE.with("blog", AccountRight.READ));
    }

    @Test
    void dropsAccounts() {
        run("CREATE ACCOUNT 'app'@'10.%' IDENTIFIED BY 'x'");
        assertThat(refused("DROP ACCOUNT 'app'@'10.%', 'app'@'%'").code())
                .isEqualTo(ErrorCode.ACCOUNT_UNKNOWN);
        assertThat(store.read().find(APP)).isPresent();
        run("DROP ACCOUNT IF EXISTS 'app'@'10.%', 'app'@'%'");
        assertThat(store.read().find(APP)).isEmpty();
    }

    @Test
    void refusesWhatIsThereAndWhatIsNot() {
        run("CREATE ACCOUNT 'app'@'10.%' IDENTIFIED BY 'x'");
        Account before = app();
        assertThat(refused("CREATE ACCOUNT 'app'@'10.%' IDENTIFIED BY 'x'").code())
                .isEqualTo(ErrorCode.ACCOUNT_EXISTS);
        run("CREATE ACCOUNT IF NOT EXISTS 'app'@'10.%' IDENTIFIED BY 'y'");
        assertThat(app()).isEqualTo(before);
        assertThat(refused("ALTER ACCOUNT app ACCOUNT LOCK").code())
                .isEqualTo(ErrorCode.ACCOUNT_UNKNOWN);
        run("ALTER ACCOUNT IF EXISTS app ACCOUNT LOCK");
        assertThat(refused("GRANT READ ON store TO app").code())
                .isEqualTo(ErrorCode.ACCOUNT_UNKNOWN);
        assertThat(refused("SHOW ACCOUNT app").code()).isEqualTo(ErrorCode.ACCOUNT_UNKNOWN);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DROP ACCOUNT root",
                "ALTER ACCOUNT root ACCOUNT LOCK",
                "REVOKE ADMIN ON *.* FROM root"
            })
    void leavesAnAdmin(String sql) {
        assertThat(refused(sql).code()).isEqualTo(ErrorCode.LAST_ADMIN_ACCOUNT);
        run("CREATE ACCOUNT second IDENTIFIED BY 'x'");
        run("GRANT ADMIN ON *.* TO second");
        run(sql);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE ACCOUNT app",
                "CREATE ACCOUNT app IDENTIFIED BY ''",
                "CREATE ACCOUNT app IDENTIFIED BY secret",
                "CREATE ACCOUNT app IDENTIFIED BY 'secret' RETAIN CURRENT PASSWORD",
                "CREATE ACCOUNT app IDENTIFIED BY 'secret' PASSWORD EXPIRE",
                "CREATE ACCOUNT app IDENTIFIED BY 'secret' REQUIRE CIPHER 'x'",
                "CREATE ACCOUNT app IDENTIFIED BY 'secret' WITH MAX_QUERIES_PER_HOUR 5",
                "CREATE ACCOUNT app IDENTIFIED BY 'secret' WITH MAX_STATEMENTS -1",
                "CREATE ACCOUNT app IDENTIFIED BY 'secret' SCATTER NO",
                "CREATE ACCOUNT app IDENTIFIED BY 'secret' FOO 'secret'",
                "CREATE ACCOUNT app IDENTIFIED WITH sha256_password BY 'secret'",
                "CREATE ACCOUNT app IDENTIFIED WITH caching_sha2_password AS 'secret'",
                "CREATE ACCOUNT app@'db1.example.com' IDENTIFIED BY 'secret'",
                "CREATE ACCOUNT '' IDENTIFIED BY 'secret'",
                "CREATE ACCOUNT USER IDENTIFIED BY 'secret'",
                "CREAT ACCOUNT app IDENTIFIED BY 'secret'",
                "CREATE ACCOUNT app IDENTIFIED BY `secret`",
                "ALTER ACCOUNT root",
                "ALTER ACCOUNT root RETAIN CURRENT PASSWORD",
                "GRANT SELECT ON store.* TO root",
                "GRANT READ ON * TO root",
                "GRANT READ ON store.users TO root",
                "GRANT READ ON store.* FROM root",
                "DROP ACCOUNT",
                "DROP ACCOUNT root,",
                "SHOW ACCOUNT",
            })
    void refusesWhatItDoesNotUnderstandWithoutRepeatingASecret(String sql) {
        AdminAnswer.Refused refused = refused(sql);
        assertThat(refused.code()).isEqualTo(ErrorCode.ADMIN_SYNTAX);
        assertThat(refused.detail()).doesNotContain("'secret'", "`secret`", "/secret");
        assertThat(store.read().byName()).hasSize(1);
    }

    /** Who may do what: the account {@code me} has ADMIN on shop and WRITE on store. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SHOW ACCOUNTS | no",
                "SHOW ACCOUNT USER() | yes",
                "SHOW ACCOUNT me | yes",
                "SHOW ACCOUNT root | no",
                "CREATE ACCOUNT x IDENTIFIED BY 'x' | no",
                "DROP ACCOUNT me | no",
                "ALTER ACCOUNT USER() IDENTIFIED BY 'new' | yes",
                "ALTER ACCOUNT CURRENT_USER() IDENTIFIED BY 'new' RETAIN CURRENT PASSWORD | yes",
                "ALTER ACCOUNT me DISCARD OLD PASSWORD | yes",
                "ALTER ACCOUNT me IDENTIFIED BY 'new' ACCOUNT UNLOCK | no",
                "ALTER ACCOUNT me WITH MAX_STATEMENTS 0 | no",
                "ALTER ACCOUNT me SCATTER ON | no",
                "ALTER ACCOUNT root IDENTIFIED BY 'new' | no",
                "GRANT WRITE ON shop.* TO me | yes",
                "GRANT ADMIN ON shop.* TO root | yes",
                "REVOKE ADMIN ON shop.* FROM me | yes",
                "GRANT READ ON store.* TO me | no",
                "GRANT READ ON *.* TO me | no",
                "REVOKE WRITE ON store.* FROM me | no"
            })
    void onlyAnAdminChangesOthers(String sql, String may) {
        Rights rights =
                Rights.NONE.with("shop", AccountRight.ADMIN).with("store", AccountRight.WRITE);
        Account me =
                Account.of("me", "me".getBytes(UTF_8), AuthPlugin.NATIVE, AccountRight.READ)
                        .with(rights);
        store.put(me);
        AdminAnswer answer = statements.execute("SHARDWAY " + sql, caller(me.name(), rights));
        if (may.equals("yes")) {
            assertThat(answer).isNotInstanceOf(AdminAnswer.Refused.class);
        } else {
            assertThat(((AdminAnswer.Refused) answer).code())
                    .isEqualTo(ErrorCode.ADMIN_RIGHT_MISSING);
        }
    }

    @Test
    void showsNoHash() {
        run("CREATE ACCOUNT 'app'@'10.%' IDENTIFIED BY 'x' REQUIRE X509");
        run("GRANT WRITE ON store.* TO 'app'@'10.%'");
        var table = (AdminAnswer.Table) execute("SHOW ACCOUNTS LIKE 'app%'");
        assertThat(table.rows())
                .containsExactly(
                        List.of(
                                "app@10.%",
                                "WRITE ON store.*",
                                "X509",
                                "0",
                                "0",
                                "on",
                                "no",
                                "caching_sha2_password",
                                "1"));
    }

    private Account app() {
        return store.read().find(APP).orElseThrow();
    }

    private void run(String sql) {
        assertThat(execute(sql)).isInstanceOf(AdminAnswer.Done.class);
    }

    private AdminAnswer.Refused refused(String sql) {
        return (AdminAnswer.Refused) execute(sql);
    }

    private AdminAnswer execute(String sql) {
        return statements.execute(
                "SHARDWAY " + sql, caller(ROOT, Rights.everywhere(AccountRight.ADMIN)));
    }

    private static AdminCaller caller(AccountName name, Rights rights) {
        return new AdminCaller(
                new SessionIdentity(name, "localhost", rights),
                17,
                Optional.of("store"),
                SqlDialect.DEFAULT,
                true);
    }
}
