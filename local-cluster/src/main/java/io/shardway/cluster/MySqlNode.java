package io.shardway.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One real MySQL server on loopback, run as a child process. Thread-safe.
 *
 * <p>It keeps GTIDs and a row binlog with full metadata, ready to be a primary or a replica; one
 * that replicates comes back read-only. Its data survive {@link #kill()}, because what it has
 * written is with the operating system; they do not survive a power cut, because nothing waits for
 * the disk ({@code sync_binlog=0}, {@code innodb_flush_log_at_trx_commit=2}). The server ends with
 * this JVM, even if the JVM is killed.
 */
public final class MySqlNode implements AutoCloseable {

    static final String REDO_LOG_ARGUMENT = "--innodb-redo-log-capacity=64M";
    static final long MEGABYTES_NEW = 250;

    private static final Duration ANSWER_BOUND = Duration.ofSeconds(3);
    private static final Duration STOP_BOUND = Duration.ofSeconds(30);
    private static final long MEGABYTES_KEPT = 100;
    private static final int PORT_ATTEMPTS = 5;
    private static final int NO_SUCH_THREAD = 1094;

    private final MySqlBinaries binaries;
    private final NodeOptions options;
    private final NodeFiles files;
    private int port;
    private Optional<ChildProcess> process = Optional.empty();
    private boolean replicatesWhenStarted = true;

    private MySqlNode(MySqlBinaries binaries, NodeOptions options) {
        this.binaries = binaries;
        this.options = options;
        this.files = new NodeFiles(options.directory());
        this.port = options.port();
    }

    /** Starts a node on the data its directory holds, or on fresh data; returns when it answers. */
    public static MySqlNode start(MySqlBinaries binaries, NodeOptions options) {
        var node = new MySqlNode(binaries, options);
        node.start();
        return node;
    }

    /** Like {@link #start}, but this once whoever calls starts the replication. */
    static MySqlNode startWithoutReplicating(MySqlBinaries binaries, NodeOptions options) {
        var node = new MySqlNode(binaries, options);
        node.replicatesWhenStarted = false;
        node.start();
        node.replicatesWhenStarted = true;
        return node;
    }

    /** Starts it again, on the same port. Does nothing if it runs. */
    public synchronized void start() {
        if (isRunning()) {
            return;
        }
        Platform.requireWritable(files.directory());
        Platform.requireSpace(files.directory(), files.hasData() ? MEGABYTES_KEPT : MEGABYTES_NEW);
        files.awaitFormerProcessGone(options.name());
        boolean fresh = !files.hasData();
        if (fresh) {
            createData();
        }
        RunAs runAs = RunAs.forFiles(binaries.mysqld(), files.data());
        runAs.own(files.directory());
        launchOnSomePort(runAs);
        try {
            finishStart();
        } catch (SQLException | IOException e) {
            kill();
            throw new ClusterProblem("MySQL node " + options.name() + " did not come up.", e);
        }
    }

    /** Asks it to shut down and waits; does nothing if it does not run. */
    public synchronized void stop() {
        process.ifPresent(running -> {
            askToStop(running);
            running.stop(STOP_BOUND);
        });
        process = Optional.empty();
    }

    /** Ends it at once (SIGKILL); does nothing if it does not run. */
    public synchronized void kill() {
        process.ifPresent(ChildProcess::kill);
        process = Optional.empty();
    }

    public synchronized void restart() {
        stop();
        start();
    }

    /** Lets it answer nobody while its connections stay open (SIGSTOP). */
    public synchronized void suspend() {
        running().suspend();
    }

    /** Lets it go on after {@link #suspend()} (SIGCONT). */
    public synchronized void resume() {
        running().resume();
    }

    public synchronized boolean isRunning() {
        return process.map(ChildProcess::isAlive).orElse(false);
    }

    @Override
    public void close() {
        stop();
    }

    public String name() {
        return options.name();
    }

    public String host() {
        return Ports.HOST;
    }

    public synchronized int port() {
        return port;
    }

    public int serverId() {
        return options.serverId();
    }

    public String rootPassword() {
        return options.rootPassword();
    }

    /** The server's process id; it must be running. */
    public synchronized long pid() {
        return running().pid();
    }

    public Path errorLog() {
        return files.errorLog();
    }

    /** A URL for any account; without TLS, as all is on loopback. The database may be empty. */
    public String jdbcUrl(String database) {
        return url(port(), database);
    }

    /** A new connection as root, without a database. */
    public Connection connect() throws SQLException {
        return connect("");
    }

    /** A new connection as root. */
    public Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(jdbcUrl(database), "root", rootPassword());
    }

    /** Runs statements one after the other on one connection as root. */
    public void execute(String... statements) throws SQLException {
        try (Connection connection = connect();
                var statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    /** The first column of the first row, as root; empty if there is no row or it is NULL. */
    public Optional<String> queryValue(String query) throws SQLException {
        try (Connection connection = connect();
                var statement = connection.createStatement();
                var rows = statement.executeQuery(query)) {
            return rows.next() ? Optional.ofNullable(rows.getString(1)) : Optional.empty();
        }
    }

    /** All transactions this node has. */
    public String gtidExecuted() throws SQLException {
        return queryValue("SELECT REPLACE(@@GLOBAL.gtid_executed, '\\n', '')").orElseThrow();
    }

    /** Returns when this node has all transactions of the set; throws when the bound has passed. */
    public void awaitGtids(String gtidSet, Duration bound) throws SQLException {
        String wait =
                "SELECT WAIT_FOR_EXECUTED_GTID_SET('%s', %d)".formatted(gtidSet, bound.toSeconds());
        if (!queryValue(wait).orElseThrow().equals("0")) {
            throw new ClusterProblem(
                    "Node %s has only %s after %d s, and not %s."
                            .formatted(name(), gtidExecuted(), bound.toSeconds(), gtidSet));
        }
    }

    @Override
    public String toString() {
        return "MySqlNode[" + options.name() + " on " + host() + ":" + port() + "]";
    }

    private ChildProcess running() {
        return process.orElseThrow(
                () -> new IllegalStateException("node " + name() + " does not run"));
    }

    /** The password is set before the server listens, by a file that exists until it is done. */
    private void createData() {
        String password = SqlText.quoted(options.rootPassword());
        String statements =
                """
                SET sql_log_bin = 0;
                ALTER USER 'root'@'localhost' IDENTIFIED BY %s;
                """
                        .formatted(password);
        try {
            Files.deleteIfExists(files.firstStatements());
            Files.createFile(
                    files.firstStatements(),
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------")));
            Files.writeString(files.firstStatements(), statements);
            binaries.copyTemplate(files.data());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Somebody else may take a free port before mysqld does; then another one is as good. */
    private void launchOnSomePort(RunAs runAs) {
        for (int attempt = 1; ; attempt++) {
            boolean anyPort = port == 0;
            int wanted = anyPort ? Ports.free() : port;
            if (!anyPort && !Ports.isFree(wanted)) {
                throw Ports.taken(wanted, "MySQL node " + options.name());
            }
            long logStart = files.logLength();
            if (launch(runAs, wanted, logStart)) {
                port = wanted;
                return;
            }
            StartFailure failure = StartFailure.of(options.name(), wanted, files, logStart);
            kill();
            if (!failure.portTaken() || !anyPort || attempt == PORT_ATTEMPTS) {
                throw failure.problem();
            }
        }
    }

    /** Whether it came up within its bound. */
    private boolean launch(RunAs runAs, int wanted, long logStart) {
        var child =
                ChildProcess.start(
                        MySqlArguments.of(binaries, options, wanted, files, runAs),
                        binaries.environment(),
                        files.errorLog());
        process = Optional.of(child);
        files.rememberProcess(child.pid());
        long deadline = System.nanoTime() + options.startTimeout().toNanos();
        while (child.isAlive() && System.nanoTime() - deadline < 0) {
            if (Ports.isListening(wanted) && answers(wanted)) {
                return true;
            }
            if (StartFailure.isDiskFull(files.logLinesFrom(logStart))) {
                return false; // It would neither come up nor end.
            }
            Waiting.pause();
        }
        return false;
    }

    /** The port may be another program's, so the answer has to name our data. */
    private boolean answers(int wanted) {
        try (Connection connection = connectWithin(ANSWER_BOUND, wanted);
                var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT @@datadir")) {
            return rows.next()
                    && Path.of(rows.getString(1)).toRealPath().equals(files.data().toRealPath());
        } catch (SQLException | IOException e) {
            return false; // Not yet, or not ours; the deadline decides.
        }
    }

    /**
     * Ends the threads that send the binlog before it asks. In 8.0.31 they do not hear of a
     * shutdown but spin for nine seconds until they are ended by force. A limit on connections
     * keeps their clients from coming back; other clients notice the shutdown and nothing else.
     */
    private void askToStop(ChildProcess running) {
        if (!running.isAlive()) {
            return;
        }
        try (Connection connection = connectWithin(ANSWER_BOUND, port);
                var statement = connection.createStatement()) {
            if (!binlogDumps(statement).isEmpty()) {
                statement.execute("SET GLOBAL max_connections = 1");
                long deadline = System.nanoTime() + ANSWER_BOUND.toNanos();
                for (List<Long> dumps = binlogDumps(statement);
                        !dumps.isEmpty() && System.nanoTime() - deadline < 0;
                        dumps = binlogDumps(statement)) {
                    for (long dump : dumps) {
                        kill(dump, statement);
                    }
                    Waiting.pause();
                }
            }
            running.askToEnd();
        } catch (SQLException e) {
            // It is suspended, full up or just gone: then the shutdown takes as long as it takes.
        }
    }

    private static void kill(long connection, Statement statement) throws SQLException {
        try {
            statement.execute("KILL " + connection);
        } catch (SQLException e) {
            if (e.getErrorCode() != NO_SUCH_THREAD) {
                throw e;
            }
        }
    }

    private static List<Long> binlogDumps(Statement statement) throws SQLException {
        var dumps = new ArrayList<Long>();
        try (var rows = statement.executeQuery("SHOW PROCESSLIST")) {
            while (rows.next()) {
                if (rows.getString("Command").startsWith("Binlog Dump")) {
                    dumps.add(rows.getLong("Id"));
                }
            }
        }
        return dumps;
    }

    private Connection connectWithin(Duration bound, int wanted) throws SQLException {
        String url = url(wanted, "") + "&connectTimeout=%1$d&socketTimeout=%1$d";
        return DriverManager.getConnection(
                url.formatted(bound.toMillis()), "root", options.rootPassword());
    }

    private static String url(int port, String database) {
        return "jdbc:mysql://%s:%d/%s?sslMode=DISABLED&allowPublicKeyRetrieval=true"
                .formatted(Ports.HOST, port, database);
    }

    private void finishStart() throws SQLException, IOException {
        Files.deleteIfExists(files.firstStatements());
        if (queryValue("SHOW REPLICA STATUS").isPresent()) {
            execute("SET GLOBAL super_read_only = ON");
            if (replicatesWhenStarted) {
                execute("START REPLICA");
            }
        }
    }
}
