package io.shardway.proxy.auth;

import java.net.InetAddress;
import java.util.Optional;

/** Where logins find accounts. Called on event loops: must be thread-safe and must not block. */
@FunctionalInterface
public interface AccountSource {

    /** The account that a client at {@code client} means by {@code user}; empty for none. */
    Optional<LoginAccount> find(String user, InetAddress client);
}
