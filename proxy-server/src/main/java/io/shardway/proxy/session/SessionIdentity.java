package io.shardway.proxy.session;

import io.shardway.router.topology.AccountName;
import io.shardway.router.topology.AccountRight;
import io.shardway.router.topology.Rights;

/**
 * Who a session is. Immutable.
 *
 * @param host the client's address, as USER() tells it
 * @param rights at present
 */
public record SessionIdentity(AccountName account, String host, Rights rights) {

    /** The name the client logged in with. */
    public String user() {
        return account.user();
    }

    /** May administer the cluster. */
    public boolean admin() {
        return rights.allowEverywhere(AccountRight.ADMIN);
    }

    SessionIdentity with(Rights now) {
        return now.equals(rights) ? this : new SessionIdentity(account, host, now);
    }

    /** What USER() tells. */
    public String userAtHost() {
        return user() + "@" + host;
    }

    /** What CURRENT_USER() tells. */
    public String currentUser() {
        return account.plain();
    }
}
