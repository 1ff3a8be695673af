package io.shardway.proxy;

import io.shardway.proxy.execution.Keyspaces;
import io.shardway.proxy.query.KeyspaceAdmin;
import io.shardway.router.Deadline;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.SchemaEpoch;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.KeyspaceDefinition;
import io.shardway.router.topology.Keyspace;
import io.shardway.router.topology.KeyspaceState;
import io.shardway.router.topology.Node;
import io.shardway.router.topology.ProxyRegistry;
import io.shardway.router.topology.ProxyState;
import io.shardway.router.topology.Topology;
import io.shardway.router.topology.TopologyStore;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes, changes and drops keyspaces: what is begun stands in the topology before a node is
 * touched, so that it can be gone on with. Thread-safe; one change of a keyspace or its tables at a
 * time, over all proxies.
 */
final class TopologyKeyspaces implements Keyspaces, KeyspaceAdmin {

    private static final Logger LOG = LoggerFactory.getLogger(TopologyKeyspaces.class);

    private static final int NAME_LENGTH_MAX = 64;

    /** The server's own schemas, and the one in which Shardway keeps its tables on the nodes. */
    private static final Set<String> RESERVED =
            Set.of("information_schema", "performance_schema", "mysql", "sys", "shardway");

    private final TopologyStore store;
    private final ProxyRegistry registry;
    private final KeyspaceNodes nodes;
    private final KeyspaceGuard guard;
    private final Duration announceTimeout;

    TopologyKeyspaces(
            TopologyStore store,
            ProxyRegistry registry,
            KeyspaceNodes nodes,
            KeyspaceGuard guard,
            Duration announceTimeout) {
        this.store = store;
        this.registry = registry;
        this.nodes = nodes;
        this.guard = guard;
        this.announceTimeout = announceTimeout;
    }

    @Override
    public String definerOf(String keyspace) {
        return AccountNames.definer(keyspace);
    }

    @Override
    public void define(KeyspaceDefinition definition, Consumer<Outcome> receiver) {
        Thread.ofVirtual().name("keyspace").start(() -> receiver.accept(outcomeOf(definition)));
    }

    @Override
    public String create(String name, String shardKey, boolean ifNotExists) {
        Outcome outcome =
                outcomeOf("CREATE KEYSPACE", name, turn -> create(turn, Optional.of(shardKey), ""));
        if (outcome instanceof Outcome.Exists && ifNotExists) {
            return "the keyspace exists";
        }
        return told(outcome, name, "made");
    }

    @Override
    public String alter(String name, Optional<String> shardKey) {
        return told(
                outcomeOf("ALTER KEYSPACE", name, turn -> changeKind(turn, shardKey)),
                name,
                "changed");
    }

    private static String told(Outcome outcome, String name, String done) {
        return switch (outcome) {
            case Outcome.Done _ -> "keyspace " + name + " " + done;
            case Outcome.Exists _ ->
                    throw new ShardwayException(
                            ErrorCode.KEYSPACE_ON_NODE, name + " is a keyspace already");
            case Outcome.Missing _ -> throw new ShardwayException(ErrorCode.UNKNOWN_KEYSPACE, name);
            case Outcome.RefusedByNode refused ->
                    throw new ShardwayException(
                            ErrorCode.KEYSPACE_HALF_DONE, "nothing was done: " + refused.message());
            case Outcome.Failed(var reason) -> throw reason;
        };
    }

    private Outcome outcomeOf(KeyspaceDefinition definition) {
        String doing =
                switch (definition) {
                    case KeyspaceDefinition.Create _ -> "CREATE DATABASE";
                    case KeyspaceDefinition.Alter _ -> "ALTER DATABASE";
                    case KeyspaceDefinition.Drop _ -> "DROP DATABASE";
                };
        return outcomeOf(doing, definition.name(), turn -> define(definition, turn));
    }

    private Outcome outcomeOf(String doing, String name, Function<KeyspaceTurn, Outcome> change) {
        try (var turn = guard.turn(name, doing + " " + name)) {
            return change.apply(turn);
        } catch (ShardwayException failed) {
            return new Outcome.Failed(failed);
        } catch (KeyspaceSteps.Refused refused) {
            return new Outcome.Failed(refused.halfDone());
        } catch (RuntimeException bug) {
            LOG.error("event=bug code={}", ErrorCode.BUG.id(), bug);
            return new Outcome.Failed(new ShardwayException(ErrorCode.BUG, "defining a keyspace"));
        }
    }

