package io.shardway.proxy.execution;

import io.shardway.proxy.session.Session;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.plan.Needs;
import io.shardway.router.topology.AccountName;
import io.shardway.router.topology.AccountRight;

/** Says why an account may not run a statement. Stateless. */
final class AccessRefusal {

    private AccessRefusal() {}

    /** A missing right, or else too many statements in flight. */
    static ShardwayException of(Needs needs, Session session) {
        return needs.missingIn(session.account().rights())
                .map(need -> missing(need, session.identity().account()))
                .orElseGet(() ->
                        new ShardwayException(
                                ErrorCode.ACCOUNT_STATEMENTS_EXHAUSTED,
                                "User '%s' has exceeded the 'max_statements' resource (current value: %d)"
                                        .formatted(
                                                session.identity().user(),
                                                session.account().statementsMax())));
    }

    /** The account has not this right. */
    static ShardwayException missing(Needs.Need need, AccountName account) {
        return new ShardwayException(
                need.right() == AccountRight.READ
                        ? ErrorCode.READ_RIGHT_MISSING
                        : ErrorCode.WRITE_RIGHT_MISSING,
                account
                        + " on "
                        + need.keyspace()
                                .map(name -> "keyspace '" + name + "'")
                                .orElse("every keyspace"));
    }
}
