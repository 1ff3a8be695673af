package io.shardway.proxy;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslContext;
import io.shardway.proxy.admin.AccountAdministration;
import io.shardway.proxy.admin.ShardwayStatements;
import io.shardway.proxy.audit.AuditLog;
import io.shardway.proxy.auth.Authenticator;
import io.shardway.proxy.auth.BackendCredentials;
import io.shardway.proxy.auth.FrontendLoginSettings;
import io.shardway.proxy.backend.BackendAccount;
import io.shardway.proxy.definition.DefinitionService;
import io.shardway.proxy.execution.LoopContext;
import io.shardway.proxy.execution.Plans;
import io.shardway.proxy.execution.RowBudget;
import io.shardway.proxy.execution.Serving;
import io.shardway.proxy.frontend.FrontendRegistry;
import io.shardway.proxy.frontend.FrontendServer;
import io.shardway.proxy.management.ManagementServer;
import io.shardway.proxy.metrics.ProxyMetrics;
import io.shardway.proxy.query.ProxyStage;
import io.shardway.proxy.reference.ReferenceWatch;
import io.shardway.proxy.sequence.Sequences;
import io.shardway.proxy.session.CloseReason;
import io.shardway.proxy.settings.ProxySettings;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.topology.Accounts;
import io.shardway.router.topology.Node;
import io.shardway.router.topology.ProxyRegistration;
import io.shardway.router.topology.Topology;
import io.shardway.router.topology.TopologyStore;
import io.shardway.router.topology.zookeeper.ZooKeeperClient;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
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
    private static final int DRAIN_POLL_MILLIS = 20;

    /** For what is said to clients last. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(2);

    private final ProxySettings settings;
    private final ProxyResources resources = new ProxyResources();
    private final AtomicReference<Accounts> accounts = new AtomicReference<>(Accounts.NONE);
    private final AtomicReference<ProxyStage> stage = new AtomicReference<>(ProxyStage.STARTING);

    private final ZooKeeperClient zookeeper;
    private final TopologyStore store;
    private final ProxyRegistration registration;
    private final AuditLog audit;
    private final ServingAccounts servingAccounts;
    private final ProxyLoops loops;
    private final LoopBackends backends;
    private final TopologyFollower follower;
    private final Sequences sequences;
    private final ReferenceWatch references;
    private final FrontendRegistry registry;
    private final Plans plans;
    private final OperatorKiller killer;
    private final FrontendServer server;
    private final Channel listener;
    private final RunningStatus status;
    private final DefinitionService definitions;
    private final Optional<ManagementServer> management;
    private final PrometheusMeterRegistry meters =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final CountDownLatch stopped = new CountDownLatch(1);

    /**
     * Starts a proxy; returns once clients can connect.
     *
     * @throws ShardwayException with what is wrong and what to do
     */
    public static ShardwayProxy start(ProxySettings settings) {
        return start(settings, _ -> {});
    }

    /**
     * @param moments hears how far definitions are, before they go on; for tests that stop there
     */
    static ShardwayProxy start(ProxySettings settings, Consumer<String> moments) {
        return new ShardwayProxy(settings, moments);
    }

    private ShardwayProxy(ProxySettings settings, Consumer<String> moments) {
        this.settings = settings;
        try (var parallel = Starting.inParallel()) {
            var metrics = new ProxyMetrics(meters);
            audit =
                    resources.own(
                            new AuditLog(
                                    settings.audit(), Clock.systemUTC(), metrics::auditDropped));
            zookeeper = connect();
            store = zookeeper.topologyStore();
            Future<SslContext> tls = parallel.submit(() -> Starting.tls(settings.frontend()));
            var joined = JoinedCluster.join(zookeeper, settings, parallel, resources);
            registration = joined.registration();
            servingAccounts = joined.servingAccounts();
            Serving first = joined.first();
            loops = ProxyLoops.start(settings.frontend(), first, resources);
            var connector = connector(joined.account());
            var rereader = new TopologyRereader();
            backends =
                    new LoopBackends(
                            settings.backend(),
                            connector,
                            new TroubledNodes(
                                    rereader,
                                    servingAccounts,
                                    this::serving,
                                    () -> store.health().connected(),
                                    metrics),
                            loops.loops());
            follower =
                    new TopologyFollower(
                            joined.catalogs(),
                            loops.contexts(),
                            backends::update,
                            servingAccounts::prepare,
                            registration,
                            first);
            follower.beginWith(first);
            follower.announce(first.topology().epoch());
            rereader.uses(store, follower);
            registry =
                    new FrontendRegistry(
                            registration.number(),
                            settings.frontend().connectionsMax(),
                            this::closed);
            sequences = sequences(joined.owner(), metrics);
            references = references();
            status = new RunningStatus(this);
            var killRouter =
                    new ClusterKillRouter(
                            registration.number(),
                            zookeeper.killMailbox(),
                            this::server,
                            settings.backend().killTimeout());
            plans = new Plans(settings.plan(), metrics::planned);
            ProxyMetrics.register(meters, Plans.grammar());
            if (settings.plan().warmUp()) {
                Thread.ofVirtual()
                        .name("planner-warm-up")
                        .start(() -> plans.warmUp(follower.serving().catalog()));
            }
            killer =
                    new OperatorKiller(
                            connector,
                            settings.backend().killTimeout(),
                            settings.backend().operatorsConnectionsMax());
            definitions = definitions(joined.owner(), moments);
            var services = services(killRouter, joined.owner(), metrics, moments);
            accounts.set(zookeeper.accountStore().read());
            resources.own(zookeeper.accountStore().watch(this::follow));
            var login =
                    Starting.login(
                            settings.frontend(),
                            Starting.result(joined.version()),
                            Starting.result(tls));
            server = server(services, login, authenticator(metrics));
            listener = listen();
            resources.own(store.watch(this::follow));
            registration
                    .superseded()
                    .thenRun(() -> Thread.ofVirtual().name("superseded").start(this::superseded));
            resources.own(zookeeper.killMailbox().receive(registration, killRouter::deliver));
            resources.own(Sweeper.start(this::sweep, follower::readUnusableAgain));
            stage.set(ProxyStage.SERVING);
            management = ManagementServer.start(settings.management(), status, meters);
            management.ifPresent(resources::own);
            LOG.info(
                    "event=serving proxy={} number={} port={} epoch={}",
                    registration.info().name(),
                    registration.number(),
                    port(),
                    first.topology().epoch());
        } catch (RuntimeException failed) {
            resources.close();
            throw failed;
        }
    }

    private ZooKeeperClient connect() {
        ZooKeeperClient client =
                resources.own(
                        ZooKeeperClient.connect(
                                Starting.zookeeper(settings.zookeeper()), Clock.systemUTC()));
        if (!client.topologyStore().isInitialized()) {
            throw new ShardwayException(
                    ErrorCode.NOT_INITIALIZED, "ZooKeeper " + settings.zookeeper().connect());
        }
        return client;
    }

    private DefinitionService definitions(OwnerConnections owner, Consumer<String> moments) {
        return new DefinitionService(
                new RunningDefinitionSite(
                        registration.info().name(),
                        store,
                        follower,
                        owner,
                        sequences,
                        references,
                        moments),
                zookeeper.definitionJournal(),
                store,
                zookeeper.proxyRegistry(),
                new DefinitionService.Options(
                        settings.definition(),
                        settings.zookeeper().announceTimeout(),
                        plans,
                        Clock.systemUTC()));
    }

    private RunningServices services(
            ClusterKillRouter killRouter,
            OwnerConnections owner,
            ProxyMetrics metrics,
            Consumer<String> moments) {
        var keyspaces =
                new TopologyKeyspaces(
                        new KeyspaceTopology(
                                store,
                                zookeeper.proxyRegistry(),
                                settings.zookeeper().announceTimeout()),
                        new KeyspaceNodes(owner, settings.definition(), moments),
                        new KeyspaceGuard(
                                zookeeper.definitionJournal(),
                                registration.info().name(),
                                settings.definition().lockTimeout(),
                                Clock.systemUTC()));
        var admin =
                new ShardwayStatements(
                        status,
                        new PlanExplainer(plans, follower::serving),
                        new RunningOperator(
                                definitions.operation(),
                                keyspaces,
                                references.checks(),
                                zookeeper.proxyRegistry(),
                                follower,
                                owner),
                        settings,
                        new AccountAdministration(zookeeper.accountStore(), this::follow),
                        audit);
        return new RunningServices(
                settings,
                plans,
                killer,
                killRouter,
                definitions,
                keyspaces,
                references,
                new StatementAdminGate(
                        admin, status, metrics::statements, settings.session().scatter()),
                sequences,
                new ShardSizes(
                        owner,
                        follower::serving,
                        sequences,
                        settings.metadata().sizesMaxAge(),
                        metrics::sizesRead),
                new Semaphore(settings.assemble().concurrentMax()),
                new RowBudget(settings.assemble().heldBytesMax(), metrics::heldBytes),
                accounts::get,
                metrics);
    }

    private Sequences sequences(OwnerConnections owner, ProxyMetrics metrics) {
        var made =
                resources.own(
                        new Sequences(
                                owner,
                                () -> follower.serving().topology(),
                                registration.number(),
                                settings.sequence().blockSize(),
                                metrics));
        made.releaseAll();
        return made;
    }

    /** With connections of its own: comparing and repairing may take long. */
    private ReferenceWatch references() {
        int jobsMax = settings.backend().administrationConnectionsMax();
        var owner = resources.own(new OwnerConnections(settings.backend(), jobsMax + 1));
        var made =
                resources.own(
                        new ReferenceWatch(
                                owner,
                                () -> follower.serving().topology(),
                                settings.reference(),
                                jobsMax));
        made.start();
        Gauge.builder("shardway.reference.fenced", made, ReferenceWatch::fenced)
                .description("Shards with a copy of a reference table that is not read")
                .register(meters);
        Gauge.builder("shardway.reference.waiters", made, watch -> watch.queue().waiters())
                .description("Statements that wait to write a reference table")
                .register(meters);
        return made;
    }

    private Authenticator authenticator(ProxyMetrics metrics) {
        var checks = resources.own(Executors.newVirtualThreadPerTaskExecutor());
        var made =
                new Authenticator(Starting.authenticator(settings.frontend()), this::find, checks);
        made.tell(new AuditedLogins(audit, metrics));
        Gauge.builder("shardway.accounts.revision", () -> accounts.get().revision())
                .description("Of the accounts this proxy knows; the same on all proxies")
                .register(meters);
        return made;
    }

    private FrontendServer server(
            RunningServices services, FrontendLoginSettings login, Authenticator authenticator) {
        return new FrontendServer(
                new FrontendServer.Parts(
                        login, authenticator, services, registry, loops::contextOf, loops::opened));
    }

    private LoginConnector connector(ServingAccount account) {
        return new LoginConnector(
                loops.transport(),
                loops::opened,
                Starting.backendLogin(settings.backend()),
                wanted -> credentials(wanted, account),
                (int) settings.backend().connectTimeout().toMillis(),
                settings.backend().preparedStatementsMax(),
                this::setupFor);
    }

    private BackendCredentials credentials(BackendAccount wanted, ServingAccount account) {
        return switch (wanted.kind()) {
            case SERVING -> account.credentials();
            case PLAIN -> account.credentialsOf(wanted.keyspace());
            case OWNER ->
                    new BackendCredentials(
                            settings.backend().ownerUser(),
                            settings.backend()
                                    .ownerPassword()
                                    .reveal()
                                    .getBytes(StandardCharsets.UTF_8),
                            "");
        };
    }

    private String setupFor(Node node, BackendAccount account) {
        return Starting.connectionSetup(follower.serving().topology(), node, account);
    }

    private Channel listen() {
        try {
            Channel bound =
                    server.listen(
                            loops.acceptor(), loops.workers(), loops.transport().serverChannel());
            resources.own(() -> bound.close().syncUninterruptibly());
            return bound;
        } catch (RuntimeException taken) {
            throw new ShardwayException(
                    ErrorCode.PORT_TAKEN,
                    settings.frontend().host() + ":" + settings.frontend().port(),
                    taken);
        }
    }

    private void sweep() {
        server.sweep();
        Thread.ofVirtual().name("definition-watch").start(definitions::watch);
        loops.forEach(backends::sweep);
    }

    private Optional<io.shardway.proxy.auth.LoginAccount> find(
            String user, java.net.InetAddress client) {
        return accounts.get().find(user, client).map(Starting::loginAccount);
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
        return loops.contexts();
    }

    Sequences sequences() {
        return sequences;
    }

    LoopBackends backends() {
        return backends;
    }

    /**
     * Takes no new clients, lets transactions finish within the drain timeout, then stops. Returns
     * at once if another thread does so already.
     */
    @Override
    public void close() {
        if (stage.getAndSet(ProxyStage.DRAINING) == ProxyStage.DRAINING) {
            return;
        }
        LOG.info("event=draining sessions={}", registry.size());
        server.drain();
        await(() -> registry.size() == 0, settings.frontend().drainTimeout());
        server.shutDown();
        await(() -> registry.size() == 0, LAST_WORDS);
        server.cutOff();
        await(() -> registry.size() == 0, LAST_WORDS);
        // Who has gone has its running read interrupted, or it would go on on the node for hours.
        // None may begin later: the connection for it would be closed while it is being made.
        loops.awaitTasks();
        await(() -> !killer.isBusy(), settings.backend().killTimeout());
        killer.stop();
        loops.forEach(backends::retire);
        loops.awaitTasks();
        resources.close();
        LOG.info("event=stopped");
        stopped.countDown();
    }

    /** Waits until the proxy has stopped, of its own accord or by {@link #close}. */
    public void awaitStopped() throws InterruptedException {
        stopped.await();
    }

    private static void await(BooleanSupplier done, Duration atMost) {
        long end = System.nanoTime() + atMost.toNanos();
        while (!done.getAsBoolean() && System.nanoTime() < end) {
            pause();
        }
    }

    /** The newer ones, whoever comes first: this proxy's own change or the watch. */
    private void follow(Accounts newer) {
        accounts.accumulateAndGet(
                newer, (known, next) -> next.revision() > known.revision() ? next : known);
    }

    private void follow(Topology topology) {
        follower.follow(topology);
        sequences.follow(topology);
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
}
