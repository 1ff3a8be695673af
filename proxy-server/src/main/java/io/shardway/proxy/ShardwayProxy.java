package io.shardway.proxy;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.EventExecutor;
import io.shardway.proxy.admin.ShardwayStatements;
import io.shardway.proxy.auth.Authenticator;
import io.shardway.proxy.auth.BackendCredentials;
import io.shardway.proxy.backend.NodePool;
import io.shardway.proxy.execution.LoopContext;
import io.shardway.proxy.execution.Plans;
import io.shardway.proxy.execution.Serving;
import io.shardway.proxy.frontend.FrontendRegistry;
import io.shardway.proxy.frontend.FrontendServer;
import io.shardway.proxy.management.ManagementServer;
import io.shardway.proxy.metrics.ProxyMetrics;
import io.shardway.proxy.query.ProxyStage;
import io.shardway.proxy.session.CloseReason;
import io.shardway.proxy.settings.ProxySettings;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.schema.Catalog;
import io.shardway.router.schema.CatalogLoader;
import io.shardway.router.topology.Accounts;
import io.shardway.router.topology.Node;
import io.shardway.router.topology.ProxyInfo;
import io.shardway.router.topology.ProxyRegistration;
import io.shardway.router.topology.Topology;
import io.shardway.router.topology.TopologyStore;
import io.shardway.router.topology.zookeeper.ZooKeeperClient;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running proxy: registered in ZooKeeper, serving clients through its own account on every
 * node. Thread-safe.
 */
public final class ShardwayProxy implements AutoCloseable {

    /** Of this build. */
    public static final String VERSION = "0.1.0";

    private static final Logger LOG = LoggerFactory.getLogger(ShardwayProxy.class);
    private static final int SWEEP_MILLIS = 1_000;
    private static final int SCHEMA_MILLIS = 2_000;
    private static final int DRAIN_POLL_MILLIS = 20;

    private final ProxySettings settings;
    private final ArrayList<AutoCloseable> resources = new ArrayList<>();
    private final AtomicReference<Accounts> accounts = new AtomicReference<>(Accounts.NONE);
    private final AtomicReference<ProxyStage> stage = new AtomicReference<>(ProxyStage.STARTING);

    private final ZooKeeperClient zookeeper;
    private final TopologyStore store;
    private final ProxyRegistration registration;
    private final OwnerConnections owner;
    private final ServingAccounts servingAccounts;
    private final MultiThreadIoEventLoopGroup acceptor;
    private final MultiThreadIoEventLoopGroup workers;
    private final List<LoopContext> loops = new ArrayList<>();
    private final Map<EventLoop, LoopContext> byLoop = new IdentityHashMap<>();
    private final LoopBackends backends;
    private final TopologyFollower follower;
    private final TopologyRereader rereader;
    private final FrontendRegistry registry;
    private final Plans plans;
    private final FrontendServer server;
    private final Channel listener;
    private final RunningStatus status;
    private final Optional<ManagementServer> management;
    private final PrometheusMeterRegistry meters =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    /**
     * Starts a proxy; returns once clients can connect.
     *
     * @throws ShardwayException with what is wrong and what to do
     */
    public static ShardwayProxy start(ProxySettings settings) {
        return new ShardwayProxy(settings);
    }

