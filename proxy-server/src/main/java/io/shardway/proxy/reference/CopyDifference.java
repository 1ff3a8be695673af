package io.shardway.proxy.reference;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The rows in which a copy differs from the default shard's, by the text of their keys. Immutable.
 *
 * @param missing only the default shard has them
 * @param extra only the copy has them
 * @param changed both have them
 */
record CopyDifference(List<String> missing, List<String> extra, List<String> changed) {

    /** So many rows are held in memory at once. */
    private static final long ROWS_MAX = 50_000;

    /** Parts that are read together. */
    record Batch(List<Integer> parts) {}

    CopyDifference {
        missing = List.copyOf(missing);
        extra = List.copyOf(extra);
        changed = List.copyOf(changed);
    }

    /** The parts that differ, in batches small enough for memory. */
    static List<Batch> batches(
            Map<Integer, CopyRows.Part> first, Map<Integer, CopyRows.Part> copy) {
        var numbers = new TreeSet<>(first.keySet());
        numbers.addAll(copy.keySet());
        var none = new CopyRows.Part(0, "");
        var batches = new ArrayList<Batch>();
        var batch = new ArrayList<Integer>();
        long rows = 0;
        for (int number : numbers) {
            CopyRows.Part here = first.getOrDefault(number, none);
            CopyRows.Part there = copy.getOrDefault(number, none);
            if (here.equals(there)) {
                continue;
            }
            long more = here.rows() + there.rows();
            if (!batch.isEmpty() && rows + more > ROWS_MAX) {
                batches.add(new Batch(List.copyOf(batch)));
                batch.clear();
                rows = 0;
            }
            batch.add(number);
            rows += more;
        }
        if (!batch.isEmpty()) {
            batches.add(new Batch(List.copyOf(batch)));
        }
        return batches;
    }

    static CopyDifference of(CopyRows rows, Connection first, Connection copy, Batch batch)
            throws SQLException {
        Map<String, String> here = rows.digests(first, batch.parts());
        Map<String, String> there = rows.digests(copy, batch.parts());
        var missing = new ArrayList<String>();
        var changed = new ArrayList<String>();
        here.forEach((key, digest) -> {
            String other = there.get(key);
            if (other == null) {
                missing.add(key);
            } else if (!other.equals(digest)) {
                changed.add(key);
            }
        });
        Set<String> extra = new HashSet<>(there.keySet());
        extra.removeAll(here.keySet());
        return new CopyDifference(missing, List.copyOf(extra), changed);
    }

    long rows() {
        return (long) missing.size() + extra.size() + changed.size();
    }
}
