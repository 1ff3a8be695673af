package io.shardway.router.plan;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * One SELECT (or UPDATE, DELETE) with its tables: where column names are looked up. Confined to one
 * call of the planner.
 */
final class QueryBlock {

    private final Optional<QueryBlock> outer;
    private final boolean opaque;
    private final List<TableUse> uses = new ArrayList<>();
    private final Set<TableUse> nullSupplied = new HashSet<>();
    private final Set<String> joinedColumns = new HashSet<>();
    private boolean rightJoined;

    private QueryBlock(Optional<QueryBlock> outer, boolean opaque) {
        this.outer = outer;
        this.opaque = opaque;
    }

    static QueryBlock within(Optional<QueryBlock> outer) {
        return new QueryBlock(outer, false);
    }

    /** A place where names may mean anything, such as ON DUPLICATE KEY UPDATE. */
    static QueryBlock unknown() {
        return new QueryBlock(Optional.empty(), true);
    }

    Optional<QueryBlock> outer() {
        return outer;
    }

    List<TableUse> uses() {
        return uses;
    }

    void add(TableUse use) {
        uses.add(use);
    }

    void addNullSupplied(Set<TableUse> supplied) {
        nullSupplied.addAll(supplied);
    }

    boolean isNullSupplied(TableUse use) {
        return nullSupplied.contains(use);
    }

    /** USING names the column: unqualified, it is the leftmost table's. */
    void joinUsing(String column) {
        joinedColumns.add(column.toLowerCase(Locale.ROOT));
    }

    void joinRight() {
        rightJoined = true;
    }

    /**
     * The table whose column is meant, if that is certain.
     *
     * @param visible the tables an ON condition sees; in WHERE all of this block
     */
    Optional<TableUse> resolve(Names.Column column, List<TableUse> visible) {
        if (opaque) {
            return Optional.empty();
        }
        List<TableUse> candidates = candidates(column, visible);
        if (candidates.size() == 1) {
            return candidates.stream().filter(use -> use.hasColumn(column.name())).findFirst();
        }
        if (candidates.size() > 1) {
            return column.table().isEmpty() ? leftmostJoined(column, candidates) : Optional.empty();
        }
        boolean meantHere = !candidates(column, uses).isEmpty();
        return meantHere
                ? Optional.empty()
                : outer.flatMap(block -> block.resolve(column, block.uses));
    }

    private static List<TableUse> candidates(Names.Column column, List<TableUse> uses) {
        return uses.stream()
                .filter(use ->
                        column.table().isEmpty()
                                ? use.mayHaveColumn(column.name())
                                : use.isCalled(column.keyspace(), column.table()))
                .toList();
    }

    private Optional<TableUse> leftmostJoined(Names.Column column, List<TableUse> candidates) {
        boolean certain =
                !rightJoined
                        && joinedColumns.contains(column.name().toLowerCase(Locale.ROOT))
                        && candidates.stream().allMatch(use -> use.hasColumn(column.name()));
        return certain ? Optional.of(candidates.getFirst()) : Optional.empty();
    }
}
