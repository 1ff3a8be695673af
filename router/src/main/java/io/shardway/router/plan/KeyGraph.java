package io.shardway.router.plan;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the conditions of a whole statement say about shard keys: which tables are compared with
 * which values, and from which table to which other one an equality carries a pin. Confined to one
 * call of the planner.
 */
final class KeyGraph {

    private record Edge(TableUse from, TableUse to) {}

    private final Map<TableUse, Set<ValueRef>> pins = new IdentityHashMap<>();
    private final List<Edge> edges = new ArrayList<>();

    void pin(TableUse use, Set<ValueRef> values) {
        pins.computeIfAbsent(use, _ -> new LinkedHashSet<>()).addAll(values);
    }

    /** Rows of {@code to} take part only if their key equals that of a row of {@code from}. */
    void carry(TableUse from, TableUse to) {
        if (from != to) {
            edges.add(new Edge(from, to));
        }
    }

    /** Follows the equalities until nothing changes. */
    void spread() {
        boolean changed = true;
        while (changed) {
            changed = false;
            for (Edge edge : edges) {
                Set<ValueRef> values = pins.getOrDefault(edge.from(), Set.of());
                if (!values.isEmpty()) {
                    changed |=
                            pins.computeIfAbsent(edge.to(), _ -> new LinkedHashSet<>())
                                    .addAll(values);
                }
            }
        }
    }

    /** The tables of which only rows with the key of a row of this one take part; itself too. */
    Set<TableUse> reachedFrom(TableUse use) {
        Set<TableUse> reached = Collections.newSetFromMap(new IdentityHashMap<>());
        reached.add(use);
        boolean changed = true;
        while (changed) {
            changed = false;
            for (Edge edge : edges) {
                changed |= reached.contains(edge.from()) && reached.add(edge.to());
            }
        }
        return reached;
    }

    Set<ValueRef> pinsOf(TableUse use) {
        return pins.getOrDefault(use, Set.of());
    }
}