    private Outcome define(KeyspaceDefinition definition, KeyspaceTurn turn) {
        return switch (definition) {
            case KeyspaceDefinition.Create create ->
                    create(turn, Optional.empty(), create.options());
            case KeyspaceDefinition.Alter alter -> alter(alter, turn);
            case KeyspaceDefinition.Drop _ -> drop(turn);
        };
    }

    // ---- CREATE

    private Outcome create(KeyspaceTurn turn, Optional<String> shardKey, String options) {
        String name = turn.keyspace();
        checkName(name);
        Topology topology = store.read();
        Optional<Keyspace> existing = topology.keyspace(name);
        if (existing.isPresent() && existing.get().isServed()) {
            return new Outcome.Exists();
        }
        if (existing.isPresent()) {
            requireBegunSo(existing.get(), shardKey);
        }
        var wanted = keyspace(name, shardKey, KeyspaceState.MAKING);
        List<Node> primaries = primariesOf(wanted, topology);
        if (existing.isEmpty()) {
            requireNowhere(name, primaries);
        }
        var steps = new KeyspaceSteps();
        steps.then("note it in the topology", () -> update(turn, _ -> Optional.of(wanted)));
        for (Node node : primaries) {
            steps.then(
                    "create the schema on " + node.name(),
                    () -> nodes.createSchema(turn, node, options));
        }
        serveFrom(turn, wanted, steps, topology);
        try {
            steps.run();
        } catch (KeyspaceSteps.Refused refused) {
            return existing.isEmpty() && takenBack(turn, primaries)
                    ? refusedByNode(refused.reason())
                    : new Outcome.Failed(refused.halfDone());
        }
        LOG.info("event=keyspace-made keyspace={}", name);
        return new Outcome.Done(1);
    }

    /** A half-made keyspace is gone on with only as it was begun. */
    private static void requireBegunSo(Keyspace existing, Optional<String> shardKey) {
        boolean same =
                existing.state() == KeyspaceState.MAKING && existing.shardKey().equals(shardKey);
        if (!same) {
            String begun =
                    existing.state() == KeyspaceState.DROPPING
                            ? "it is being dropped: send DROP DATABASE again"
                            : "it was begun in another way: drop it, or go on so";
            throw new ShardwayException(ErrorCode.KEYSPACE_HALF_DONE, begun);
        }
    }

    private void requireNowhere(String name, List<Node> primaries) {
        for (Node node : primaries) {
            try {
                if (nodes.exists(node, name)) {
                    throw new ShardwayException(ErrorCode.KEYSPACE_ON_NODE, node.name());
                }
            } catch (SQLException away) {
                throw unavailable(node, away);
            }
        }
    }

    private void serveFrom(
            KeyspaceTurn turn, Keyspace made, KeyspaceSteps steps, Topology topology) {
        Node home = topology.shard(topology.defaultShard()).primary();
        if (!made.isSharded()) {
            steps.then("make the definer account", () -> nodes.makeDefiner(turn, home));
        }
        steps.then(
                "serve it",
                () ->
                        awaitServed(
                                update(
                                        turn,
                                        now -> now.map(each -> each.in(KeyspaceState.SERVED)))));
    }

    /** Whether nothing is left of a keyspace whose schema MySQL refused to make. */
    private boolean takenBack(KeyspaceTurn turn, List<Node> primaries) {
        String name = turn.keyspace();
        try {
            for (Node node : primaries) {
                if (nodes.isEmpty(node, name)) {
                    nodes.dropSchema(turn, node);
                }
            }
            update(turn, _ -> Optional.empty());
            return true;
        } catch (SQLException | ShardwayException failed) {
            LOG.warn("event=keyspace-left keyspace={} reason={}", name, failed.getMessage());
            return false;
        }
    }

    // ---- ALTER

    private Outcome alter(KeyspaceDefinition.Alter alter, KeyspaceTurn turn) {
        Topology topology = store.read();
        Optional<Keyspace> existing = topology.keyspace(alter.name()).filter(Keyspace::isServed);
        if (existing.isEmpty()) {
            return new Outcome.Missing();
        }
        List<Node> primaries = primariesOf(existing.get(), topology);
        var done = new ArrayList<Node>();
        var steps = new KeyspaceSteps();
        for (Node node : primaries) {
            steps.then(
                    "alter the schema on " + node.name(),
                    () -> {
                        nodes.alterSchema(turn, node, alter.options());
                        done.add(node);
                    });
        }
        try {
            steps.run();
        } catch (KeyspaceSteps.Refused refused) {
            return done.isEmpty()
                    ? refusedByNode(refused.reason())
                    : new Outcome.Failed(refused.halfDone());
        }
        return new Outcome.Done(1);
    }

