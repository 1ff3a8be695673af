package io.shardway.proxy.admin;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.shardway.router.plan.TokenReader;
import io.shardway.router.sql.Token;
import io.shardway.router.topology.AccountName;
import io.shardway.router.topology.AccountRight;
import io.shardway.router.topology.AuthPlugin;
import io.shardway.router.topology.HostPattern;
import io.shardway.router.topology.PasswordHash;
import io.shardway.router.topology.TlsRequirement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Reads the statements on accounts, which are MySQL's on users as far as they go. Confined to one
 * thread.
 *
 * @see <a href="https://dev.mysql.com/doc/refman/8.0/en/create-user.html">CREATE USER</a>
 */
final class AccountGrammar {

    private static final int PASSWORD_BYTES_MAX = 256;

    private final AdminText text;
    private final TokenReader reader;
    private final AccountName self;

    /**
     * @param text read up to the words of the statement
     * @param self what USER() stands for
     */
    AccountGrammar(AdminText text, AccountName self) {
        this.text = text;
        this.reader = text.reader();
        this.self = self;
    }

    AccountCommand read(AdminStatement statement) {
        AccountCommand command =
                switch (statement) {
                    case SHOW_ACCOUNT -> new AccountCommand.Show(account());
                    case CREATE_ACCOUNT -> create();
                    case ALTER_ACCOUNT -> alter();
                    case DROP_ACCOUNT -> {
                        boolean ifExists = reader.take("IF", "EXISTS");
                        yield new AccountCommand.Drop(accounts(), ifExists);
                    }
                    case GRANT -> grant();
                    case REVOKE -> revoke();
                    case HELP,
                            EXPLAIN,
                            SET,
                            CHECK_TABLE,
                            REPAIR_TABLE,
                            SHOW_TABLES,
                            SHOW_DDL,
                            RESUME_DDL,
                            ABANDON_DDL,
                            FORGET_PROXY,
                            SHOW_KEYSPACES,
                            CREATE_KEYSPACE,
                            ALTER_KEYSPACE,
                            SHOW_BUCKETS,
                            SHOW_SHARDS,
                            SHOW_PROXIES,
                            SHOW_POOLS,
                            SHOW_SESSIONS,
                            SHOW_SETTINGS,
                            SHOW_SEQUENCES,
                            SHOW_ACCOUNTS ->
                            throw new IllegalArgumentException("not on accounts: " + statement);
                };
        text.requireEnd();
        return command;
    }

    private AccountCommand create() {
        boolean ifNotExists = reader.take("IF", "NOT", "EXISTS");
        AccountName name = account();
        AccountChanges changes = changes();
        if (changes.password().isEmpty()) {
            throw text.wrong("an account needs IDENTIFIED BY 'password'");
        }
        if (changes.retain() || changes.discard()) {
            throw text.wrong("a new account has no password before this one");
        }
        return new AccountCommand.Create(name, ifNotExists, changes);
    }

    private AccountCommand alter() {
        boolean ifExists = reader.take("IF", "EXISTS");
        AccountName name = account();
        AccountChanges changes = changes();
        if (changes.equals(AccountChanges.NONE)) {
            throw text.wrong("nothing is changed");
        }
        if (changes.retain() && changes.discard()) {
            throw text.wrong("a password is retained or discarded, not both");
        }
        return new AccountCommand.Alter(name, ifExists, changes);
    }

    private AccountCommand grant() {
        AccountRight right = right();
        Optional<String> keyspace = keyspace();
        if (!reader.take("TO")) {
            throw text.wrong("TO and an account are due");
        }
        return new AccountCommand.Grant(right, keyspace, accounts());
    }

    private AccountCommand revoke() {
        AccountRight right = right();
        Optional<String> keyspace = keyspace();
        if (!reader.take("FROM")) {
            throw text.wrong("FROM and an account are due");
        }
        return new AccountCommand.Revoke(right, keyspace, accounts());
    }

