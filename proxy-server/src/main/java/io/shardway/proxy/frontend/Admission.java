package io.shardway.proxy.frontend;

import io.shardway.proxy.session.AccountUses;
import io.shardway.proxy.session.SessionAccount;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.topology.Account;
import io.shardway.router.topology.AccountName;
import io.shardway.router.topology.Accounts;
import io.shardway.router.topology.TlsRequirement;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.security.auth.x500.X500Principal;

/**
 * Decides on clients whose password was right: is the account locked, is the connection as safe as
 * it must be, is there a place. Thread-safe.
 */
final class Admission {

    private final Supplier<Accounts> accounts;
    private final AccountUses uses = new AccountUses();
    private final int connectionsMax;

    /**
     * @param connectionsMax of accounts that have no limit of their own; 0 for none
     */
    Admission(Supplier<Accounts> accounts, int connectionsMax) {
        this.accounts = accounts;
        this.connectionsMax = connectionsMax;
    }

    /** Throws the reason why not. What is returned must be left when the client goes. */
    SessionAccount admit(AccountName name, ClientSide client) {
        Accounts now = accounts.get();
        Account account =
                now.find(name)
                        .orElseThrow(() ->
                                new ShardwayException(ErrorCode.ACCOUNT_DROPPED, name.toString()));
        if (account.locked()) {
            throw new ShardwayException(
                    ErrorCode.ACCOUNT_LOCKED,
                    "user '%s'@'%s'".formatted(name.user(), client.host()));
        }
        if (!isSafe(client, account.tls())) {
            throw new ShardwayException(ErrorCode.CONNECTION_NOT_SAFE, name.toString());
        }
        int own = account.limits().connectionsMax();
        return SessionAccount.enter(
                        account, client.host(), now, uses, own == 0 ? connectionsMax : own)
                .orElseThrow(() -> full(name, own));
    }

    private ShardwayException full(AccountName name, int own) {
        return own == 0
                ? new ShardwayException(
                        ErrorCode.TOO_MANY_ACCOUNT_CONNECTIONS,
                        "User %s already has more than 'max_user_connections' active connections"
                                .formatted(name.user()))
                : new ShardwayException(
                        ErrorCode.ACCOUNT_CONNECTIONS_EXHAUSTED,
                        "User '%s' has exceeded the 'max_user_connections' resource (current value: %d)"
                                .formatted(name.user(), own));
    }

    private static boolean isSafe(ClientSide client, TlsRequirement wanted) {
        return switch (wanted.kind()) {
            case NONE -> true;
            case TLS -> client.tls();
            case CERTIFICATE ->
                    client.certificate().isPresent()
                            && names(
                                    wanted.subject(),
                                    client,
                                    X509Certificate::getSubjectX500Principal)
                            && names(
                                    wanted.issuer(),
                                    client,
                                    X509Certificate::getIssuerX500Principal);
        };
    }

    private static boolean names(
            Optional<String> wanted,
            ClientSide client,
            Function<X509Certificate, X500Principal> part) {
        return wanted.isEmpty()
                || client.certificate().map(part).flatMap(CertificateName::of).equals(wanted);
    }
}
