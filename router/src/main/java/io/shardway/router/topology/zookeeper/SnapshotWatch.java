package io.shardway.router.topology.zookeeper;

import io.shardway.router.topology.Watch;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

/**
 * Hands over ever newer snapshots of one thing. The state is confined to the thread of its {@link
 * Rereader}.
 */
final class SnapshotWatch<T> {

    private final String path;
    private final Nodes nodes;
    private final Nodes.Work<Optional<T>> source;
    private final ToLongFunction<T> number;
    private final Consumer<T> listener;
    private long delivered;

    /**
     * @param path the node that changes with every new snapshot
     * @param source reads a whole snapshot; empty when there is none yet
     * @param number larger for a newer snapshot, at least 1
     */
    SnapshotWatch(
            Nodes nodes,
            String path,
            Nodes.Work<Optional<T>> source,
            ToLongFunction<T> number,
            Consumer<T> listener) {
        this.nodes = nodes;
        this.path = path;
        this.source = source;
        this.number = number;
        this.listener = listener;
    }

    Watch start(String name, Duration interval) {
        return Rereader.start(nodes.curator(), name, interval, this::read);
    }

    private void read(Rereader rereader) throws Exception {
        // First the watch, then the reading: a change in between is told again, never missed.
        nodes.stat(path, rereader.watcher());
        Optional<T> latest = source.run();
        if (latest.isEmpty() || number.applyAsLong(latest.get()) <= delivered) {
            return;
        }
        rereader.handle(() -> listener.accept(latest.get()));
        delivered = number.applyAsLong(latest.get());
    }
}
