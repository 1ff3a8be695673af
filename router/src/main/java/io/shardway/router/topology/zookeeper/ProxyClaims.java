package io.shardway.router.topology.zookeeper;

import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.Epoch;
import io.shardway.router.topology.ProxyInfo;
import io.shardway.router.topology.ProxyLife;
import io.shardway.router.topology.ProxyRegistry;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.curator.framework.api.transaction.CuratorOp;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Stat;

/**
 * One process's attempts to get its number. Confined to the thread that registers.
 *
 * <p>Every claim also writes the parent node, if that is unchanged since the proxies were read. So
 * claims happen one after the other, and two processes of one name cannot get two numbers.
 */
final class ProxyClaims {

    private final Nodes nodes;
    private final Paths paths;
    private final ProxyNodes proxyNodes;
    private final ProxyInfo info;
    private final String incarnation = UUID.randomUUID().toString();

    ProxyClaims(Nodes nodes, Paths paths, ProxyNodes proxyNodes, ProxyInfo info) {
        this.nodes = nodes;
        this.paths = paths;
        this.proxyNodes = proxyNodes;
        this.info = info;
    }

    /**
     * A number that was won.
     *
     * @param incarnation tells this process from others of its name
     * @param version of the proxy's node: when it changes, somebody else took over
     */
    record Claim(int number, ProxyInfo info, String incarnation, int version) {}

    /** Empty when the name is alive, or somebody else claimed a number at the same time. */
    Optional<Claim> attempt() throws Exception {
        int parentVersion = nodes.stat(paths.proxies()).map(Stat::getVersion).orElse(0);
        List<ProxyNodes.Entry> entries = proxyNodes.entries();
        Optional<ProxyNodes.Entry> named =
                entries.stream()
                        .filter(entry -> entry.state().info().name().equals(info.name()))
                        .findFirst();
        if (named.isEmpty()) {
            return attemptNew(entries, parentVersion);
        }
        if (named.get().state().alive()) {
            return ownClaim(named.get());
        }
        return take(named.get(), parentVersion);
    }

    private Optional<Claim> attemptNew(List<ProxyNodes.Entry> entries, int parentVersion)
            throws Exception {
        var used =
                entries.stream().map(entry -> entry.state().number()).collect(Collectors.toSet());
        var free =
                IntStream.rangeClosed(1, ProxyRegistry.NUMBER_MAX)
                        .boxed()
                        .filter(Predicate.not(used::contains))
                        .findFirst();
        if (free.isPresent()) {
            return create(free.get(), parentVersion);
        }
        ProxyNodes.Entry stopped =
                entries.stream()
                        .filter(entry -> entry.state().life() == ProxyLife.STOPPED)
                        .findFirst()
                        .orElseThrow(() -> new ShardwayException(ErrorCode.TOO_MANY_PROXIES, ""));
        return take(stopped, parentVersion);
    }

    private Optional<Claim> create(int number, int parentVersion) throws Exception {
        return commit(
                new Claim(number, info, incarnation, 0),
                List.of(
                        nodes.set(paths.proxies(), parentVersion, new byte[0]),
                        nodes.create(paths.proxy(number), document()),
                        nodes.create(paths.announced(number), ProxyNodes.bytesOf(Epoch.NONE)),
                        nodes.create(paths.inbox(number), new byte[0])));
    }

    private Optional<Claim> take(ProxyNodes.Entry entry, int parentVersion) throws Exception {
        int number = entry.state().number();
        return commit(
                new Claim(number, info, incarnation, entry.version() + 1),
                List.of(
                        nodes.set(paths.proxies(), parentVersion, new byte[0]),
                        nodes.set(paths.proxy(number), entry.version(), document()),
                        nodes.set(paths.announced(number), ProxyNodes.bytesOf(Epoch.NONE))));
    }

    private Optional<Claim> commit(Claim claim, List<CuratorOp> operations) throws Exception {
        var all = new ArrayList<>(operations);
        byte[] content = incarnation.getBytes(StandardCharsets.US_ASCII);
        all.add(nodes.createEphemeral(paths.alive(claim.number()), content));
        try {
            nodes.commit(all);
            return Optional.of(claim);
        } catch (KeeperException.BadVersionException
                | KeeperException.NodeExistsException
                | KeeperException.NoNodeException _) {
            return Optional.empty();
        }
    }

    /** An earlier attempt may have succeeded although its answer was lost. */
    private Optional<Claim> ownClaim(ProxyNodes.Entry entry) throws Exception {
        int number = entry.state().number();
        return nodes.read(paths.alive(number))
                .filter(alive -> nodes.isOfThisSession(alive.stat()))
                .filter(alive -> incarnation.equals(Nodes.text(alive)))
                .map(_ -> new Claim(number, info, incarnation, entry.version()));
    }

    private byte[] document() {
        return Json.write(ProxyDocument.of(info, false));
    }
}
