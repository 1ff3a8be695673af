package io.shardway.router.topology.zookeeper;

import io.shardway.router.topology.KillOutcome;
import io.shardway.router.topology.KillRequest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.zookeeper.KeeperException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers what comes into one inbox. Confined to the thread of its {@link Rereader}. */
final class KillInbox {

    private static final Logger LOG = LoggerFactory.getLogger(KillInbox.class);

    private final Nodes nodes;
    private final String path;
    private final String incarnation;
    private final Function<KillRequest, KillOutcome> handler;

    /** By node name; a request is handled once even if its outcome must be written twice. */
    private final Map<String, KillOutcome> handled = new HashMap<>();

    KillInbox(
            Nodes nodes,
            String path,
            String incarnation,
            Function<KillRequest, KillOutcome> handler) {
        this.nodes = nodes;
        this.path = path;
        this.incarnation = incarnation;
        this.handler = handler;
    }

    void read(Rereader rereader) throws Exception {
        List<String> names =
                nodes.curator().getChildren().usingWatcher(rereader.watcher()).forPath(path);
        handled.keySet().retainAll(names);
        for (String name : names) {
            Optional<Nodes.Stored> node = nodes.read(path + "/" + name);
            if (node.isPresent() && node.get().stat().getVersion() == 0) {
                answer(rereader, name, node.get());
            }
        }
    }

    private void answer(Rereader rereader, String name, Nodes.Stored node) throws Exception {
        String request = path + "/" + name;
        KillDocument document = Json.read(node.data(), KillDocument.class, request);
        if (!handled.containsKey(name)) {
            rereader.handle(() -> handled.put(name, handle(document)));
        }
        KillOutcome outcome = handled.get(name);
        if (outcome == null) {
            return; // Closed meanwhile.
        }
        try {
            nodes.commit(List.of(nodes.set(request, 0, Json.write(document.answered(outcome)))));
        } catch (KeeperException.NoNodeException | KeeperException.BadVersionException _) {
            // The sender gave up, or this answer came through although its own was lost.
        }
    }

    private KillOutcome handle(KillDocument document) {
        if (!document.incarnation().equals(incarnation)) {
            return KillOutcome.UNREACHABLE;
        }
        try {
            return handler.apply(document.toRequest());
        } catch (RuntimeException e) {
            LOG.error("connection={} could not be killed", document.connectionId(), e);
            return KillOutcome.UNREACHABLE;
        }
    }
}
