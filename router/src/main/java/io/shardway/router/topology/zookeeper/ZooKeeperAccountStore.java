package io.shardway.router.topology.zookeeper;

import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.topology.Account;
import io.shardway.router.topology.AccountRight;
import io.shardway.router.topology.AccountStore;
import io.shardway.router.topology.Accounts;
import io.shardway.router.topology.AuthPlugin;
import io.shardway.router.topology.Watch;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.zookeeper.KeeperException;

/**
 * All accounts in one node. Thread-safe; methods block.
 *
 * <p>Putting and removing may be repeated without harm, so a lost answer needs no reading back: the
 * compare-and-set is simply tried again on what is there.
 */
final class ZooKeeperAccountStore implements AccountStore {

    private static final int ATTEMPTS_MAX = 30;
    private static final long BACKOFF_MILLIS_MAX = 50;

    private final Nodes nodes;
    private final Paths paths;
    private final Duration refreshInterval;
    private final Layout layout;

    ZooKeeperAccountStore(Nodes nodes, Paths paths, Duration refreshInterval) {
        this.nodes = nodes;
        this.paths = paths;
        this.refreshInterval = refreshInterval;
        this.layout = new Layout(nodes, paths);
    }

    /** The node {@code /accounts}. */
    record Document(long revision, List<Entry> accounts) {

        record Entry(String name, String passwordHash, String plugin, String right) {

            static Entry of(Account account) {
                return new Entry(
                        account.name(),
                        account.passwordHash(),
                        account.plugin().name(),
                        account.right().name());
            }

            Account toAccount() {
                return new Account(
                        name,
                        passwordHash,
                        AuthPlugin.valueOf(plugin),
                        AccountRight.valueOf(right));
            }
        }

        static Document of(Accounts accounts) {
            return new Document(
                    accounts.revision(),
                    accounts.byName().values().stream()
                            .sorted(Comparator.comparing(Account::name))
                            .map(Entry::of)
                            .toList());
        }

        Accounts toAccounts() {
            return new Accounts(
                    revision,
                    accounts.stream()
                            .map(Entry::toAccount)
                            .collect(Collectors.toMap(Account::name, account -> account)));
        }
    }

    private record Snapshot(Accounts accounts, int version) {}

    @Override
    public Accounts read() {
        return Nodes.call(() -> {
            nodes.sync(paths.accounts());
            return load().map(Snapshot::accounts).orElse(Accounts.NONE);
        });
    }

    @Override
    public Accounts put(Account account) {
        return change(accounts -> accounts.put(account.name(), account));
    }

    @Override
    public Accounts remove(String name) {
        return change(accounts -> accounts.remove(name));
    }

    @Override
    public Watch watch(Consumer<Accounts> listener) {
        var watch =
                new SnapshotWatch<>(
                        nodes,
                        paths.accounts(),
                        () -> load().map(Snapshot::accounts),
                        Accounts::revision,
                        listener);
        return watch.start("accounts-watch", refreshInterval);
    }

    private Optional<Snapshot> load() throws Exception {
        if (!layout.check()) {
            return Optional.empty();
        }
        return nodes.read(paths.accounts()).map(this::decode);
    }

    private Snapshot decode(Nodes.Stored stored) {
        try {
            var document = Json.read(stored.data(), Document.class, paths.accounts());
            return new Snapshot(document.toAccounts(), stored.stat().getVersion());
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw Json.malformed(paths.accounts(), e);
        }
    }

    private Accounts change(Consumer<Map<String, Account>> change) {
        return Nodes.call(() -> {
            layout.ensure();
            for (int i = 0; i < ATTEMPTS_MAX; i++) {
                Optional<Accounts> stored = attempt(change);
                if (stored.isPresent()) {
                    return stored.get();
                }
                Thread.sleep(ThreadLocalRandom.current().nextLong(BACKOFF_MILLIS_MAX));
            }
            throw new ShardwayException(
                    ErrorCode.TOPOLOGY_CONFLICT, "%d times".formatted(ATTEMPTS_MAX));
        });
    }

    private Optional<Accounts> attempt(Consumer<Map<String, Account>> change) throws Exception {
        Optional<Snapshot> before = load();
        Accounts old = before.map(Snapshot::accounts).orElse(Accounts.NONE);
        var accounts = new HashMap<>(old.byName());
        change.accept(accounts);
        if (accounts.equals(old.byName())) {
            return Optional.of(old);
        }
        var next = new Accounts(old.revision() + 1, accounts);
        byte[] data = Json.write(Document.of(next));
        TopologyWriter.requireFits(data.length);
        try {
            nodes.commit(
                    List.of(
                            before.isPresent()
                                    ? nodes.set(paths.accounts(), before.get().version(), data)
                                    : nodes.create(paths.accounts(), data)));
            return Optional.of(next);
        } catch (KeeperException.BadVersionException | KeeperException.NodeExistsException _) {
            return Optional.empty();
        }
    }
}