    private Outcome changeKind(KeyspaceTurn turn, Optional<String> shardKey) {
        String name = turn.keyspace();
        Topology topology = store.read();
        Optional<Keyspace> existing = topology.keyspace(name);
        if (existing.isEmpty() || existing.get().state() == KeyspaceState.DROPPING) {
            return new Outcome.Missing();
        }
        Keyspace before = existing.get();
        if (before.isServed() && before.shardKey().equals(shardKey)) {
            return new Outcome.Done(0);
        }
        if (!before.tables().isEmpty()) {
            throw new ShardwayException(ErrorCode.KEYSPACE_NOT_EMPTY, name);
        }
        guard.requireNoneOpen(name);
        requireEmpty(name, topology);
        Keyspace wanted = keyspace(name, shardKey, KeyspaceState.MAKING);
        awaitDrained(update(turn, _ -> Optional.of(wanted)));
        try {
            requireEmpty(name, topology);
        } catch (ShardwayException notEmpty) {
            awaitDrained(update(turn, _ -> Optional.of(before)));
            throw notEmpty;
        }
        var steps = new KeyspaceSteps();
        takeAccountsAway(turn, topology, steps);
        for (Node node : primariesOf(topology)) {
            boolean needed = primariesOf(wanted, topology).contains(node);
            steps.then(
                    (needed ? "create the schema on " : "drop the empty schema on ") + node.name(),
                    () -> {
                        if (needed) {
                            nodes.createSchema(turn, node, "");
                        } else {
                            nodes.dropSchema(turn, node);
                        }
                    });
        }
        serveFrom(turn, wanted, steps, topology);
        steps.run();
        LOG.info("event=keyspace-changed keyspace={} shardKey={}", name, shardKey.orElse("none"));
        return new Outcome.Done(0);
    }

    private void requireEmpty(String name, Topology topology) {
        for (Node node : primariesOf(topology)) {
            try {
                if (!nodes.isEmpty(node, name)) {
                    throw new ShardwayException(
                            ErrorCode.KEYSPACE_NOT_EMPTY, name + " on node " + node.name());
                }
            } catch (SQLException away) {
                throw unavailable(node, away);
            }
        }
    }

    // ---- DROP

    private Outcome drop(KeyspaceTurn turn) {
        String name = turn.keyspace();
        Topology topology = store.read();
        Optional<Keyspace> existing = topology.keyspace(name);
        if (existing.isEmpty()) {
            return new Outcome.Missing();
        }
        Keyspace before = existing.get();
        awaitDrained(update(turn, now -> now.map(each -> each.in(KeyspaceState.DROPPING))));
        var steps = new KeyspaceSteps();
        var dropped = new ArrayList<Long>();
        for (Node node : primariesOf(before, topology)) {
            steps.then(
                    "drop the schema on " + node.name(),
                    () -> dropped.add(nodes.dropSchema(turn, node)));
        }
        takeAccountsAway(turn, topology, steps);
        steps.then("end its open definitions", () -> guard.endAll(turn));
        steps.then("forget it in the topology", () -> update(turn, _ -> Optional.empty()));
        try {
            steps.run();
        } catch (KeyspaceSteps.Refused refused) {
            boolean untouched = dropped.isEmpty() && before.isServed() && isRefusal(refused);
            if (untouched) {
                awaitDrained(update(turn, _ -> Optional.of(before)));
                return refusedByNode(refused.reason());
            }
            return new Outcome.Failed(refused.halfDone());
        }
        LOG.info("event=keyspace-dropped keyspace={}", name);
        return new Outcome.Done(dropped.getFirst());
    }

    /** MySQL answered; else nobody knows what it did. */
    private static boolean isRefusal(KeyspaceSteps.Refused refused) {
        return refused.reason().getErrorCode() > 0;
    }

