package io.shardway.router.topology.zookeeper;

import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.topology.Account;
import io.shardway.router.topology.AccountName;
import io.shardway.router.topology.AccountStore;
import io.shardway.router.topology.Accounts;
import io.shardway.router.topology.Watch;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.apache.zookeeper.KeeperException;

/**
 * All accounts in one node. Thread-safe; methods block.
 *
 * <p>A change is compare-and-set. When its answer is lost, what is there is read, and if need be
 * the change is asked again: it knows its own result.
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

    private record Snapshot(Accounts accounts, int version) {}

    @Override
    public Accounts read() {
        return Nodes.call(() -> {
            nodes.sync(paths.accounts());
            return load().map(Snapshot::accounts).orElse(Accounts.NONE);
        });
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
            var document = Json.read(stored.data(), AccountsDocument.class, paths.accounts());
            return new Snapshot(document.toAccounts(), stored.stat().getVersion());
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw Json.malformed(paths.accounts(), e);
        }
    }

    @Override
    public Accounts change(UnaryOperator<Map<AccountName, Account>> change) {
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

    /** Empty when somebody else was faster, or when the answer was lost. */
    private Optional<Accounts> attempt(UnaryOperator<Map<AccountName, Account>> change)
            throws Exception {
        Optional<Snapshot> before = load();
        Accounts old = before.map(Snapshot::accounts).orElse(Accounts.NONE);
        Map<AccountName, Account> changed = change.apply(old.byName());
        if (changed.equals(old.byName())) {
            return Optional.of(old);
        }
        var next = new Accounts(old.revision() + 1, changed);
        byte[] data = Json.write(AccountsDocument.of(next));
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
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw unknown(interrupted);
        } catch (KeeperException lost) {
            if (!Nodes.isLostAnswer(lost)) {
                throw lost;
            }
            return settle(next, lost);
        }
    }

    /** Whether the write whose answer was lost is there; if not, it may be tried again. */
    private Optional<Accounts> settle(Accounts next, KeeperException lost) {
        try {
            nodes.sync(paths.accounts());
            return load().map(Snapshot::accounts).filter(next::equals);
        } catch (Exception unreachable) {
            lost.addSuppressed(unreachable);
            throw unknown(lost);
        }
    }

    private static ShardwayException unknown(Exception lost) {
        return new ShardwayException(
                ErrorCode.TOPOLOGY_CHANGE_UNKNOWN, "the change of accounts", lost);
    }
}
