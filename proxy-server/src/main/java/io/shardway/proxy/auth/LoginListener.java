package io.shardway.proxy.auth;

import io.shardway.router.ErrorCode;
import io.shardway.router.topology.AccountName;
import java.net.InetAddress;

/** Hears how logins and changes of user end. Called on event loops: must not block. */
public interface LoginListener {

    /** Hears nothing. */
    LoginListener NOBODY =
            new LoginListener() {
                @Override
                public void refused(String user, InetAddress client, ErrorCode code) {}

                @Override
                public void accepted(
                        AccountName account, InetAddress client, long session, boolean tls) {}
            };

    /**
     * @param user as the client sent it
     */
    void refused(String user, InetAddress client, ErrorCode code);

    void accepted(AccountName account, InetAddress client, long session, boolean tls);
}
