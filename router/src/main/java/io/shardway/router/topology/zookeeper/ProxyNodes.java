package io.shardway.router.topology.zookeeper;

import io.shardway.router.keyspace.Epoch;
import io.shardway.router.topology.ProxyLife;
import io.shardway.router.topology.ProxyState;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.zookeeper.Watcher;

/** Reads the nodes under {@code /proxies}. Thread-safe. */
final class ProxyNodes {

    private final Nodes nodes;
    private final Paths paths;

    ProxyNodes(Nodes nodes, Paths paths) {
        this.nodes = nodes;
        this.paths = paths;
    }

    /**
     * One proxy as stored.
     *
     * @param version of its node: it changes with every registration
     */
    record Entry(ProxyState state, int version) {}

    /** By number. */
    List<Entry> entries() throws Exception {
        var entries = new ArrayList<Entry>();
        for (int number : numbers()) {
            entry(number).ifPresent(entries::add);
        }
        return entries;
    }

    List<ProxyState> states() throws Exception {
        return entries().stream().map(Entry::state).toList();
    }

    /** Hears of the next proxy that comes or goes, dies or revives, or announces. */
    void watch(List<ProxyState> states, Watcher watcher) throws Exception {
        for (ProxyState state : states) {
            if (state.alive()) {
                nodes.stat(paths.alive(state.number()), watcher);
                nodes.stat(paths.announced(state.number()), watcher);
            }
        }
    }

    Optional<Entry> entry(int number) throws Exception {
        Optional<Nodes.Stored> node = nodes.read(paths.proxy(number));
        if (node.isEmpty()) {
            return Optional.empty();
        }
        var document = Json.read(node.get().data(), ProxyDocument.class, paths.proxy(number));
        boolean alive = nodes.stat(paths.alive(number)).isPresent();
        // A proxy that goes away between these readings is one that announced nothing.
        Epoch announced =
                nodes.read(paths.announced(number))
                        .map(stored -> epochOf(stored, paths.announced(number)))
                        .orElse(Epoch.NONE);
        try {
            var state =
                    new ProxyState(number, document.toInfo(), lifeOf(document, alive), announced);
            return Optional.of(new Entry(state, node.get().stat().getVersion()));
        } catch (IllegalArgumentException | DateTimeException e) {
            throw Json.malformed(paths.proxy(number), e);
        }
    }

    static byte[] bytesOf(Epoch epoch) {
        return epoch.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private List<Integer> numbers() throws Exception {
        return nodes.children(paths.proxies()).stream()
                .filter(Predicate.not(String::isEmpty))
                .map(Integer::valueOf)
                .sorted()
                .toList();
    }

    private static ProxyLife lifeOf(ProxyDocument document, boolean alive) {
        if (document.stopped()) {
            return ProxyLife.STOPPED;
        }
        return alive ? ProxyLife.ALIVE : ProxyLife.LOST;
    }

    private static Epoch epochOf(Nodes.Stored stored, String path) {
        try {
            return new Epoch(Long.parseLong(new String(stored.data(), StandardCharsets.US_ASCII)));
        } catch (IllegalArgumentException e) {
            throw Json.malformed(path, e);
        }
    }
}
