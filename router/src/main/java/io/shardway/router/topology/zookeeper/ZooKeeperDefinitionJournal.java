package io.shardway.router.topology.zookeeper;

import io.shardway.router.Deadline;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.topology.DefinitionEntry;
import io.shardway.router.topology.DefinitionJournal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.curator.framework.api.transaction.CuratorOp;
import org.apache.zookeeper.KeeperException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journal of definitions in ZooKeeper: a node for each entry, and a head that says which are
 * open. Thread-safe; methods block.
 *
 * <p>Every write is a compare-and-set and carries an id of its own. When its answer is lost, the
 * entry is read back: either the id stands there or the write did not happen.
 */
final class ZooKeeperDefinitionJournal implements DefinitionJournal {

    private static final Logger LOG = LoggerFactory.getLogger(ZooKeeperDefinitionJournal.class);
    private static final int ATTEMPTS_MAX = 30;
    private static final long BACKOFF_MILLIS_MAX = 50;

    private final Nodes nodes;
    private final Paths paths;
    private final Layout layout;

    ZooKeeperDefinitionJournal(Nodes nodes, Paths paths) {
        this.nodes = nodes;
        this.paths = paths;
        this.layout = new Layout(nodes, paths);
    }

    /** The head as it was read; the version is empty when there is no node yet. */
    private record Head(DefinitionHead head, Optional<Integer> version) {}

    @Override
    public List<DefinitionEntry> entries() {
        return Nodes.call(() -> {
            nodes.sync(paths.definitions());
            var entries = new ArrayList<DefinitionEntry>();
            for (long number : numbers()) {
                load(number).ifPresent(entries::add);
            }
            entries.sort(Comparator.comparingLong(DefinitionEntry::number).reversed());
            return entries;
        });
    }

    @Override
    public List<DefinitionEntry> open() {
        return Nodes.call(() -> {
            var entries = new ArrayList<DefinitionEntry>();
            for (DefinitionHead.Open open : head().head().open()) {
                load(open.number()).ifPresent(entries::add);
            }
            return entries;
        });
    }

    @Override
    public Optional<DefinitionEntry> find(long number) {
        return Nodes.call(() -> {
            nodes.sync(paths.definitions());
            return load(number);
        });
    }

    @Override
    public Lock lock(String keyspace, String holder, Deadline deadline) {
        return Nodes.call(() -> {
            layout.ensure();
            return DefinitionLock.take(nodes, paths.definitionLock(keyspace), holder, deadline);
        });
    }

    @Override
    public Optional<String> lockedBy(String keyspace) {
        return Nodes.call(() -> {
            nodes.sync(paths.definitionLock(keyspace));
            return DefinitionLock.holderOf(nodes, paths.definitionLock(keyspace));
        });
    }

    @Override
    public DefinitionEntry record(DefinitionEntry draft, int entriesMax) {
        return Nodes.call(() -> {
            layout.ensure();
            var document = DefinitionDocument.of(draft, UUID.randomUUID().toString());
            for (int i = 0; i < ATTEMPTS_MAX; i++) {
                Optional<DefinitionEntry> recorded = attempt(draft, document);
                if (recorded.isPresent()) {
                    trim(entriesMax);
                    return recorded.get();
                }
                pause();
            }
            throw conflict();
        });
    }

    private Optional<DefinitionEntry> attempt(DefinitionEntry draft, DefinitionDocument document)
            throws Exception {
        Head head = head();
        String keyspace = draft.statement().keyspace();
        Optional<DefinitionHead.Open> open = head.head().openIn(keyspace);
        if (open.isPresent()) {
            long number = open.get().number();
            if (isOurs(number, document)) {
                return Optional.of(draft.stored(number, 0));
            }
            throw new ShardwayException(
                    ErrorCode.DEFINITION_OPEN, "DDL " + number + " of " + keyspace);
        }
        DefinitionHead next = head.head().opened(keyspace);
        byte[] data = Json.write(document);
        TopologyWriter.requireFits(data.length);
        try {
            nodes.commit(
                    List.of(
                            setHead(head, next),
                            nodes.create(paths.definition(next.last()), data)));
            return Optional.of(draft.stored(next.last(), 0));
        } catch (KeeperException.BadVersionException | KeeperException.NodeExistsException _) {
            return Optional.empty();
        } catch (KeeperException e) {
            if (!Nodes.isLostAnswer(e)) {
                throw e;
            }
            nodes.sync(paths.definitions());
            return Optional.empty(); // The next attempt finds it if it is there.
        }
    }