    /** Rights would else wait for the next keyspace of this name. */
    private void takeAccountsAway(KeyspaceTurn turn, Topology topology, KeyspaceSteps steps) {
        String name = turn.keyspace();
        Node home = topology.shard(topology.defaultShard()).primary();
        List<Integer> numbers = registry.proxies().stream().map(ProxyState::number).toList();
        steps.then(
                "drop the definer",
                () -> nodes.dropAccount(turn, home, AccountNames.definer(name)));
        for (int number : numbers) {
            steps.then(
                    "drop the account of proxy " + number,
                    () -> nodes.dropAccount(turn, home, AccountNames.plain(number, name)));
            for (Node node : primariesOf(topology)) {
                steps.then(
                        "take the rights of proxy " + number + " on " + node.name(),
                        () -> nodes.revoke(turn, node, AccountNames.serving(number)));
            }
        }
    }

    // ---- topology

    private static Keyspace keyspace(String name, Optional<String> shardKey, KeyspaceState state) {
        return new Keyspace(
                name,
                shardKey,
                shardKey.isPresent() ? Keyspace.DEFAULT_ID_STRIDE : 1,
                new SchemaEpoch(0),
                Map.of(),
                state,
                Optional.empty(),
                0);
    }

    private static void checkName(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (name.length() > NAME_LENGTH_MAX || name.isBlank() || name.endsWith(" ")) {
            throw new ShardwayException(
                    ErrorCode.KEYSPACE_NAME_REFUSED, "1 to 64 characters, no space at the end");
        }
        if (RESERVED.contains(lower)) {
            throw new ShardwayException(ErrorCode.KEYSPACE_NAME_REFUSED, name + " is reserved");
        }
        if (name.contains("/")) {
            throw new ShardwayException(ErrorCode.KEYSPACE_NAME_REFUSED, "no slash");
        }
    }

    private Topology update(KeyspaceTurn turn, UnaryOperator<Optional<Keyspace>> change) {
        String name = turn.keyspace();
        return store.update(topology -> {
            // After it was read, before it is stored by compare-and-set.
            turn.requireHeld();
            var keyspaces = new HashMap<>(topology.keyspaces());
            Optional<Keyspace> now = change.apply(topology.keyspace(name));
            now.ifPresentOrElse(
                    keyspace -> keyspaces.put(name, keyspace), () -> keyspaces.remove(name));
            return new Topology(
                    topology.epoch(),
                    topology.shards(),
                    topology.defaultShard(),
                    topology.bucketMap(),
                    keyspaces);
        });
    }

    /** Until every living proxy serves it. */
    private void awaitServed(Topology stored) {
        List<String> late = late(stored);
        if (!late.isEmpty()) {
            throw new ShardwayException(ErrorCode.NOT_ANNOUNCED, String.join(", ", late));
        }
    }

    /** A proxy that is late hears MySQL's errors instead of ours. */
    private void awaitDrained(Topology stored) {
        List<String> late = late(stored);
        if (!late.isEmpty()) {
            LOG.warn("event=proxies-late epoch={} proxies={}", stored.epoch(), late);
        }
    }

    private List<String> late(Topology stored) {
        return registry.awaitAnnounced(stored.epoch(), Deadline.after(announceTimeout)).stream()
                .filter(ProxyState::alive)
                .map(proxy -> proxy.info().name())
                .toList();
    }

    /** Of the shards that hold the keyspace, the default shard's first. */
    private static List<Node> primariesOf(Keyspace keyspace, Topology topology) {
        return keyspace.isSharded()
                ? primariesOf(topology)
                : List.of(topology.shard(topology.defaultShard()).primary());
    }

    private static List<Node> primariesOf(Topology topology) {
        var primaries = new ArrayList<Node>();
        primaries.add(topology.shard(topology.defaultShard()).primary());
        topology.shards().keySet().stream()
                .filter(shard -> !shard.equals(topology.defaultShard()))
                .sorted()
                .map((ShardId shard) -> topology.shard(shard).primary())
                .forEach(primaries::add);
        return primaries;
    }

    private static Outcome refusedByNode(SQLException reason) {
        return new Outcome.RefusedByNode(
                reason.getErrorCode(),
                Optional.ofNullable(reason.getSQLState()).orElse("HY000"),
                String.valueOf(reason.getMessage()));
    }

    private static ShardwayException unavailable(Node node, SQLException away) {
        return new ShardwayException(
                ErrorCode.BACKEND_UNAVAILABLE, node.name() + ": " + away.getMessage(), away);
    }
}
