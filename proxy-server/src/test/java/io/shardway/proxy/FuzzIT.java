package io.shardway.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.mysql.cj.jdbc.JdbcConnection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.buffer.Unpooled;
import io.shardway.cluster.TestCluster;
import io.shardway.proxy.auth.LeakWatch;
import io.shardway.proxy.backend.NodePool;
import io.shardway.proxy.execution.LoopContext;
import io.shardway.proxy.protocol.Capabilities;
import io.shardway.proxy.protocol.HandshakeV10;
import io.shardway.proxy.protocol.Packets;
import io.shardway.proxy.protocol.Scrambles;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;

/**
 * Spoilt conversations of real drivers: a bad client loses its own connection and nothing else.
 * Longer with {@code -Dshardway.fuzz.seconds=600}; again with {@code -Dshardway.fuzz.seed=...}.
 */
@ExtendWith(LeakWatch.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(300)
class FuzzIT {

    private static final Duration LASTING =
            Duration.ofSeconds(Integer.getInteger("shardway.fuzz.seconds", 5));
    private static final long SEED = Long.getLong("shardway.fuzz.seed", System.nanoTime());
    private static final int CLIENTS = 4;

    /** Each may hold a connection to the node for as long as it is open. */
    private static final int HALF_OPEN_MAX = 4;

    private static final int ANSWER_PAUSE_MILLIS = 30;
    private static final long BUFFERS_MAX = 256 << 20;
    private static final String SETTINGS =
            "SELECT @@sql_mode, @@autocommit, @@time_zone, @@transaction_isolation,"
                    + " @@character_set_client, @@collation_connection, @@group_concat_max_len, @tag, DATABASE()";

    private static final ListAppender<ILoggingEvent> LOGS = new ListAppender<>();
    private static final List<Conversation> CONVERSATIONS = new ArrayList<>();

    private static TestProxy proxy;
    private static long key;
    private static List<String> cleanSettings;

    private interface Talk {
        void over(Connection connection) throws SQLException;
    }

    @BeforeAll
    static void record() throws Exception {
        LOGS.start();
        ((Logger) LoggerFactory.getLogger("io.shardway")).addAppender(LOGS);
        System.out.println("seed " + SEED);
        waitForLocks(1);
        proxy =
                TestProxy.start(
                        Map.of(
                                "frontend.login-failure-delay",
                                "0s",
                                "backend.connections-max",
                                "12",
                                "backend.acquire-timeout",
                                "20s"));
        key = proxy.keyOn(2, 1);
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE users (user_id BIGINT NOT NULL, n INT NOT NULL, name VARCHAR(50),"
                            + " data LONGBLOB, PRIMARY KEY (user_id, n))");
            for (int n = 0; n < 20; n++) {
                statement.executeUpdate(
                        "INSERT INTO users VALUES (" + key + ", " + n + ", 'name', NULL)");
            }
            cleanSettings = settings(connection);
        }
        try (var hop = new RecordingHop(proxy.proxy().port())) {
            record(hop, "text", "jdbc:mysql", "", FuzzIT::text);
            record(hop, "prepared", "jdbc:mysql", "useServerPrepStmts=true", FuzzIT::prepared);
            record(
                    hop,
                    "cursor",
                    "jdbc:mysql",
                    "useServerPrepStmts=true&useCursorFetch=true&defaultFetchSize=3",
                    FuzzIT::prepared);
            record(hop, "several", "jdbc:mysql", "allowMultiQueries=true", FuzzIT::several);
            record(hop, "change user", "jdbc:mysql", "", FuzzIT::changeUser);
            record(hop, "MariaDB", "jdbc:mariadb", "useServerPrepStmts=true", FuzzIT::prepared);
            record(hop, "MariaDB text", "jdbc:mariadb", "allowMultiQueries=true", FuzzIT::text);
        }
    }

    /**
     * A half-open client keeps the rows it has locked. Writes of clients that left are let finish,
     * so that they would fill the pool while they wait for it.
     */
    private static void waitForLocks(int seconds) throws SQLException {
        try (Connection node = TestCluster.shared().primary(2).connect();
                Statement statement = node.createStatement()) {
            statement.execute("SET GLOBAL innodb_lock_wait_timeout = " + seconds);
        }
    }

    @AfterAll
    static void stop() throws SQLException {
        proxy.close();
        waitForLocks(50);
        ((Logger) LoggerFactory.getLogger("io.shardway")).detachAppender(LOGS);
        assertThat(LOGS.list)
                .filteredOn(event ->
                        event.getLevel() == Level.ERROR
                                || event.getFormattedMessage().contains("event=bug")
                                || event.getFormattedMessage().contains("event=backend-broken"))
                .extracting(event -> event.getFormattedMessage() + thrown(event))
                .isEmpty();
    }

    private static String thrown(ILoggingEvent event) {
        return Optional.ofNullable(event.getThrowableProxy())
                .map(thrown -> {
                    var text =
                            new StringBuilder(
                                    " " + thrown.getClassName() + " " + thrown.getMessage());
                    for (var frame : thrown.getStackTraceElementProxyArray()) {
                        text.append("\n    ").append(frame);
                    }
                    return text.toString();
                })
                .orElse("");
    }

    private static void record(
            RecordingHop hop, String name, String driver, String parameters, Talk talk)
            throws Exception {
        int before = hop.conversations().size();
        String url =
                "%s://127.0.0.1:%d/%s?sslMode=%s&allowPublicKeyRetrieval=true&socketTimeout=20000&%s"
                        .formatted(
                                driver,
                                hop.port(),
                                proxy.keyspace(),
                                driver.contains("mariadb") ? "disable" : "DISABLED",
                                parameters);
        try (Connection connection = DriverManager.getConnection(url, "native", "native")) {
            talk.over(connection);
        }
        CONVERSATIONS.add(Conversation.of(name, hop.conversations().get(before)));
    }

    private static void text(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET sql_mode = 'ANSI_QUOTES', @tag = 'a''b', time_zone = '+02:00'");
            connection.setAutoCommit(false);
            statement.executeUpdate(
                    "UPDATE users SET name = 'other' WHERE user_id = " + key + " AND n = 3");
            statement
                    .executeQuery(
                            "SELECT n, name FROM users WHERE user_id = " + key + " FOR UPDATE")
                    .close();
            connection.rollback();
            connection.setAutoCommit(true);
            statement.executeQuery("SELECT @tag, LAST_INSERT_ID(), CONNECTION_ID()").close();
            statement.executeQuery("SHOW WARNINGS").close();
        }
    }

    private static void prepared(Connection connection) throws SQLException {
        String select = "SELECT n, name, data FROM users WHERE user_id = ? AND n >= ? ORDER BY n";
        try (PreparedStatement statement = connection.prepareStatement(select)) {
            statement.setFetchSize(3);
            for (int from = 0; from < 20; from += 8) {
                statement.setLong(1, key);
                statement.setInt(2, from);
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next() && rows.getInt(1) < 12) {
                        rows.getString(2);
                    }
                }
            }
        }
        connection.setAutoCommit(false);
        String update = "UPDATE users SET name = ?, data = ? WHERE user_id = ? AND n = 5";
        try (PreparedStatement statement = connection.prepareStatement(update)) {
            statement.setString(1, "later");
            statement.setBinaryStream(2, new ByteArrayInputStream(new byte[3_000]));
            statement.setLong(3, key);
            statement.executeUpdate();
        }
        connection.rollback();
        connection.setAutoCommit(true);
    }

    private static void several(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(
                    "SET group_concat_max_len = 2000; SELECT n FROM users WHERE user_id = "
                            + key
                            + "; SELECT 2; BEGIN; DELETE FROM users WHERE user_id = "
                            + key
                            + " AND n = 7; ROLLBACK");
            while (statement.getMoreResults() || statement.getUpdateCount() >= 0) {
                statement.getUpdateCount();
            }
        }
    }

    private static void changeUser(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate(
                    "UPDATE users SET name = 'x' WHERE user_id = " + key + " AND n = 9");
        }
        connection.unwrap(JdbcConnection.class).changeUser("native", "native");
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate(
                    "UPDATE users SET name = 'y' WHERE user_id = " + key + " AND n = 10");
        }
        connection.unwrap(JdbcConnection.class).resetServerState();
        connection.setAutoCommit(true);
    }

    @Test
    @Order(1)
    void losesOnlyTheConnectionOfABadClient() throws Exception {
        var over = new AtomicBoolean();
        var tries = new AtomicInteger();
        var halfOpen = new ConcurrentLinkedQueue<Socket>();
        long end = System.nanoTime() + LASTING.toNanos();
        try (var executor = Executors.newVirtualThreadPerTaskExecutor();
                AutoCloseable _ = () -> closeAll(halfOpen)) {
            Future<Integer> control = executor.submit(() -> control(over));
            var clients = new ArrayList<Future<?>>();
            for (int client = 0; client < CLIENTS; client++) {
                var random = new Random(SEED + client);
                clients.add(
                        executor.submit(() -> {
                            while (System.nanoTime() < end && !control.isDone()) {
                                spoil(random, halfOpen);
                                tries.incrementAndGet();
                            }
                            return null;
                        }));
            }
            try {
                for (Future<?> client : clients) {
                    client.get();
                }
            } finally {
                over.set(true);
            }
            System.out.println(
                    tries
                            + " spoilt conversations, "
                            + control.get()
                            + " good statements meanwhile");
        }
        assertThat(tries.get()).isPositive();
        assertNothingIsLeft();
    }

    @Test
    @Order(2)
    void endsWhatAClientBeganWhereverItsBytesEnd() throws Exception {
        long end = System.nanoTime() + LASTING.toNanos();
        Conversation shortest =
                CONVERSATIONS.stream()
                        .min((one, other) ->
                                Integer.compare(one.bytes().length, other.bytes().length))
                        .orElseThrow();
        byte[] bytes = shortest.bytes();
        for (int length = 0; length < bytes.length && System.nanoTime() < end; length++) {
            try (Socket socket = logIn(shortest.capabilities())) {
                socket.getOutputStream().write(bytes, 0, length);
                if (length % 3 == 0) {
                    socket.setSoLinger(true, 0);
                } else if (length % 3 == 1) {
                    socket.shutdownOutput();
                    readUntilQuiet(socket);
                }
            } catch (IOException refused) {
                // The proxy may close first.
            }
        }
        assertNothingIsLeft();
    }

    @Test
    @Order(3)
    void answersMalformedCommandsWithAnError() throws Exception {
        try (Socket socket = logIn(CONVERSATIONS.getFirst().capabilities())) {
            socket.getOutputStream().write(new byte[] {1, 0, 0, 7, 14});
            assertThat(errorCode(socket)).isEqualTo(1835);
        }
        long plain = CONVERSATIONS.getFirst().capabilities() & ~Capabilities.QUERY_ATTRIBUTES;
        try (Socket socket = logIn(plain)) {
            socket.getOutputStream().write(new byte[] {2, 0, 0, 0, 12, 1});
            assertThat(errorCode(socket)).isEqualTo(1835);
        }
        try (Socket socket = logIn(plain | Capabilities.QUERY_ATTRIBUTES)) {
            byte[] query = {9, 0, 0, 0, 3, (byte) 0xFC, (byte) 0xFF, (byte) 0xFF, 1, 0, 0, 0, 0};
            socket.getOutputStream().write(query);
            assertThat(errorCode(socket)).isEqualTo(1835);
        }
        try (Socket socket = logIn(plain)) {
            socket.getOutputStream().write(new byte[] {5, 0, 0, 0, 0x17, 99, 0, 0, 0});
            assertThat(errorCode(socket)).isEqualTo(1243);
        }
        assertNothingIsLeft();
    }

    @Test
    @Order(4)
    void runsThousandsOfStatementsThatItAnswersItself() throws Exception {
        try (Connection connection = proxy.connect("allowMultiQueries=true");
                Statement statement = connection.createStatement()) {
            statement.execute("COMMIT;".repeat(20_000) + "SELECT 1");
            int results = 1;
            while (statement.getMoreResults() || statement.getUpdateCount() >= 0) {
                results++;
            }
            assertThat(results).isEqualTo(20_001);
        }
    }

    @Test
    @Order(5)
    void fetchesFromTwoCursorsOfOneTextInTurn() throws Exception {
        String parameters = "useServerPrepStmts=true&useCursorFetch=true&cachePrepStmts=false";
        String select = "SELECT n FROM users WHERE user_id = ? AND n >= ? ORDER BY n";
        try (Connection connection = proxy.connect(parameters);
                PreparedStatement one = connection.prepareStatement(select);
                PreparedStatement other = connection.prepareStatement(select)) {
            one.setFetchSize(2);
            other.setFetchSize(2);
            one.setLong(1, key);
            one.setInt(2, 0);
            other.setLong(1, key);
            other.setInt(2, 10);
            try (ResultSet low = one.executeQuery();
                    ResultSet high = other.executeQuery()) {
                for (int n = 0; n < 10; n++) {
                    assertThat(low.next()).isTrue();
                    assertThat(low.getInt(1)).isEqualTo(n);
                    assertThat(high.next()).isTrue();
                    assertThat(high.getInt(1)).isEqualTo(10 + n);
                }
                assertThat(high.next()).isFalse();
            }
        }
        assertNothingIsLeft();
    }

    private static int control(AtomicBoolean over) throws SQLException {
        int statements = 0;
        try (Connection connection = proxy.connect("useServerPrepStmts=true");
                PreparedStatement select =
                        connection.prepareStatement(
                                "SELECT n FROM users WHERE user_id = ? ORDER BY n")) {
            while (!over.get()) {
                select.setLong(1, key);
                int rows = 0;
                try (ResultSet answer = select.executeQuery()) {
                    while (answer.next()) {
                        assertThat(answer.getInt(1)).isEqualTo(rows++);
                    }
                }
                assertThat(rows).isEqualTo(20);
                assertThat(settings(connection)).isEqualTo(cleanSettings);
                statements += 2;
            }
        }
        return statements;
    }

    private static void spoil(Random random, ConcurrentLinkedQueue<Socket> halfOpen) {
        Conversation conversation = CONVERSATIONS.get(random.nextInt(CONVERSATIONS.size()));
        byte[] noise = new byte[random.nextInt(300)];
        random.nextBytes(noise);
        try {
            Socket socket =
                    random.nextInt(15) == 0 ? connect() : logIn(conversation.capabilities());
            boolean keep = random.nextInt(50) == 0 && halfOpen.size() < HALF_OPEN_MAX;
            try {
                socket.getOutputStream()
                        .write(random.nextInt(20) == 0 ? noise : conversation.spoilt(random));
                switch (random.nextInt(4)) {
                    case 0 -> socket.setSoLinger(true, 0);
                    case 1 -> socket.shutdownOutput();
                    default -> readUntilQuiet(socket);
                }
            } finally {
                if (keep) {
                    halfOpen.add(socket);
                } else {
                    socket.close();
                }
            }
        } catch (IOException closed) {
            // What the proxy does to a bad client.
        }
    }

    private static void closeAll(Iterable<Socket> sockets) throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    private static Socket connect() throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), proxy.proxy().port());
        socket.setTcpNoDelay(true);
        return socket;
    }

    private static Socket logIn(long clientCapabilities) throws IOException {
        Socket socket = connect();
        var in = new DataInputStream(socket.getInputStream());
        var greeting = HandshakeV10.read(Unpooled.wrappedBuffer(packet(in)));
        long capabilities =
                (clientCapabilities
                                | Capabilities.PLUGIN_AUTH
                                | Capabilities.SECURE_CONNECTION
                                | Capabilities.PROTOCOL_41
                                | Capabilities.CONNECT_WITH_DB)
                        & greeting.capabilities();
        byte[] scramble = Scrambles.nativeScramble("native".getBytes(UTF_8), greeting.nonce());
        ByteBuf framed =
                Packets.frame(
                        io.netty.buffer.UnpooledByteBufAllocator.DEFAULT,
                        1,
                        out -> {
                            out.writeIntLE((int) capabilities)
                                    .writeIntLE(1 << 24)
                                    .writeByte(45)
                                    .writeZero(23);
                            out.writeBytes("native\0".getBytes(UTF_8))
                                    .writeByte(scramble.length)
                                    .writeBytes(scramble);
                            out.writeBytes(
                                    (proxy.keyspace() + "\0mysql_native_password\0")
                                            .getBytes(UTF_8));
                        });
        byte[] login = new byte[framed.readableBytes()];
        framed.readBytes(login);
        framed.release();
        socket.getOutputStream().write(login);
        byte[] answer = packet(in);
        if (answer[0] != 0) {
            socket.close();
            throw new IllegalStateException("login refused: " + new String(answer, UTF_8));
        }
        return socket;
    }

    private static byte[] packet(DataInputStream in) throws IOException {
        int length =
                in.readUnsignedByte() | in.readUnsignedByte() << 8 | in.readUnsignedByte() << 16;
        in.readByte();
        return in.readNBytes(length);
    }

    private static int errorCode(Socket socket) throws IOException {
        byte[] answer = packet(new DataInputStream(socket.getInputStream()));
        assertThat(answer[0] & 0xFF).isEqualTo(0xFF);
        return (answer[1] & 0xFF) | (answer[2] & 0xFF) << 8;
    }

    private static void readUntilQuiet(Socket socket) throws IOException {
        socket.setSoTimeout(ANSWER_PAUSE_MILLIS);
        byte[] buffer = new byte[1 << 14];
        try {
            while (socket.getInputStream().read(buffer) >= 0) {
                // All answers are thrown away.
            }
        } catch (SocketTimeoutException quiet) {
            // Nothing more comes.
        }
    }

    private static void assertNothingIsLeft() throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        List<String> left = left();
        while (!left.isEmpty() && System.nanoTime() < end) {
            Thread.onSpinWait();
            left = left();
        }
        assertThat(left).isEmpty();
        if (ByteBufAllocator.DEFAULT instanceof ByteBufAllocatorMetricProvider memory) {
            assertThat(memory.metric().usedDirectMemory() + memory.metric().usedHeapMemory())
                    .isLessThan(BUFFERS_MAX);
        }
        assertEverySessionIsClean();
        String table = "after" + Long.toString(System.nanoTime(), 36);
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE " + table + " (user_id BIGINT NOT NULL PRIMARY KEY)");
        }
    }

    /** Sessions, leases and transactions that nobody should have any more. */
    private static List<String> left() throws Exception {
        var left = new ArrayList<String>();
        if (proxy.proxy().registry().size() > 0) {
            left.add(proxy.proxy().registry().size() + " sessions");
        }
        for (LoopContext loop : proxy.proxy().loops()) {
            loop.loop()
                    .submit(() -> {
                        for (NodePool pool : loop.primaries().values()) {
                            NodePool.PoolFigures figures = pool.figures();
                            if (figures.open() != figures.idle() || figures.waiters() > 0) {
                                left.add(pool.node().name() + " " + figures);
                            }
                        }
                    })
                    .get();
        }
        for (int shard = 1; shard <= proxy.cluster().shardCount(); shard++) {
            try (Connection connection = proxy.onShard(shard);
                    Statement statement = connection.createStatement();
                    ResultSet rows =
                            statement.executeQuery(
                                    """
                                    SELECT CONCAT_WS(' ', t.trx_id, t.trx_state, t.trx_started,
                                                     p.id, p.user, p.command, p.time, p.state, p.info)
                                      FROM information_schema.innodb_trx t
                                      JOIN information_schema.processlist p
                                        ON p.id = t.trx_mysql_thread_id WHERE p.db = '%s'
                                    """
                                            .formatted(proxy.keyspace()))) {
                while (rows.next()) {
                    left.add("on shard " + shard + " transaction " + rows.getString(1));
                }
            }
        }
        return left;
    }

    /** So many at once that each idle connection is among theirs. */
    private static void assertEverySessionIsClean() throws SQLException {
        var open = new ArrayList<Connection>();
        try {
            for (int i = 0; i < 10; i++) {
                Connection connection = proxy.connect();
                open.add(connection);
                connection.setAutoCommit(false);
                try (Statement statement = connection.createStatement()) {
                    statement
                            .executeQuery("SELECT n FROM users WHERE user_id = " + key + " LIMIT 1")
                            .close();
                }
                connection.setAutoCommit(true);
                assertThat(settings(connection)).isEqualTo(cleanSettings);
                connection.setAutoCommit(false);
                try (Statement statement = connection.createStatement()) {
                    statement
                            .executeQuery("SELECT n FROM users WHERE user_id = " + key + " LIMIT 1")
                            .close();
                }
            }
        } finally {
            for (Connection connection : open) {
                connection.close();
            }
        }
    }

    private static List<String> settings(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(SETTINGS)) {
            row.next();
            var values = new ArrayList<String>();
            for (int column = 1; column <= row.getMetaData().getColumnCount(); column++) {
                values.add(String.valueOf(row.getString(column)));
            }
            return values;
        }
    }
}
