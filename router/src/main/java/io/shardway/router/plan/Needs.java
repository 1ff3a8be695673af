package io.shardway.router.plan;

import io.shardway.router.topology.AccountRight;
import io.shardway.router.topology.Rights;
import java.util.List;
import java.util.Optional;

/** The rights an account needs to run a statement, all of them. Immutable. */
public record Needs(List<Need> all) {

    /** For statements that touch no keyspace. */
    public static final Needs NONE = new Needs(List.of());

    /**
     * One right.
     *
     * @param keyspace empty: in every keyspace
     */
    public record Need(Optional<String> keyspace, AccountRight right) {

        boolean metBy(Rights rights) {
            return keyspace.isEmpty()
                    ? rights.allowEverywhere(right)
                    : rights.allow(keyspace.get(), right);
        }
    }

    public Needs {
        all = List.copyOf(all);
    }

    public static Needs of(String keyspace, AccountRight right) {
        return new Needs(List.of(new Need(Optional.of(keyspace), right)));
    }

    /** For what cannot be told by keyspace. */
    public static Needs everywhere(AccountRight right) {
        return new Needs(List.of(new Need(Optional.empty(), right)));
    }

    /** On the path of every statement: allocates nothing. */
    public boolean metBy(Rights rights) {
        for (int index = 0; index < all.size(); index++) {
            if (!all.get(index).metBy(rights)) {
                return false;
            }
        }
        return true;
    }

    /** The first that is not met. */
    public Optional<Need> missingIn(Rights rights) {
        return all.stream().filter(need -> !need.metBy(rights)).findFirst();
    }
}