    private AccountRight right() {
        return Arrays.stream(AccountRight.values())
                .filter(each -> reader.take(each.name()))
                .findFirst()
                .orElseThrow(() -> text.wrong("the rights are READ, WRITE and ADMIN"));
    }

    /** {@code keyspace}, {@code keyspace.*}, or {@code *.*} for every one: then empty. */
    private Optional<String> keyspace() {
        if (!reader.take("ON")) {
            throw text.wrong("ON and a keyspace are due");
        }
        Optional<String> name = reader.takeName();
        boolean star = name.isEmpty() && reader.takeOperator("*");
        boolean all = reader.takeOperator(".") && reader.takeOperator("*");
        if (name.isEmpty() && !(star && all)) {
            throw text.wrong("write keyspace.* for one keyspace, *.* for every one");
        }
        return name;
    }

    private List<AccountName> accounts() {
        var names = new ArrayList<AccountName>();
        do {
            names.add(account());
        } while (reader.takeOperator(","));
        return names;
    }

    private AccountName account() {
        if (reader.sees("USER") || reader.sees("CURRENT_USER")) {
            boolean call = reader.take("CURRENT_USER");
            call |= reader.take("USER") && reader.takeOperator("(") && reader.takeOperator(")");
            if (call) {
                if (reader.takeOperator("(") && !reader.takeOperator(")")) {
                    throw text.wrong("write USER()");
                }
                return self;
            }
            throw text.wrong("write USER() for the own account, 'user' for one of this name");
        }
        String user =
                text.takeString()
                        .or(reader::takeName)
                        .orElseThrow(() -> text.wrong("an account is due, such as 'app'@'10.%'"));
        Optional<String> host = reader.takeOf(Token.Kind.USER_VARIABLE).map(Token::name);
        try {
            requireReadable(user);
            return new AccountName(user, host.map(HostPattern::of).orElse(HostPattern.ANY));
        } catch (IllegalArgumentException wrong) {
            throw text.wrong(String.valueOf(wrong.getMessage()));
        }
    }

    private AccountChanges changes() {
        AccountChanges changes = AccountChanges.NONE;
        while (!reader.atEnd()) {
            if (reader.take("IDENTIFIED")) {
                changes = changes.with(password());
            } else if (reader.take("RETAIN", "CURRENT", "PASSWORD")) {
                if (changes.password().isEmpty()) {
                    throw text.wrong("RETAIN CURRENT PASSWORD follows IDENTIFIED BY 'password'");
                }
                changes = changes.retaining();
            } else if (reader.take("DISCARD", "OLD", "PASSWORD")) {
                changes = changes.discarding();
            } else if (reader.take("REQUIRE")) {
                changes = changes.with(tls());
            } else if (reader.take("WITH")) {
                changes = limits(changes);
            } else if (reader.take("SCATTER")) {
                changes = changes.scattering(onOrOff());
            } else if (reader.take("ACCOUNT", "LOCK")) {
                changes = changes.locked(true);
            } else if (reader.take("ACCOUNT", "UNLOCK")) {
                changes = changes.locked(false);
            } else {
                text.requireEnd();
            }
        }
        return changes;
    }

    private boolean onOrOff() {
        if (reader.take("ON")) {
            return true;
        }
        if (reader.take("OFF")) {
            return false;
        }
        throw text.wrong("SCATTER is ON or OFF");
    }

    private NewPassword password() {
        Optional<AuthPlugin> plugin =
                reader.take("WITH") ? Optional.of(plugin()) : Optional.empty();
        if (plugin.isPresent() && reader.take("AS")) {
            return hash(plugin.get());
        }
        if (!reader.take("BY")) {
            throw text.wrong("BY 'password' is due, or WITH plugin AS 'hash'");
        }
        String password =
                text.takeString().orElseThrow(() -> text.wrong("the password is due, in quotes"));
        requireReadable(password);
        byte[] bytes = password.getBytes(UTF_8);
        if (bytes.length == 0 || bytes.length > PASSWORD_BYTES_MAX) {
            throw text.wrong("a password has 1 to %d bytes".formatted(PASSWORD_BYTES_MAX));
        }
        return new NewPassword.Clear(plugin, bytes);
    }