    private ShardwayProxy(ProxySettings settings) {
        this.settings = settings;
        try (var parallel = Starting.inParallel()) {
            var metrics = new ProxyMetrics(meters);
            zookeeper =
                    own(
                            ZooKeeperClient.connect(
                                    Starting.zookeeper(settings.zookeeper()), Clock.systemUTC()));
            store = zookeeper.topologyStore();
            if (!store.isInitialized()) {
                throw new ShardwayException(
                        ErrorCode.NOT_INITIALIZED, "ZooKeeper " + settings.zookeeper().connect());
            }
            Future<SslContext> tls = parallel.submit(() -> Starting.tls(settings.frontend()));
            owner = own(new OwnerConnections(settings.backend()));
            Future<Topology> read = parallel.submit(store::read);
            // Made before the loops, so that it says goodbye behind them: then nothing is written
            // any more.
            registration = zookeeper.proxyRegistry().register(info());
            own(registration::unregister);
            Topology topology = Starting.result(read);
            var catalogs = new CatalogLoader(owner);
            Future<Catalog> catalog =
                    parallel.submit(() -> catalogs.load(topology, Optional.empty()));
            Future<String> version =
                    parallel.submit(() -> {
                        Starting.result(
                                catalog); // One after the other: two connections of the owner's are
                        // enough.
                        return Starting.version(topology, owner);
                    });
            ServingAccount account = ServingAccount.of(registration.number());
            servingAccounts = new ServingAccounts(account, owner);
            servingAccounts.makeAll(topology);
            var first = new Serving(topology, Starting.result(catalog));
            Transport transport = Transport.best();
            int loopCount =
                    settings.frontend().eventLoops() == 0
                            ? Runtime.getRuntime().availableProcessors()
                            : settings.frontend().eventLoops();
            acceptor = own(new MultiThreadIoEventLoopGroup(1, transport.handlers()));
            workers = own(new MultiThreadIoEventLoopGroup(loopCount, transport.handlers()));
            var connector = connector(transport, account);
            for (EventExecutor executor : workers) {
                var context = new LoopContext((EventLoop) executor, loops.size(), first);
                loops.add(context);
                byLoop.put(context.loop(), context);
            }
            rereader = new TopologyRereader();
            backends =
                    new LoopBackends(
                            settings.backend(),
                            connector,
                            poolListener(metrics),
                            loops.stream().map(LoopContext::loop).toList());
            follower = new TopologyFollower(catalogs, loops, backends::update, registration, first);
            follower.beginWith(first);
            follower.announce(topology.epoch());
            rereader.uses(store, follower);
            registry =
                    new FrontendRegistry(
                            registration.number(),
                            settings.frontend().connectionsMax(),
                            this::closed);
            status = new RunningStatus(this);
            var killRouter =
                    new ClusterKillRouter(
                            registration.number(),
                            zookeeper.killMailbox(),
                            this::server,
                            settings.backend().killTimeout());
            plans = new Plans(settings.plan(), metrics::planned);
            Thread.ofVirtual()
                    .name("planner-warm-up")
                    .start(() -> plans.warmUp(follower.serving().catalog()));
            var admin =
                    new ShardwayStatements(
                            status, new PlanExplainer(plans, follower::serving), settings);
            var services =
                    new RunningServices(
                            settings,
                            plans,
                            new OperatorKiller(
                                    connector,
                                    settings.backend().killTimeout(),
                                    settings.backend().operatorsConnectionsMax()),
                            killRouter,
                            new TopologyDefinitions(
                                    store,
                                    zookeeper.proxyRegistry(),
                                    settings.zookeeper().announceTimeout()),
                            new StatementAdminGate(admin, status, metrics::statements),
                            metrics);
            accounts.set(zookeeper.accountStore().read());
            own(zookeeper.accountStore().watch(accounts::set));
            var checks = own(Executors.newVirtualThreadPerTaskExecutor());
            server =
                    new FrontendServer(
                            new FrontendServer.Parts(
                                    Starting.login(
                                            settings.frontend(),
                                            Starting.result(version),
                                            Starting.result(tls)),
                                    new Authenticator(
                                            Starting.authenticator(settings.frontend()),
                                            this::find,
                                            checks),
                                    services,
                                    registry,
                                    accounts::get,
                                    byLoop::get));
            listener = listen(transport);
            own(store.watch(this::follow));
            registration
                    .superseded()
                    .thenRun(() -> Thread.ofVirtual().name("superseded").start(this::superseded));
            own(zookeeper.killMailbox().receive(registration, killRouter::deliver));
            own(sweeper());
            stage.set(ProxyStage.SERVING);
            management = ManagementServer.start(settings.management(), status, meters);
            management.ifPresent(this::own);
            LOG.info(
                    "event=serving proxy={} number={} port={} epoch={}",
                    registration.info().name(),
                    registration.number(),
                    port(),
                    topology.epoch());
        } catch (RuntimeException failed) {
            closeResources();
            throw failed;
        }
    }

    private <T extends AutoCloseable> T own(T resource) {
        resources.add(resource);
        return resource;
    }

