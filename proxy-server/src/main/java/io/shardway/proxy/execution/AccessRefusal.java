package io.shardway.proxy.execution;

import io.shardway.proxy.session.Session;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.plan.Needs;
import io.shardway.router.topology.AccountRight;

/** Says why an account may not run a statement. Stateless. */
final class AccessRefusal {

    private AccessRefusal() {}

    /** A missing right, or else too many statements in flight. */
    static ShardwayException of(Needs needs, Session session) {
        String account = session.identity().account().toString();
        return needs.missingIn(session.account().rights())
                .map(need ->
                        new ShardwayException(
                                need.right() == AccountRight.READ
                                        ? ErrorCode.READ_RIGHT_MISSING
                                        : ErrorCode.WRITE_RIGHT_MISSING,
                                account
                                        + " on "
                                        + need.keyspace()
                                                .map(name -> "keyspace '" + name + "'")
                                                .orElse("every keyspace")))
                .orElseGet(() ->
                        new ShardwayException(
                                ErrorCode.ACCOUNT_STATEMENTS_EXHAUSTED,
                                "User '%s' has exceeded the 'max_statements' resource (current value: %d)"
                                        .formatted(
                                                session.identity().user(),
                                                session.account().statementsMax())));
    }
}
