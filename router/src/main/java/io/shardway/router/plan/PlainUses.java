package io.shardway.router.plan;

import io.shardway.router.ErrorCode;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A statement that names tables of a plain keyspace from outside of it: it runs under that
 * keyspace's account, so it can name nothing else. Stateless.
 */
final class PlainUses {

    private PlainUses() {}

    /** Empty if it names no plain keyspace. */
    static Optional<Plan> plan(List<TableUse> uses, Access access, Traits traits) {
        List<TableUse> tables =
                uses.stream().filter(use -> use.origin() != TableUse.Origin.DERIVED).toList();
        Set<String> plain =
                tables.stream()
                        .filter(use -> use.origin() == TableUse.Origin.PLAIN)
                        .map(TableUse::keyspace)
                        .collect(Collectors.toSet());
        if (plain.isEmpty()) {
            return Optional.empty();
        }
        for (TableUse use : tables) {
            if (use.origin() != TableUse.Origin.PLAIN || plain.size() > 1) {
                throw new PlanRejection(
                        ErrorCode.TWO_KEYSPACES,
                        "table " + use.describe() + " of " + use.keyspace());
            }
        }
        return Optional.of(new Plan.Plain(plain.iterator().next(), access, traits));
    }
}
