package io.shardway.proxy.frontend;

import io.shardway.proxy.backend.SettingsProfile;
import io.shardway.proxy.protocol.Collations;
import io.shardway.proxy.session.SessionIdentity;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.sql.Charsets;
import io.shardway.router.topology.Account;
import io.shardway.router.topology.AccountRight;
import io.shardway.router.topology.Accounts;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** What a new session begins with. Thread-safe. */
final class SessionFactory {

    private final Supplier<Accounts> accounts;

    SessionFactory(Supplier<Accounts> accounts) {
        this.accounts = accounts;
    }

    SessionIdentity identity(String user, InetAddress client) {
        Optional<Account> account = accounts.get().find(user);
        AccountRight right = account.map(Account::right).orElse(AccountRight.READ);
        String host = client.isLoopbackAddress() ? "localhost" : client.getHostAddress();
        return new SessionIdentity(
                user, host, right.includes(AccountRight.ADMIN), right.includes(AccountRight.WRITE));
    }

    /** The settings that the collation named at login stands for. */
    SettingsProfile profileOf(int collation) {
        int known = Collations.nameOf(collation).isPresent() ? collation : Collations.UTF8MB4;
        String name = Collations.nameOf(known).orElseThrow();
        String charset = Collations.charsetOf(known).orElseThrow();
        if (Charsets.isUnsafe(charset)) {
            throw new ShardwayException(
                    ErrorCode.NOT_OFFERED, "character set " + charset + "; use utf8mb4");
        }
        Map<String, String> literals = new HashMap<>();
        literals.put("character_set_client", "'" + charset + "'");
        literals.put("character_set_results", "'" + charset + "'");
        literals.put("collation_connection", "'" + name + "'");
        return SettingsProfile.of(literals);
    }
}
