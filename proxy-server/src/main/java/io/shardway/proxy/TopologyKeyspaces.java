package io.shardway.proxy;

import io.shardway.proxy.execution.Keyspaces;
import io.shardway.proxy.query.KeyspaceAdmin;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.SchemaEpoch;
import io.shardway.router.plan.KeyspaceDefinition;
import io.shardway.router.schema.ServerSchemas;
import io.shardway.router.sql.QuotedName;
import io.shardway.router.topology.Keyspace;
import io.shardway.router.topology.KeyspaceChange;
import io.shardway.router.topology.KeyspaceState;
import io.shardway.router.topology.Node;
import io.shardway.router.topology.Topology;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
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

    private final KeyspaceTopology keyspaces;
    private final KeyspaceNodes nodes;
    private final KeyspaceGuard guard;

    TopologyKeyspaces(KeyspaceTopology keyspaces, KeyspaceNodes nodes, KeyspaceGuard guard) {
        this.keyspaces = keyspaces;
        this.nodes = nodes;
        this.guard = guard;
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
                outcomeOf(
                        name,
                        "SHARDWAY CREATE KEYSPACE %s SHARD KEY %s"
                                .formatted(QuotedName.of(name), QuotedName.of(shardKey)),
                        turn -> create(turn, Optional.of(shardKey), ""));
        if (outcome instanceof Outcome.Exists && ifNotExists) {
            return "the keyspace exists";
        }
        return told(outcome, name, "made");
    }

    @Override
    public String alter(String name, Optional<String> shardKey) {
        String kind = shardKey.map(key -> "SHARD KEY " + QuotedName.of(key)).orElse("PLAIN");
        String statement = "SHARDWAY ALTER KEYSPACE %s %s".formatted(QuotedName.of(name), kind);
        return told(
                outcomeOf(name, statement, turn -> changeKind(turn, shardKey)), name, "changed");
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
        String name = QuotedName.of(definition.name());
        String statement =
                switch (definition) {
                    case KeyspaceDefinition.Create create ->
                            "CREATE DATABASE %s %s".formatted(name, create.options());
                    case KeyspaceDefinition.Alter alter ->
                            "ALTER DATABASE %s %s".formatted(name, alter.options());
                    case KeyspaceDefinition.Drop _ -> "DROP DATABASE " + name;
                };
        return outcomeOf(definition.name(), statement.strip(), turn -> define(definition, turn));
    }

    /**
     * @param statement to be sent again if it stops half-way
     */
    private Outcome outcomeOf(
            String name, String statement, Function<KeyspaceTurn, Outcome> change) {
        try (var turn = guard.turn(name, statement)) {
            return attempt(turn, change);
        } catch (ShardwayException failed) {
            return new Outcome.Failed(failed);
        } catch (RuntimeException bug) {
            LOG.error("event=bug code={}", ErrorCode.BUG.id(), bug);
            return new Outcome.Failed(new ShardwayException(ErrorCode.BUG, "defining a keyspace"));
        }
    }

    private Outcome attempt(KeyspaceTurn turn, Function<KeyspaceTurn, Outcome> change) {
        try {
            return change.apply(turn);
        } catch (KeyspaceSteps.Refused refused) {
            return halfDone(turn, refused);
        }
    }

    private Outcome halfDone(KeyspaceTurn turn, KeyspaceSteps.Refused refused) {
        keyspaces.noteStopped(turn, refused.halfDone().detail());
        return new Outcome.Failed(refused.halfDone());
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
        Topology topology = keyspaces.read();
        Optional<Keyspace> existing = topology.keyspace(name);
        if (existing.isPresent() && existing.get().isServed()) {
            return new Outcome.Exists();
        }
        if (existing.isPresent()) {
            requireBegunSo(existing.get(), turn);
        }
        Keyspace wanted = begun(turn, shardKey);
        List<Node> primaries = KeyspaceTopology.primariesOf(wanted, topology);
        if (existing.isEmpty()) {
            requireNowhere(name, primaries);
        }
        var steps = new KeyspaceSteps();
        steps.then(
                "note it in the topology", () -> keyspaces.update(turn, _ -> Optional.of(wanted)));
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
                    : halfDone(turn, refused);
        }
        LOG.info("event=keyspace-made keyspace={}", name);
        return new Outcome.Done(1);
    }

    /** A half-made keyspace is gone on with only as it was begun. */
    private static void requireBegunSo(Keyspace existing, KeyspaceTurn turn) {
        if (existing.state() == KeyspaceState.DROPPING) {
            throw new ShardwayException(
                    ErrorCode.KEYSPACE_HALF_DONE, "it is being dropped: send DROP DATABASE again");
        }
        requireNoOther(existing, turn);
    }

    /** What the nodes have of another change nobody would ask for any more. */
    private static void requireNoOther(Keyspace existing, KeyspaceTurn turn) {
        Optional<String> begun = existing.change().map(KeyspaceChange::statement);
        if (begun.isPresent() && !begun.get().equals(turn.change().statement())) {
            throw new ShardwayException(ErrorCode.KEYSPACE_HALF_DONE, "send first: " + begun.get());
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
        Node home = KeyspaceTopology.home(topology);
        if (!made.isSharded()) {
            steps.then("make the definer account", () -> nodes.makeDefiner(turn, home));
        }
        steps.then(
                "serve it",
                () ->
                        keyspaces.awaitServed(
                                keyspaces.update(turn, now -> now.map(TopologyKeyspaces::served))));
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
            keyspaces.update(turn, _ -> Optional.empty());
            return true;
        } catch (SQLException | ShardwayException failed) {
            LOG.warn("event=keyspace-left keyspace={} reason={}", name, failed.getMessage());
            return false;
        }
    }

    // ---- ALTER

    private Outcome alter(KeyspaceDefinition.Alter alter, KeyspaceTurn turn) {
        Topology topology = keyspaces.read();
        Optional<Keyspace> existing = topology.keyspace(alter.name()).filter(Keyspace::isServed);
        if (existing.isEmpty()) {
            return new Outcome.Missing();
        }
        requireNoOther(existing.get(), turn);
        var done = new ArrayList<Node>();
        var steps = new KeyspaceSteps();
        steps.then(
                "note it in the topology", () -> keyspaces.note(turn, Optional.of(turn.change())));
        for (Node node : KeyspaceTopology.primariesOf(existing.get(), topology)) {
            steps.then(
                    "alter the schema on " + node.name(),
                    () -> {
                        nodes.alterSchema(turn, node, alter.options());
                        done.add(node);
                    });
        }
        steps.then("note that it is done", () -> keyspaces.note(turn, Optional.empty()));
        try {
            steps.run();
        } catch (KeyspaceSteps.Refused refused) {
            boolean untouched = done.isEmpty() && existing.get().change().isEmpty();
            if (untouched && isRefusal(refused)) {
                keyspaces.note(turn, Optional.empty());
                return refusedByNode(refused.reason());
            }
            return halfDone(turn, refused);
        }
        return new Outcome.Done(1);
    }

    private Outcome changeKind(KeyspaceTurn turn, Optional<String> shardKey) {
        String name = turn.keyspace();
        Topology topology = keyspaces.read();
        Optional<Keyspace> existing = topology.keyspace(name);
        if (existing.isEmpty() || existing.get().state() == KeyspaceState.DROPPING) {
            return new Outcome.Missing();
        }
        Keyspace before = existing.get();
        if (before.isServed() && before.shardKey().equals(shardKey)) {
            return new Outcome.Done(0);
        }
        if (before.isServed()) {
            requireNoOther(before, turn);
        }
        if (!before.tables().isEmpty()) {
            throw new ShardwayException(ErrorCode.KEYSPACE_NOT_EMPTY, name);
        }
        guard.requireNoneOpen(name);
        requireEmpty(name, topology);
        Keyspace wanted = begun(turn, shardKey);
        keyspaces.awaitDrained(keyspaces.update(turn, _ -> Optional.of(wanted)));
        try {
            requireEmpty(name, topology);
        } catch (ShardwayException notEmpty) {
            keyspaces.awaitDrained(keyspaces.update(turn, _ -> Optional.of(before)));
            throw notEmpty;
        }
        var steps = new KeyspaceSteps();
        takeAccountsAway(turn, topology, steps);
        for (Node node : KeyspaceTopology.primariesOf(topology)) {
            boolean needed = KeyspaceTopology.primariesOf(wanted, topology).contains(node);
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
        for (Node node : KeyspaceTopology.primariesOf(topology)) {
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
        Topology topology = keyspaces.read();
        Optional<Keyspace> existing = topology.keyspace(name);
        if (existing.isEmpty()) {
            return new Outcome.Missing();
        }
        Keyspace before = existing.get();
        keyspaces.awaitDrained(
                keyspaces.update(turn, now -> now.map(each -> dropping(each, turn))));
        var steps = new KeyspaceSteps();
        var dropped = new ArrayList<Long>();
        for (Node node : KeyspaceTopology.primariesOf(before, topology)) {
            steps.then(
                    "drop the schema on " + node.name(),
                    () -> dropped.add(nodes.dropSchema(turn, node)));
        }
        takeAccountsAway(turn, topology, steps);
        steps.then("end its open definitions", () -> guard.endAll(turn));
        steps.then(
                "forget it in the topology", () -> keyspaces.update(turn, _ -> Optional.empty()));
        try {
            steps.run();
        } catch (KeyspaceSteps.Refused refused) {
            boolean untouched = dropped.isEmpty() && before.isServed() && isRefusal(refused);
            if (untouched) {
                keyspaces.awaitDrained(keyspaces.update(turn, _ -> Optional.of(before)));
                return refusedByNode(refused.reason());
            }
            return halfDone(turn, refused);
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
        Node home = KeyspaceTopology.home(topology);
        steps.then(
                "drop the definer",
                () -> nodes.dropAccount(turn, home, AccountNames.definer(name)));
        for (int number : keyspaces.proxies()) {
            steps.then(
                    "drop the account of proxy " + number,
                    () -> nodes.dropAccount(turn, home, AccountNames.plain(number, name)));
            for (Node node : KeyspaceTopology.primariesOf(topology)) {
                steps.then(
                        "take the rights of proxy " + number + " on " + node.name(),
                        () -> nodes.revoke(turn, node, AccountNames.serving(number)));
            }
        }
    }

    // ---- what the topology has

    private static Keyspace begun(KeyspaceTurn turn, Optional<String> shardKey) {
        return new Keyspace(
                        turn.keyspace(),
                        shardKey,
                        shardKey.isPresent() ? Keyspace.DEFAULT_ID_STRIDE : 1,
                        new SchemaEpoch(0),
                        Map.of())
                .in(KeyspaceState.MAKING)
                .changing(Optional.of(turn.change()));
    }

    private static Keyspace served(Keyspace made) {
        return made.in(KeyspaceState.SERVED).changing(Optional.empty());
    }

    private static Keyspace dropping(Keyspace there, KeyspaceTurn turn) {
        return there.in(KeyspaceState.DROPPING).changing(Optional.of(turn.change()));
    }

    private static void checkName(String name) {
        if (name.length() > NAME_LENGTH_MAX || name.isBlank() || name.endsWith(" ")) {
            throw new ShardwayException(
                    ErrorCode.KEYSPACE_NAME_REFUSED, "1 to 64 characters, no space at the end");
        }
        if (ServerSchemas.isReserved(name)) {
            throw new ShardwayException(ErrorCode.KEYSPACE_NAME_REFUSED, name + " is reserved");
        }
        if (name.contains("/")) {
            throw new ShardwayException(ErrorCode.KEYSPACE_NAME_REFUSED, "no slash");
        }
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
