package io.shardway.proxy;

import io.shardway.proxy.execution.Serving;
import io.shardway.proxy.settings.ProxySettings;
import io.shardway.router.schema.Catalog;
import io.shardway.router.schema.CatalogLoader;
import io.shardway.router.topology.ProxyInfo;
import io.shardway.router.topology.ProxyRegistration;
import io.shardway.router.topology.Topology;
import io.shardway.router.topology.zookeeper.ZooKeeperClient;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/**
 * A proxy's place in the cluster, and what it has read there before it serves anybody. Immutable;
 * its parts are thread-safe.
 *
 * @param version of the default shard's server; it may still be on its way
 */
record JoinedCluster(
        ProxyRegistration registration,
        OwnerConnections owner,
        ServingAccount account,
        ServingAccounts servingAccounts,
        CatalogLoader catalogs,
        Serving first,
        Future<String> version) {

    /**
     * Registers, makes the serving account and reads topology and schemas; blocks.
     *
     * @param parallel for what need not be read one after the other
     */
    static JoinedCluster join(
            ZooKeeperClient zookeeper,
            ProxySettings settings,
            ExecutorService parallel,
            ProxyResources resources) {
        var owner =
                resources.own(
                        new OwnerConnections(
                                settings.backend(),
                                settings.backend().administrationConnectionsMax()));
        Future<Topology> read = parallel.submit(zookeeper.topologyStore()::read);
        // Made before the loops, so that it says goodbye behind them: then nothing is written any
        // more.
        ProxyRegistration registration = zookeeper.proxyRegistry().register(info(settings));
        resources.own(registration::unregister);
        Topology topology = Starting.result(read);
        var catalogs = new CatalogLoader(owner);
        Future<Catalog> catalog = parallel.submit(() -> catalogs.load(topology, Optional.empty()));
        Future<String> version =
                parallel.submit(() -> {
                    // One after the other: two connections of the owner's are enough.
                    Starting.result(catalog);
                    return Starting.version(topology, owner);
                });
        ServingAccount account = ServingAccount.of(registration.number());
        var servingAccounts = new ServingAccounts(account, owner);
        servingAccounts.makeAll(topology);
        return new JoinedCluster(
                registration,
                owner,
                account,
                servingAccounts,
                catalogs,
                new Serving(topology, Starting.result(catalog)),
                version);
    }

    private static ProxyInfo info(ProxySettings settings) {
        int port = settings.frontend().port();
        String machine = Starting.machine();
        String name =
                settings.nameOr(machine, port == 0 ? (int) ProcessHandle.current().pid() : port);
        return new ProxyInfo(
                name,
                settings.frontend().host(),
                Math.max(1, port),
                "shardway_p",
                Instant.now(),
                ShardwayProxy.VERSION);
    }
}
