package io.shardway.proxy;

import io.shardway.proxy.audit.AuditLog;
import io.shardway.proxy.auth.LoginListener;
import io.shardway.proxy.metrics.ProxyMetrics;
import io.shardway.router.ErrorCode;
import io.shardway.router.topology.AccountName;
import java.net.InetAddress;

/** Counts logins and writes them to the audit log. Thread-safe. */
record AuditedLogins(AuditLog audit, ProxyMetrics metrics) implements LoginListener {

    @Override
    public void refused(String user, InetAddress client, ErrorCode code) {
        metrics.login(false);
        audit.loginRefused(user, client.getHostAddress(), code);
    }

    @Override
    public void accepted(AccountName account, InetAddress client, long session, boolean tls) {
        metrics.login(true);
        audit.loggedIn(session, account.toString(), client.getHostAddress(), tls);
    }
}
