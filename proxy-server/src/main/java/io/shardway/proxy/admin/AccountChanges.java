package io.shardway.proxy.admin;

import io.shardway.router.topology.Account;
import io.shardway.router.topology.AccountLimits;
import io.shardway.router.topology.TlsRequirement;
import java.util.Optional;

/**
 * What a statement says of an account besides its name; what it leaves out stays. Immutable.
 *
 * @param retain the present password stays good beside the new one
 * @param discard the password retained before is good no longer
 * @param scatterOff whether statements go to one shard each
 */
record AccountChanges(
        Optional<NewPassword> password,
        boolean retain,
        boolean discard,
        Optional<TlsRequirement> tls,
        Optional<Integer> connectionsMax,
        Optional<Integer> statementsMax,
        Optional<Boolean> scatterOff,
        Optional<Boolean> locked) {

    static final AccountChanges NONE =
            new AccountChanges(
                    Optional.empty(),
                    false,
                    false,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());

    AccountChanges with(NewPassword now) {
        return new AccountChanges(
                Optional.of(now),
                retain,
                discard,
                tls,
                connectionsMax,
                statementsMax,
                scatterOff,
                locked);
    }

    AccountChanges retaining() {
        return new AccountChanges(
                password, true, discard, tls, connectionsMax, statementsMax, scatterOff, locked);
    }

    AccountChanges discarding() {
        return new AccountChanges(
                password, retain, true, tls, connectionsMax, statementsMax, scatterOff, locked);
    }

    AccountChanges with(TlsRequirement now) {
        return new AccountChanges(
                password,
                retain,
                discard,
                Optional.of(now),
                connectionsMax,
                statementsMax,
                scatterOff,
                locked);
    }

    AccountChanges withConnectionsMax(int now) {
        return new AccountChanges(
                password,
                retain,
                discard,
                tls,
                Optional.of(now),
                statementsMax,
                scatterOff,
                locked);
    }

    AccountChanges withStatementsMax(int now) {
        return new AccountChanges(
                password,
                retain,
                discard,
                tls,
                connectionsMax,
                Optional.of(now),
                scatterOff,
                locked);
    }

    AccountChanges scattering(boolean now) {
        return new AccountChanges(
                password,
                retain,
                discard,
                tls,
                connectionsMax,
                statementsMax,
                Optional.of(!now),
                locked);
    }

    AccountChanges locked(boolean now) {
        return new AccountChanges(
                password,
                retain,
                discard,
                tls,
                connectionsMax,
                statementsMax,
                scatterOff,
                Optional.of(now));
    }

    /** Nothing but what everybody may change of the own account. */
    boolean isOfPasswordOnly() {
        return tls.isEmpty()
                && connectionsMax.isEmpty()
                && statementsMax.isEmpty()
                && scatterOff.isEmpty()
                && locked.isEmpty();
    }

    /** All but the password. */
    Account applied(Account account) {
        var limits =
                new AccountLimits(
                        connectionsMax.orElse(account.limits().connectionsMax()),
                        statementsMax.orElse(account.limits().statementsMax()),
                        scatterOff.orElse(account.limits().scatterOff()));
        return account.with(tls.orElse(account.tls()))
                .with(limits)
                .locked(locked.orElse(account.locked()));
    }

    /** Which parts are changed, and to what; of a password only that it is. */
    String described() {
        var text = new StringBuilder();
        password.ifPresent(_ -> text.append(" IDENTIFIED"));
        text.append(retain ? " RETAIN CURRENT PASSWORD" : "");
        text.append(discard ? " DISCARD OLD PASSWORD" : "");
        tls.ifPresent(now -> text.append(" REQUIRE ").append(AccountViews.requires(now)));
        connectionsMax.ifPresent(now -> text.append(" MAX_USER_CONNECTIONS ").append(now));
        statementsMax.ifPresent(now -> text.append(" MAX_STATEMENTS ").append(now));
        scatterOff.ifPresent(now -> text.append(now ? " SCATTER OFF" : " SCATTER ON"));
        locked.ifPresent(now -> text.append(now ? " ACCOUNT LOCK" : " ACCOUNT UNLOCK"));
        return text.toString();
    }
}
