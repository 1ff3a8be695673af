package io.shardway.proxy.session;

/**
 * Who a session is. Immutable.
 *
 * @param user the account's name
 * @param host the client's address, as USER() tells it
 * @param admin may administer
 * @param mayWrite may change rows
 */
public record SessionIdentity(String user, String host, boolean admin, boolean mayWrite) {

    /** What USER() tells. */
    public String userAtHost() {
        return user + "@" + host;
    }

    /** What CURRENT_USER() tells. */
    public String currentUser() {
        return user + "@%";
    }
}
