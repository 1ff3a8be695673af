package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.shardway.proxy.protocol.OkPacket;
import io.shardway.proxy.session.Diagnostics;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Adds up what the shards tell of a loaded file to what one MySQL would have told. Confined to its
 * event loop.
 */
final class LoadTold {

    private static final int LISTS_MAX = 8;

    private final Optional<String> maxErrorCount;
    private final List<List<Diagnostics.Condition>> conditions = new ArrayList<>();
    private int repeated;

    /**
     * @param maxErrorCount the session's, if it has one of its own
     */
    LoadTold(Optional<String> maxErrorCount) {
        this.maxErrorCount = maxErrorCount;
    }

    /** Of one statement on a node; of many, not more is kept than a client may ask for. */
    void add(List<Diagnostics.Condition> found) {
        conditions.add(found);
        if (conditions.size() > LISTS_MAX) {
            List<Diagnostics.Condition> kept = kept().conditions();
            conditions.clear();
            conditions.add(kept);
        }
    }

    private Diagnostics kept() {
        List<Diagnostics.Condition> merged = SpreadAnswer.merged(conditions);
        // What is said of the text itself every statement on a node says.
        repeated += conditions.stream().mapToInt(List::size).sum() - merged.size();
        return SpreadAnswer.kept(merged, maxErrorCount);
    }

    /** The whole answer. Immutable. */
    record Answer(OkPacket packet, Diagnostics diagnostics) {}

    /** To be asked once. */
    Answer answer(Collection<LoadPart> parts, int status) {
        Diagnostics diagnostics = kept();
        long warnings = sum(parts, 3) - repeated;
        String info =
                "Records: %d  Deleted: %d  Skipped: %d  Warnings: %d"
                        .formatted(sum(parts, 0), sum(parts, 1), sum(parts, 2), warnings);
        long affected = parts.stream().mapToLong(LoadPart::affected).sum();
        var packet =
                new OkPacket(
                        affected,
                        0,
                        status,
                        (int) Math.min(warnings, 0xFFFF),
                        info.getBytes(UTF_8),
                        List.of());
        return new Answer(packet, diagnostics);
    }

    private static long sum(Collection<LoadPart> parts, int index) {
        return parts.stream().mapToLong(part -> part.count(index)).sum();
    }
}