    @Override
    public DefinitionEntry note(DefinitionEntry entry) {
        return Nodes.call(() -> {
            var document = DefinitionDocument.of(entry, UUID.randomUUID().toString());
            for (int i = 0; i < ATTEMPTS_MAX; i++) {
                if (attemptNote(entry, document)) {
                    return entry.stored(entry.number(), entry.version() + 1);
                }
                pause();
            }
            throw conflict();
        });
    }

    private boolean attemptNote(DefinitionEntry entry, DefinitionDocument document)
            throws Exception {
        byte[] data = Json.write(document);
        var operations = new ArrayList<CuratorOp>();
        operations.add(nodes.set(paths.definition(entry.number()), entry.version(), data));
        if (!entry.isOpen()) {
            Head head = head();
            operations.add(setHead(head, head.head().closed(entry.number())));
        }
        try {
            nodes.commit(operations);
            return true;
        } catch (KeeperException.BadVersionException | KeeperException.NoNodeException _) {
            return settle(entry, document);
        } catch (KeeperException e) {
            if (!Nodes.isLostAnswer(e)) {
                throw e;
            }
            nodes.sync(paths.definitions());
            return settle(entry, document);
        }
    }

    /** Whether our write is there; false when it is to be tried again. */
    private boolean settle(DefinitionEntry entry, DefinitionDocument document) throws Exception {
        Optional<Nodes.Stored> now = nodes.read(paths.definition(entry.number()));
        if (now.isPresent() && isOurs(entry.number(), document)) {
            return true;
        }
        if (now.isEmpty() || now.get().stat().getVersion() != entry.version()) {
            throw new ShardwayException(ErrorCode.DEFINITION_TAKEN_OVER, "DDL " + entry.number());
        }
        return false;
    }

    private boolean isOurs(long number, DefinitionDocument document) throws Exception {
        String path = paths.definition(number);
        return nodes.read(path)
                .map(node -> Json.read(node.data(), DefinitionDocument.class, path))
                .map(stored -> stored.writeId().equals(document.writeId()))
                .orElse(false);
    }

    private Head head() throws Exception {
        Optional<Nodes.Stored> stored = nodes.read(paths.definitions());
        if (stored.isEmpty() || stored.get().data().length == 0) {
            return new Head(DefinitionHead.NONE, stored.map(node -> node.stat().getVersion()));
        }
        return new Head(
                Json.read(stored.get().data(), DefinitionHead.class, paths.definitions()),
                Optional.of(stored.get().stat().getVersion()));
    }

    private CuratorOp setHead(Head before, DefinitionHead next) throws Exception {
        byte[] data = Json.write(next);
        return before.version().isPresent()
                ? nodes.set(paths.definitions(), before.version().get(), data)
                : nodes.create(paths.definitions(), data);
    }

    private List<Long> numbers() throws Exception {
        return nodes.children(paths.definitions()).stream()
                .filter(name -> name.chars().allMatch(c -> c >= '0' && c <= '9'))
                .map(Long::parseLong)
                .sorted()
                .toList();
    }

    private Optional<DefinitionEntry> load(long number) throws Exception {
        String path = paths.definition(number);
        return nodes.read(path).map(node -> decode(path, number, node));
    }

    private static DefinitionEntry decode(String path, long number, Nodes.Stored node) {
        try {
            return Json.read(node.data(), DefinitionDocument.class, path)
                    .toEntry(number, node.stat().getVersion());
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw Json.malformed(path, e);
        }
    }

    /** Done as well as it goes: what stays now goes next time. */
    private void trim(int entriesMax) {
        try {
            DefinitionHead head = head().head();
            List<Long> numbers = numbers();
            int surplus = numbers.size() - entriesMax;
            for (long number : numbers) {
                if (surplus > 0 && !head.isOpen(number)) {
                    nodes.deleteQuietly(paths.definition(number));
                    surplus--;
                }
            }
        } catch (Exception e) {
            LOG.debug("event=journal-trimmed-later reason={}", e.toString());
        }
    }

    private static void pause() throws InterruptedException {
        Thread.sleep(ThreadLocalRandom.current().nextLong(BACKOFF_MILLIS_MAX));
    }

    private static ShardwayException conflict() {
        return new ShardwayException(
                ErrorCode.TOPOLOGY_CONFLICT, "%d times".formatted(ATTEMPTS_MAX));
    }
}
