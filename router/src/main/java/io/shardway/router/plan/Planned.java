package io.shardway.router.plan;

import io.shardway.router.topology.AccountRight;

/**
 * A plan, and who may have it carried out. Immutable.
 *
 * @param needs of a rejected statement those of what was read before it was rejected: nobody learns
 *     of tables from an error
 */
public record Planned(Plan plan, Needs needs) {

    /** A plan that the tokens alone told: the keyspace is the only one it can reach. */
    public static Planned byTokens(Plan plan) {
        return new Planned(plan, needsOf(plan));
    }

    private static Needs needsOf(Plan plan) {
        return switch (plan) {
            case Plan.Plain(var keyspace, var access, var traits) ->
                    Needs.of(keyspace, right(access, traits));
            case Plan.Stored(var keyspace, var access, var traits) ->
                    Needs.of(keyspace, right(access, traits));
            case Plan.DefineKeyspace(var definition) ->
                    Needs.of(definition.name(), AccountRight.WRITE);
            case Plan.Keyed _,
                    Plan.KeyedInsert _,
                    Plan.AnyShard _,
                    Plan.Assemble _,
                    Plan.OnDefaultShard _,
                    Plan.WriteReference _,
                    Plan.SpreadWrite _,
                    Plan.Explain _,
                    Plan.Load _,
                    Plan.InsertSelect _,
                    Plan.Change _,
                    Plan.Described _,
                    Plan.DefineTable _,
                    Plan.Control _,
                    Plan.Admin _,
                    Plan.Rejected _ ->
                    Needs.NONE;
        };
    }

    /** SELECT ... FOR UPDATE needs what UPDATE needs; a lock by name hurts no row. */
    private static AccountRight right(Access access, Traits traits) {
        return switch (access) {
            case READ -> AccountRight.READ;
            case LOCKING_READ -> traits.pins() ? AccountRight.READ : AccountRight.WRITE;
            case WRITE -> AccountRight.WRITE;
        };
    }
}
