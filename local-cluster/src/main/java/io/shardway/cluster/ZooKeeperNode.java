package io.shardway.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.zookeeper.server.NIOServerCnxnFactory;
import org.apache.zookeeper.server.ZooKeeperServer;
import org.apache.zookeeper.server.persistence.FileTxnLog;
import org.apache.zookeeper.server.persistence.FileTxnSnapLog;
import org.apache.zookeeper.util.ServiceUtils;

/**
 * A ZooKeeper server inside this JVM, on loopback, without its admin server. Thread-safe.
 *
 * <p>Sessions may be as short as one second. Its data survive a stop, and a killed JVM.
 */
public final class ZooKeeperNode implements AutoCloseable {

    private static final int TICK_MILLIS = 500;
    private static final int SESSION_MILLIS_MAX = 60_000;
    private static final int NO_CONNECTION_LIMIT = 0;
    private static final long LOG_GROWTH_BYTES = 1024 * 1024;
    private static final int PORT_ATTEMPTS = 5;

    private final Path directory;
    private int port;
    private Optional<NIOServerCnxnFactory> listener = Optional.empty();
    private Optional<ZooKeeperServer> server = Optional.empty();

    static {
        // It may not end the JVM, and its log need not begin with 64 MB.
        ServiceUtils.setSystemExitProcedure(ServiceUtils.LOG_ONLY);
        FileTxnLog.setPreallocSize(LOG_GROWTH_BYTES);
        loadWithoutItsExceptionHandler();
    }

    private ZooKeeperNode(Path directory, int port) {
        this.directory = directory;
        this.port = port;
    }

    /**
     * Starts a server on what the directory holds.
     *
     * @param port 0 for any free one, which {@link #start()} keeps
     */
    public static ZooKeeperNode start(Path directory, int port) {
        var node = new ZooKeeperNode(directory, port);
        node.start();
        return node;
    }

    /** Starts it again on the same port. Does nothing if it runs. */
    public synchronized void start() {
        if (isRunning()) {
            return;
        }
        Platform.requireWritable(directory);
        boolean anyPort = port == 0;
        for (int attempt = 1; !isRunning(); attempt++) {
            int wanted = anyPort ? Ports.free() : port;
            try {
                startOn(wanted);
                port = wanted;
            } catch (BindException e) {
                if (!anyPort || attempt == PORT_ATTEMPTS) {
                    throw Ports.taken(wanted, "ZooKeeper");
                }
            }
        }
    }

    private void startOn(int wanted) throws BindException {
        try {
            var listening = new NIOServerCnxnFactory();
            listening.configure(
                    new InetSocketAddress(InetAddress.ofLiteral(Ports.HOST), wanted),
                    NO_CONNECTION_LIMIT);
            var starting = new ZooKeeperServer();
            starting.setTxnLogFactory(new FileTxnSnapLog(directory.toFile(), directory.toFile()));
            starting.setTickTime(TICK_MILLIS);
            starting.setMinSessionTimeout(2 * TICK_MILLIS);
            starting.setMaxSessionTimeout(SESSION_MILLIS_MAX);
            listening.startup(starting);
            listener = Optional.of(listening);
            server = Optional.of(starting);
        } catch (BindException e) {
            throw e;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClusterProblem("Interrupted while starting ZooKeeper.", e);
        }
    }

    /** Disconnects everyone; sessions go on if it is started again before they expire. */
    public synchronized void stop() {
        listener.ifPresent(NIOServerCnxnFactory::shutdown);
        server.ifPresent(ZooKeeperNode::closeFiles);
        listener = Optional.empty();
        server = Optional.empty();
    }

    public synchronized boolean isRunning() {
        return server.map(ZooKeeperServer::isRunning).orElse(false);
    }

    public synchronized int port() {
        return port;
    }

    /** Host and port, as ZooKeeper's clients want them. */
    public String connectString() {
        return Ports.HOST + ":" + port();
    }

    @Override
    public void close() {
        stop();
    }

    /** The class, when loaded, makes itself the handler of uncaught exceptions of all threads. */
    private static void loadWithoutItsExceptionHandler() {
        var handler = Thread.getDefaultUncaughtExceptionHandler();
        try {
            Class.forName(NIOServerCnxnFactory.class.getName());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
        Thread.setDefaultUncaughtExceptionHandler(handler);
    }

    private static void closeFiles(ZooKeeperServer stopped) {
        try {
            stopped.shutdown(true);
            stopped.getTxnLogFactory().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
