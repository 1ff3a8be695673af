package io.shardway.proxy.admin;

import io.shardway.proxy.query.AdminAnswer;
import io.shardway.router.topology.Account;
import io.shardway.router.topology.AccountRight;
import io.shardway.router.topology.Rights;
import io.shardway.router.topology.TlsRequirement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Accounts as a table, without any hash. Stateless. */
final class AccountViews {

    private AccountViews() {}

    static AdminAnswer.Table table(Collection<Account> accounts) {
        return new AdminAnswer.Table(
                List.of(
                        "account",
                        "rights",
                        "requires",
                        "connections_max",
                        "statements_max",
                        "scatter",
                        "locked",
                        "plugin",
                        "passwords"),
                accounts.stream()
                        .sorted(Comparator.comparing(Account::name))
                        .map(AccountViews::row)
                        .toList());
    }

    private static List<@Nullable String> row(Account account) {
        return List.of(
                account.name().plain(),
                rights(account.rights()),
                requires(account.tls()),
                Integer.toString(account.limits().connectionsMax()),
                Integer.toString(account.limits().statementsMax()),
                account.limits().scatterOff() ? "off" : "on",
                account.locked() ? "yes" : "no",
                account.credential().plugin().mysqlName(),
                Integer.toString(account.credential().hashes().size()));
    }

    private static String rights(Rights rights) {
        var parts = new ArrayList<String>();
        rights.everywhere().ifPresent(right -> parts.add(right + " ON *.*"));
        new TreeMap<String, AccountRight>(rights.byKeyspace())
                .forEach((keyspace, right) -> parts.add(right + " ON " + keyspace + ".*"));
        return String.join(", ", parts);
    }

    static String requires(TlsRequirement tls) {
        return switch (tls.kind()) {
            case NONE -> "NONE";
            case TLS -> "SSL";
            case CERTIFICATE -> {
                var parts = new ArrayList<String>();
                tls.subject().ifPresent(name -> parts.add("SUBJECT '" + name + "'"));
                tls.issuer().ifPresent(name -> parts.add("ISSUER '" + name + "'"));
                yield parts.isEmpty() ? "X509" : String.join(" AND ", parts);
            }
        };
    }
}
