package io.shardway.router.topology;

/**
 * Somebody who may log in at the proxies. Immutable.
 *
 * @param locked nobody logs in to it; sessions that are there go on
 */
public record Account(
        AccountName name,
        Credential credential,
        Rights rights,
        TlsRequirement tls,
        AccountLimits limits,
        boolean locked) {

    /** From any address, without limits, with the same right in every keyspace. */
    public static Account of(String user, byte[] password, AuthPlugin plugin, AccountRight right) {
        return of(AccountName.of(user), Credential.of(plugin, password))
                .with(Rights.everywhere(right));
    }

    /** Without rights and limits. */
    public static Account of(AccountName name, Credential credential) {
        return new Account(
                name, credential, Rights.NONE, TlsRequirement.NONE, AccountLimits.NONE, false);
    }

    public Account with(Credential now) {
        return new Account(name, now, rights, tls, limits, locked);
    }

    public Account with(Rights now) {
        return new Account(name, credential, now, tls, limits, locked);
    }

    public Account with(TlsRequirement now) {
        return new Account(name, credential, rights, now, limits, locked);
    }

    public Account with(AccountLimits now) {
        return new Account(name, credential, rights, tls, now, locked);
    }

    public Account locked(boolean now) {
        return new Account(name, credential, rights, tls, limits, now);
    }
}
