package io.shardway.router.topology;

/**
 * What an account may use of one proxy at once; 0 is no limit. Immutable.
 *
 * @param statementsMax statements in flight
 * @param scatterOff whether its statements go to one shard each
 */
public record AccountLimits(int connectionsMax, int statementsMax, boolean scatterOff) {

    public static final AccountLimits NONE = new AccountLimits(0, 0, false);

    public AccountLimits {
        if (connectionsMax < 0 || statementsMax < 0) {
            throw new IllegalArgumentException("a limit is not negative");
        }
    }
}
