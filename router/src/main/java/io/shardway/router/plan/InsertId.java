package io.shardway.router.plan;

/** What a statement that succeeds does to LAST_INSERT_ID(), unless it calls it. */
public enum InsertId {
    /** Leaves it as it was. */
    KEPT,
    /** Makes it the id that the OK packet reports: each row draws one. */
    DRAWN,
    /**
     * The OK packet does not tell: it reports ids that were given, ids that INSERT IGNORE drew and
     * did not use, and those of rows that were there before.
     */
    UNCLEAR
}
