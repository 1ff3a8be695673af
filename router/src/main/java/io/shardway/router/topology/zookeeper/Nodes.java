package io.shardway.router.topology.zookeeper;

import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.api.ACLPathAndBytesable;
import org.apache.curator.framework.api.transaction.CuratorOp;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.data.Stat;

/**
 * Reads and writes of single nodes, without {@code null}. Thread-safe; methods block, and throw
 * ZooKeeper's own exceptions, which {@link #call} translates at the border of the package.
 */
final class Nodes {

    /**
     * What one transaction may carry. ZooKeeper breaks the connection at 1 MiB; paths and headers
     * need their part of it.
     */
    static final int TRANSACTION_BYTES_MAX = 768 * 1024;

    private final CuratorFramework curator;
    private final Duration timeout;

    Nodes(CuratorFramework curator, Duration timeout) {
        this.curator = curator;
        this.timeout = timeout;
    }

    /** A node's content and what ZooKeeper knows of it. */
    record Stored(byte[] data, Stat stat) {}

    /** Some calls of ZooKeeper. */
    @FunctionalInterface
    interface Work<T> {
        T run() throws Exception;
    }

    /** Runs the work; every failure comes out as a {@link ShardwayException}. */
    static <T> T call(Work<T> work) {
        try {
            return work.run();
        } catch (Exception e) {
            throw translate(e);
        }
    }

    static ShardwayException translate(Exception failure) {
        return switch (failure) {
            case ShardwayException known -> known;
            case KeeperException.NoAuthException e -> denied(e);
            case KeeperException.AuthFailedException e -> denied(e);
            case InterruptedException e -> {
                Thread.currentThread().interrupt();
                yield new ShardwayException(ErrorCode.TOPOLOGY_UNAVAILABLE, "interrupted", e);
            }
            case KeeperException e ->
                    new ShardwayException(ErrorCode.TOPOLOGY_UNAVAILABLE, e.code().name(), e);
            default ->
                    new ShardwayException(
                            ErrorCode.TOPOLOGY_UNAVAILABLE, String.valueOf(failure), failure);
        };
    }

    /** Whether the operation may have happened although it failed. */
    static boolean isLostAnswer(Exception failure) {
        return switch (failure) {
            case InterruptedException _ -> true;
            case KeeperException.ConnectionLossException _ -> true;
            case KeeperException.OperationTimeoutException _ -> true;
            case KeeperException.RequestTimeoutException _ -> true;
            case KeeperException.SessionExpiredException _ -> true;
            case KeeperException.SessionMovedException _ -> true;
            default -> false;
        };
    }

    private static ShardwayException denied(KeeperException e) {
        return new ShardwayException(
                ErrorCode.TOPOLOGY_ACCESS_DENIED, String.valueOf(e.getPath()), e);
    }

    CuratorFramework curator() {
        return curator;
    }

    Optional<Stored> read(String path) throws Exception {
        var stat = new Stat();
        try {
            return Optional.of(
                    new Stored(curator.getData().storingStatIn(stat).forPath(path), stat));
        } catch (KeeperException.NoNodeException _) {
            return Optional.empty();
        }
    }

    Optional<Stat> stat(String path) throws Exception {
        return Optional.ofNullable(curator.checkExists().forPath(path));
    }

    /** The watcher hears of the next change, whether the node is there now or not. */
    Optional<Stat> stat(String path, Watcher watcher) throws Exception {
        return Optional.ofNullable(curator.checkExists().usingWatcher(watcher).forPath(path));
    }

    /** Empty when the node is missing. */
    List<String> children(String path) throws Exception {
        try {
            return curator.getChildren().forPath(path);
        } catch (KeeperException.NoNodeException _) {
            return List.of();
        }
    }

    /** Makes later reads see everything that was written anywhere before this call. */
    void sync(String path) throws Exception {
        var done = new CompletableFuture<Integer>();
        curator.sync()
                .inBackground((_, event) -> done.complete(event.getResultCode()))
                .forPath(path);
        try {
            int code = done.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            if (code != KeeperException.Code.OK.intValue()) {
                throw KeeperException.create(KeeperException.Code.get(code), path);
            }
        } catch (TimeoutException _) {
            throw new KeeperException.OperationTimeoutException();
        }
    }

    /** Creates the node with its parents; does nothing if it is there. */
    void ensure(String path, String content) throws Exception {
        if (stat(path).isPresent()) {
            return;
        }
        try {
            curator.create()
                    .creatingParentsIfNeeded()
                    .forPath(path, content.getBytes(StandardCharsets.UTF_8));
        } catch (KeeperException.NodeExistsException _) {
            // Somebody was faster, with the same content.
        }
    }

    /** All of them happen, or none. */
    void commit(List<CuratorOp> operations) throws Exception {
        curator.transaction().forOperations(operations);
    }

    CuratorOp create(String path, byte[] data) throws Exception {
        return creation(CreateMode.PERSISTENT).forPath(path, data);
    }

    CuratorOp createEphemeral(String path, byte[] data) throws Exception {
        return creation(CreateMode.EPHEMERAL).forPath(path, data);
    }

    CuratorOp set(String path, byte[] data) throws Exception {
        return curator.transactionOp().setData().forPath(path, data);
    }

    CuratorOp set(String path, int version, byte[] data) throws Exception {
        return curator.transactionOp().setData().withVersion(version).forPath(path, data);
    }

    CuratorOp check(String path, int version) throws Exception {
        return curator.transactionOp().check().withVersion(version).forPath(path);
    }

    CuratorOp delete(String path) throws Exception {
        return curator.transactionOp().delete().forPath(path);
    }

    CuratorOp delete(String path, int version) throws Exception {
        return curator.transactionOp().delete().withVersion(version).forPath(path);
    }

    /** What is not there is deleted already. */
    void deleteQuietly(String path) throws Exception {
        curator.delete().quietly().forPath(path);
    }

    /** Whether the node is ephemeral and lives as long as the present session. */
    boolean isOfThisSession(Stat stat) {
        return call(() -> curator.getZookeeperClient().getZooKeeper().getSessionId())
                == stat.getEphemeralOwner();
    }

    static String text(Stored stored) {
        return new String(stored.data(), StandardCharsets.UTF_8);
    }

    private ACLPathAndBytesable<CuratorOp> creation(CreateMode mode) {
        // The access list comes from the client's ACL provider.
        return curator.transactionOp().create().withMode(mode);
    }
}
