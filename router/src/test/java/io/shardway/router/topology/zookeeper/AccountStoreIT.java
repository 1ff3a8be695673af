package io.shardway.router.topology.zookeeper;

import static io.shardway.router.topology.zookeeper.TestZooKeeper.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.shardway.router.topology.Account;
import io.shardway.router.topology.AccountName;
import io.shardway.router.topology.AccountRight;
import io.shardway.router.topology.AccountStore;
import io.shardway.router.topology.Accounts;
import io.shardway.router.topology.AuthPlugin;
import io.shardway.router.topology.Watch;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccountStoreIT {

    private static final AccountName APP = AccountName.of("app");

    @TempDir Path directory;
    private TestZooKeeper zookeeper;
    private AccountStore store;
    private AccountStore other;

    @BeforeEach
    void start() throws Exception {
        zookeeper = new TestZooKeeper(directory);
        store = zookeeper.connect().accountStore();
        other = zookeeper.connect().accountStore();
    }

    @AfterEach
    void stop() {
        zookeeper.close();
    }

    @Test
    void putsReplacesAndRemoves() {
        assertThat(store.read()).isEqualTo(Accounts.NONE);
        Account app = account("app", AccountRight.WRITE);
        assertThat(store.put(app).find(APP)).contains(app);
        assertThat(other.read().find(APP)).contains(app);

        Account reader = account("app", AccountRight.READ);
        assertThat(other.put(reader).revision()).isEqualTo(2);
        assertThat(store.read().byName()).containsOnly(Map.entry(APP, reader));

        assertThat(store.remove(APP).byName()).isEmpty();
        assertThat(store.remove(APP).revision()).isEqualTo(3);
    }

    @Test
    void losesNoneOfTwoClientsAccounts() throws Exception {
        Account template = account("x", AccountRight.READ);
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var one = executor.submit(() -> putMany(store, template, "a"));
            var two = executor.submit(() -> putMany(other, template, "b"));
            one.get();
            two.get();
        }
        assertThat(store.read().byName()).hasSize(20);
    }

    @Test
    void handsOverNewerAccounts() throws Exception {
        var seen = new CopyOnWriteArrayList<Accounts>();
        try (Watch _ = store.watch(seen::add)) {
            other.put(account("app", AccountRight.WRITE));
            await("it is seen", () -> !seen.isEmpty() && seen.getLast().find(APP).isPresent());
            other.remove(APP);
            await("it is gone", () -> seen.getLast().byName().isEmpty());
        }
        assertThat(seen).extracting(Accounts::revision).isSorted().doesNotHaveDuplicates();
    }

    private static void putMany(AccountStore store, Account template, String prefix) {
        for (int i = 0; i < 10; i++) {
            store.put(
                    Account.of(AccountName.of(prefix + i), template.credential())
                            .with(template.rights()));
        }
    }

    private static Account account(String name, AccountRight right) {
        byte[] password = "secret".getBytes(StandardCharsets.UTF_8);
        return Account.of(name, password, AuthPlugin.CACHING_SHA2, right);
    }
}