    private ProxyInfo info() {
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
                VERSION);
    }

    private LoginConnector connector(Transport transport, ServingAccount account) {
        return new LoginConnector(
                transport,
                Starting.backendLogin(settings.backend()),
                new BackendCredentials(account.name(), account.password(), ""),
                (int) settings.backend().connectTimeout().toMillis(),
                settings.backend().preparedStatementsMax(),
                this::setupFor);
    }

    private String setupFor(Node node) {
        return Starting.connectionSetup(follower.serving().topology(), node);
    }

    private NodePool.PoolListener poolListener(ProxyMetrics metrics) {
        return new NodePool.PoolListener() {
            @Override
            public void troubled(Node node, ShardwayException reason) {
                LOG.debug(
                        "event=node-troubled node={} reason={}", node.name(), reason.getMessage());
                rereader.reread();
                servingAccounts.complete(node, follower.serving().topology());
            }

            @Override
            public void waited(Node node, long nanos) {
                metrics.poolWait(nanos);
            }
        };
    }

    private Channel listen(Transport transport) {
        try {
            Channel bound = server.listen(acceptor, workers, transport.serverChannel());
            own(() -> bound.close().syncUninterruptibly());
            return bound;
        } catch (RuntimeException taken) {
            throw new ShardwayException(
                    ErrorCode.PORT_TAKEN,
                    settings.frontend().host() + ":" + settings.frontend().port(),
                    taken);
        }
    }

    private AutoCloseable sweeper() {
        ScheduledExecutorService timer =
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().daemon().name("sweeper").factory());
        timer.scheduleWithFixedDelay(
                this::sweep, SWEEP_MILLIS, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
        timer.scheduleWithFixedDelay(
                () -> Thread.ofVirtual().name("schema").start(follower::readUnusableAgain),
                SCHEMA_MILLIS,
                SCHEMA_MILLIS,
                TimeUnit.MILLISECONDS);
        return timer::shutdownNow;
    }

    private void sweep() {
        server.sweep();
        loops.forEach(loop -> loop.loop().execute(() -> backends.sweep(loop)));
    }

    private Optional<io.shardway.proxy.auth.LoginAccount> find(
            String user, java.net.InetAddress client) {
        return accounts.get().find(user).map(Starting::loginAccount);
    }

    private void closed(CloseReason reason) {
        meters.counter("shardway.sessions.closed", "reason", reason.name().toLowerCase(Locale.ROOT))
                .increment();
    }

    FrontendServer server() {
        return server;
    }

    /** The port clients connect to. */
    public int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    /** The port of health and metrics, if there is one. */
    public Optional<Integer> managementPort() {
        return management.map(ManagementServer::port);
    }

    /** Its number in the cluster, from 1. */
    public int number() {
        return registration.number();
    }

    ProxyStage stage() {
        return stage.get();
    }

    Serving serving() {
        return follower.serving();
    }

    TopologyStore store() {
        return store;
    }

    ZooKeeperClient zookeeper() {
        return zookeeper;
    }

    FrontendRegistry registry() {
        return registry;
    }

    Plans plans() {
        return plans;
    }

    List<LoopContext> loops() {
        return loops;
    }

    LoopBackends backends() {
        return backends;
    }

    /** Takes no new clients, lets transactions finish within the drain timeout, then stops. */
    @Override
    public void close() {
        if (stage.getAndSet(ProxyStage.DRAINING) == ProxyStage.DRAINING) {
            return;
        }
        LOG.info("event=draining sessions={}", registry.size());
        server.drain();
        long end = System.nanoTime() + settings.frontend().drainTimeout().toNanos();
        while (registry.size() > 0 && System.nanoTime() < end) {
            pause();
        }
        server.shutDown();
        long last = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
        while (registry.size() > 0 && System.nanoTime() < last) {
            pause();
        }
        loops.forEach(loop -> loop.loop().execute(() -> backends.retire(loop)));
        closeResources();
        LOG.info("event=stopped");
    }

    private void follow(Topology topology) {
        follower.follow(topology);
        servingAccounts.complete(topology);
    }

    /**
     * Another process serves under this name and number, with this account: this one must not go
     * on.
     */
    private void superseded() {
        LOG.error(
                "event=superseded proxy={} number={}",
                registration.info().name(),
                registration.number());
        close();
    }

    private static void pause() {
        try {
            Thread.sleep(DRAIN_POLL_MILLIS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void closeResources() {
        for (AutoCloseable resource : resources.reversed()) {
            try {
                if (resource instanceof MultiThreadIoEventLoopGroup group) {
                    group.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
                } else {
                    resource.close();
                }
            } catch (Exception failed) {
                LOG.warn(
                        "event=close-failed resource={} reason={}",
                        resource.getClass().getSimpleName(),
                        failed.toString());
            }
        }
        resources.clear();
    }
}