    private AuthPlugin plugin() {
        Optional<String> name = text.takeString().or(reader::takeName);
        return Arrays.stream(AuthPlugin.values())
                .filter(each -> name.filter(each.mysqlName()::equalsIgnoreCase).isPresent())
                .findFirst()
                .orElseThrow(() ->
                        text.wrong(
                                "the plugins are caching_sha2_password and mysql_native_password"));
    }

    /** A literal in hexadecimal, a string of hexadecimal digits, or the hash itself. */
    private NewPassword hash(AuthPlugin plugin) {
        String hash =
                text.takeHex()
                        .or(() ->
                                text.takeString()
                                        .map(given ->
                                                given.matches("0x([0-9A-Fa-f]{2})+")
                                                        ? given.substring(2)
                                                        : HexFormat.of()
                                                                .formatHex(given.getBytes(UTF_8))))
                        .filter(digits -> digits.length() % 2 == 0)
                        .map(digits -> new String(HexFormat.of().parseHex(digits), ISO_8859_1))
                        .orElse("");
        if (!PasswordHash.isWellFormed(plugin, hash)) {
            throw text.wrong(
                    "this is no hash of "
                            + plugin.mysqlName()
                            + "; SELECT CONCAT('0x', HEX(authentication_string)) FROM mysql.user"
                            + " gives it");
        }
        return new NewPassword.Hash(plugin, hash);
    }

    private TlsRequirement tls() {
        if (reader.take("NONE")) {
            return TlsRequirement.NONE;
        }
        if (reader.take("SSL")) {
            return TlsRequirement.of(TlsRequirement.Kind.TLS);
        }
        if (reader.take("X509")) {
            return TlsRequirement.of(TlsRequirement.Kind.CERTIFICATE);
        }
        Optional<String> subject = Optional.empty();
        Optional<String> issuer = Optional.empty();
        do {
            if (subject.isEmpty() && reader.take("SUBJECT")) {
                subject = Optional.of(certificateName());
            } else if (issuer.isEmpty() && reader.take("ISSUER")) {
                issuer = Optional.of(certificateName());
            } else {
                throw text.wrong("NONE, SSL, X509, SUBJECT 's' or ISSUER 'i' is due");
            }
        } while (reader.take("AND") || reader.sees("SUBJECT") || reader.sees("ISSUER"));
        return new TlsRequirement(TlsRequirement.Kind.CERTIFICATE, subject, issuer);
    }

    private String certificateName() {
        return text.takeString()
                .filter(name -> name.startsWith("/"))
                .orElseThrow(() ->
                        text.wrong(
                                "a name in a certificate is due, such as '/C=SE/O=Shop/CN=app'"));
    }

    private AccountChanges limits(AccountChanges before) {
        AccountChanges changes = before;
        boolean some = false;
        while (reader.sees("MAX_USER_CONNECTIONS") || reader.sees("MAX_STATEMENTS")) {
            some = true;
            changes =
                    reader.take("MAX_USER_CONNECTIONS")
                            ? changes.withConnectionsMax(number())
                            : reader.take("MAX_STATEMENTS")
                                    ? changes.withStatementsMax(number())
                                    : changes;
        }
        if (!some) {
            throw text.wrong("the limits are MAX_USER_CONNECTIONS and MAX_STATEMENTS");
        }
        return changes;
    }

    private int number() {
        return reader.takeNumber()
                .filter(number -> number <= 1_000_000)
                .map(Long::intValue)
                .orElseThrow(() -> text.wrong("a number from 0, for no limit, to 1000000 is due"));
    }

    /** A connection of another character set shows here. */
    private void requireReadable(String value) {
        if (value.indexOf('\uFFFD') >= 0) {
            throw text.wrong("send it as UTF-8 (SET NAMES utf8mb4)");
        }
    }
}
