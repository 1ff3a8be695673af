package io.shardway.proxy.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.topology.Node;
import io.shardway.router.topology.NodeRole;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two loops whose time the test drives, and a node that connects when the test says so. */
class NodePoolTest {

    private static final Node NODE = new Node("s1-a", NodeRole.PRIMARY, "localhost", 3306);
    private static final BackendFlavour PLAIN = new BackendFlavour(false, false, false);
    private static final BackendFlavour OTHER = new BackendFlavour(true, false, false);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final NodePool.PoolLimits LIMITS =
            new NodePool.PoolLimits(Duration.ofSeconds(2), Duration.ofSeconds(10), HOUR, HOUR);

    private final EmbeddedChannel first = new EmbeddedChannel();
    private final EmbeddedChannel second = new EmbeddedChannel();
    private final List<EmbeddedChannel> channels = new ArrayList<>(List.of(first, second));
    private final ArrayDeque<Asked> asked = new ArrayDeque<>();
    private final List<String> troubles = new ArrayList<>();
    private NodeLimit limit = limit(2, 4);

    private record Asked(
            BackendFlavour flavour,
            BackendConnection.ConnectionWatcher watcher,
            NodeConnector.Result result) {}

    private static final class Receiver implements LeaseReceiver {
        private Optional<BackendConnection> leased = Optional.empty();
        private Optional<ErrorCode> refused = Optional.empty();
        private int calls;

        @Override
        public void leased(BackendConnection connection) {
            leased = Optional.of(connection);
            calls++;
        }

        @Override
        public void refused(ShardwayException reason) {
            refused = Optional.of(reason.code());
            calls++;
        }

        private BackendConnection connection() {
            assertThat(calls).isEqualTo(1);
            return leased.orElseThrow();
        }
    }

    private NodeLimit limit(int connections, int waiters) {
        return new NodeLimit(connections, waiters, List.of(first.eventLoop(), second.eventLoop()));
    }

    private NodePool pool(int index, NodePool.PoolLimits limits) {
        NodeConnector connector =
                new NodeConnector() {
                    @Override
                    public void connect(
                            Node node,
                            BackendFlavour flavour,
                            EventLoop loop,
                            BackendConnection.ConnectionWatcher watcher,
                            Result result) {
                        asked.add(new Asked(flavour, watcher, result));
                    }
                };
        var listener =
                new NodePool.PoolListener() {
                    @Override
                    public void troubled(Node node, ShardwayException reason) {
                        troubles.add(reason.getMessage());
                    }

                    @Override
                    public void waited(Node node, long nanos) {}
                };
        return new NodePool(
                NODE,
                (index == 0 ? first : second).eventLoop(),
                index,
                limit,
                connector,
                limits,
                listener);
    }

    private Receiver lease(NodePool pool) {
        return lease(pool, PLAIN, SettingsProfile.EMPTY);
    }

    private Receiver lease(NodePool pool, BackendFlavour flavour, SettingsProfile profile) {
        var receiver = new Receiver();
        pool.lease(flavour, profile, receiver);
        return receiver;
    }

    private void connect() {
        Asked next = asked.remove();
        var channel = new EmbeddedChannel();
        channels.add(channel);
        var connection =
                new BackendConnection(NODE, next.flavour(), channel, 1, 10, next.watcher());
        channel.pipeline().addLast(connection);
        next.result().connected(connection);
        run();
    }

    private void fail() {
        asked.remove()
                .result()
                .failed(new ShardwayException(ErrorCode.BACKEND_UNAVAILABLE, "down"));
        run();
    }

    private void run() {
        for (int round = 0; round < 3; round++) {
            channels.forEach(EmbeddedChannel::runPendingTasks);
        }
    }

    private void pass(Duration time) {
        first.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
        second.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
        first.runScheduledPendingTasks();
        second.runScheduledPendingTasks();
        run();
    }

    @AfterEach
    void nobodyIsCountedAsWaitingForEver() {
        pass(Duration.ofMinutes(1));
        channels.forEach(EmbeddedChannel::finishAndReleaseAll);
        assertThat(limit.waiters()).isZero();
    }

    @Test
    void connectsForTheFirstAndLendsAgainWhatComesBack() {
        NodePool pool = pool(0, LIMITS);
        Receiver one = lease(pool);
        assertThat(one.calls).isZero();
        connect();
        pool.giveBack(one.connection());
        Receiver two = lease(pool);
        assertThat(two.connection()).isSameAs(one.connection());
        assertThat(asked).isEmpty();
        assertThat(limit.taken()).isEqualTo(1);
    }

    @Test
    void prefersAConnectionWithTheSameSettings() {
        NodePool pool = pool(0, LIMITS);
        var settings = SettingsProfile.of(Map.of("@pool", "1"));
        Receiver one = lease(pool);
        connect();
        Receiver two = lease(pool);
        connect();
        one.connection().profileIs(settings);
        pool.giveBack(one.connection());
        pool.giveBack(two.connection());
        assertThat(lease(pool, PLAIN, settings).connection()).isSameAs(one.connection());
        assertThat(lease(pool, PLAIN, settings).connection()).isSameAs(two.connection());
    }

    @Test
    void handsAConnectionToWhoWaitsLongest() {
        NodePool pool = pool(0, LIMITS);
        Receiver one = lease(pool);
        connect();
        lease(pool);
        connect();
        Receiver three = lease(pool);
        Receiver four = lease(pool);
        assertThat(asked).isEmpty();
        pool.giveBack(one.connection());
        assertThat(three.connection()).isSameAs(one.connection());
        assertThat(four.calls).isZero();
    }

    @Test
    void refusesWhoWaitsTooLongOnce() {
        limit = limit(1, 4);
        NodePool pool = pool(0, LIMITS);
        lease(pool);
        connect();
        Receiver late = lease(pool);
        pass(Duration.ofSeconds(1));
        assertThat(late.calls).isZero();
        pass(Duration.ofSeconds(2));
        assertThat(late.refused).contains(ErrorCode.POOL_EXHAUSTED);
        pass(Duration.ofSeconds(5));
        assertThat(late.calls).isEqualTo(1);
    }

    @Test
    void letsOnlySoManyWait() {
        limit = limit(1, 1);
        NodePool pool = pool(0, LIMITS);
        lease(pool);
        connect();
        Receiver atTheLimit = lease(pool);
        assertThat(atTheLimit.calls).isZero();
        assertThat(lease(pool).refused).contains(ErrorCode.TOO_MANY_WAITERS);
    }

    @Test
    void forgetsAWaiterThatLeft() {
        limit = limit(1, 4);
        NodePool pool = pool(0, LIMITS);
        Receiver one = lease(pool);
        connect();
        Receiver gone = lease(pool);
        pool.forget(gone);
        pool.giveBack(one.connection());
        assertThat(gone.calls).isZero();
        assertThat(pool.figures().idle()).isEqualTo(1);
    }

    @Test
    void closesAnIdleConnectionOfAnotherFlavourToMakeRoom() {
        limit = limit(1, 4);
        NodePool pool = pool(0, LIMITS);
        Receiver one = lease(pool);
        connect();
        pool.giveBack(one.connection());
        Receiver other = lease(pool, OTHER, SettingsProfile.EMPTY);
        run();
        assertThat(one.connection().isUsable()).isFalse();
        connect();
        assertThat(other.connection().flavour()).isEqualTo(OTHER);
        assertThat(limit.taken()).isEqualTo(1);
    }

    @Test
    void givesAnIdleConnectionUpForAnotherLoop() {
        limit = limit(1, 4);
        NodePool pool = pool(0, LIMITS);
        NodePool neighbour = pool(1, LIMITS);
        Receiver one = lease(pool);
        connect();
        pool.giveBack(one.connection());
        Receiver next = lease(neighbour);
        run();
        connect();
        assertThat(next.calls).isEqualTo(1);
        assertThat(pool.figures().open()).isZero();
    }

    @Test
    void givesABusyConnectionUpForAnotherLoopWhenItComesBack() {
        limit = limit(1, 4);
        NodePool pool = pool(0, LIMITS);
        NodePool neighbour = pool(1, LIMITS);
        Receiver one = lease(pool);
        connect();
        Receiver next = lease(neighbour);
        run();
        assertThat(asked).isEmpty();
        pool.giveBack(one.connection());
        run();
        connect();
        assertThat(next.calls).isEqualTo(1);
    }

    /** A login costs more than the wait for a connection that comes back soon. */
    @Test
    void movesNoConnectionForStatementsThatWaitShortly() {
        NodePool pool = pool(0, LIMITS);
        NodePool neighbour = pool(1, LIMITS);
        Receiver one = lease(pool);
        connect();
        Receiver two = lease(neighbour);
        connect();
        Receiver waiting = lease(neighbour);
        pass(Duration.ofMillis(40));
        pool.giveBack(one.connection());
        run();
        assertThat(pool.figures().idle()).isEqualTo(1);
        assertThat(asked).isEmpty();
        neighbour.giveBack(two.connection());
        assertThat(waiting.connection()).isSameAs(two.connection());
    }

    @Test
    void movesAnIdleConnectionToAStatementThatWaitsForLong() {
        NodePool pool = pool(0, LIMITS);
        NodePool neighbour = pool(1, LIMITS);
        Receiver one = lease(pool);
        connect();
        lease(neighbour);
        connect();
        pool.giveBack(one.connection());
        Receiver waiting = lease(neighbour);
        run();
        assertThat(asked).isEmpty();
        pass(Duration.ofMillis(60));
        connect();
        assertThat(waiting.calls).isEqualTo(1);
        assertThat(pool.figures().open()).isZero();
        assertThat(neighbour.figures().open()).isEqualTo(2);
        assertThat(limit.taken()).isEqualTo(2);
    }

    /** Who gives one up has waiters too, and could take the permit first. */
    @Test
    void handsAConnectionAboveTheShareToTheLoopThatWaits() {
        limit = limit(4, 8);
        NodePool pool = pool(0, LIMITS);
        NodePool neighbour = pool(1, LIMITS);
        Receiver one = lease(pool);
        connect();
        for (int more = 0; more < 2; more++) {
            lease(pool);
            connect();
        }
        lease(neighbour);
        connect();
        Receiver own = lease(pool);
        Receiver waiting = lease(neighbour);
        pass(Duration.ofMillis(60));
        pool.giveBack(one.connection());
        run();
        connect();
        assertThat(waiting.calls).isEqualTo(1);
        assertThat(own.calls).isZero();
        assertThat(pool.figures().open()).isEqualTo(2);
        assertThat(asked).isEmpty();
    }

    @Test
    void lendsToTheSameFlavourWhileOthersWaitShortly() {
        NodePool pool = pool(0, LIMITS);
        Receiver one = lease(pool);
        connect();
        lease(pool, OTHER, SettingsProfile.EMPTY);
        connect();
        Receiver other = lease(pool, OTHER, SettingsProfile.EMPTY);
        Receiver same = lease(pool);
        pool.giveBack(one.connection());
        assertThat(same.connection()).isSameAs(one.connection());
        pass(Duration.ofMillis(60));
        pool.giveBack(one.connection());
        run();
        connect();
        assertThat(other.connection().flavour()).isEqualTo(OTHER);
        assertThat(one.connection().isUsable()).isFalse();
    }

    /** The freed permit must not stop at a loop whose connection is under way already. */
    @Test
    void passesAPermitOnToALoopThatNeedsIt() {
        limit = limit(2, 4);
        NodePool pool = pool(0, LIMITS);
        NodePool neighbour = pool(1, LIMITS);
        Receiver one = lease(neighbour);
        connect();
        lease(pool);
        Receiver starving = lease(neighbour);
        run();
        assertThat(asked).hasSize(1);
        one.connection().close();
        run();
        assertThat(asked).hasSize(2);
        connect();
        connect();
        assertThat(starving.calls).isEqualTo(1);
    }

    @Test
    void holdsWaitersWhileANodeIsInTroubleAndServesThemWhenItRecovers() {
        NodePool pool = pool(0, LIMITS);
        Receiver one = lease(pool);
        fail();
        assertThat(troubles).hasSize(1);
        assertThat(pool.figures().trouble()).isPresent();
        assertThat(one.calls).isZero();
        assertThat(limit.taken()).isZero();
        pass(Duration.ofMillis(100));
        connect();
        assertThat(one.calls).isEqualTo(1);
        assertThat(pool.figures().trouble()).isEmpty();
    }

    @Test
    void refusesAtOnceWhenTheTroubleLastsTooLong() {
        NodePool pool =
                pool(0, new NodePool.PoolLimits(Duration.ofSeconds(2), Duration.ZERO, HOUR, HOUR));
        Receiver one = lease(pool);
        fail();
        assertThat(one.refused).contains(ErrorCode.BACKEND_UNAVAILABLE);
        assertThat(lease(pool).refused).contains(ErrorCode.BACKEND_UNAVAILABLE);
    }

    @Test
    void looksAgainForANodeInTroubleThoughNobodyWaits() {
        NodePool pool =
                pool(0, new NodePool.PoolLimits(Duration.ofSeconds(2), Duration.ZERO, HOUR, HOUR));
        lease(pool);
        fail();
        pass(Duration.ofMillis(100));
        connect();
        assertThat(pool.figures().trouble()).isEmpty();
    }

    @Test
    void closesWhatIsIdleOrOpenForTooLong() {
        NodePool idling =
                pool(0, new NodePool.PoolLimits(Duration.ofSeconds(2), HOUR, Duration.ZERO, HOUR));
        Receiver one = lease(idling);
        connect();
        idling.giveBack(one.connection());
        idling.sweep();
        run();
        assertThat(idling.figures().open()).isZero();
        NodePool ageing =
                pool(0, new NodePool.PoolLimits(Duration.ofSeconds(2), HOUR, HOUR, Duration.ZERO));
        Receiver two = lease(ageing);
        connect();
        ageing.giveBack(two.connection());
        run();
        assertThat(ageing.figures().open()).isZero();
        assertThat(limit.taken()).isZero();
    }

    @Test
    void leavesAloneWhatIsNotIdleForTooLong() {
        NodePool pool = pool(0, LIMITS);
        Receiver one = lease(pool);
        connect();
        pool.giveBack(one.connection());
        pool.sweep();
        assertThat(pool.figures().idle()).isEqualTo(1);
    }

    @Test
    void doesNotLendAConnectionThatAKillIsAimedAt() {
        NodePool pool = pool(0, LIMITS);
        Receiver one = lease(pool);
        connect();
        one.connection().killBegun();
        pool.giveBack(one.connection());
        assertThat(pool.figures().idle()).isZero();
        one.connection().killDone();
        assertThat(pool.figures().idle()).isEqualTo(1);
    }

    @Test
    void dropsAConnectionThatBreaksWhileIdle() {
        NodePool pool = pool(0, LIMITS);
        Receiver one = lease(pool);
        connect();
        pool.giveBack(one.connection());
        channels.getLast().close();
        run();
        assertThat(pool.figures().idle()).isZero();
        assertThat(limit.taken()).isZero();
        assertThat(troubles).hasSize(1);
    }

    @Test
    void refusesEverybodyWhenItsNodeLeaves() {
        limit = limit(1, 4);
        NodePool pool = pool(0, LIMITS);
        Receiver one = lease(pool);
        connect();
        Receiver waiting = lease(pool);
        pool.retire();
        assertThat(waiting.refused).contains(ErrorCode.BACKEND_UNAVAILABLE);
        assertThat(lease(pool).refused).contains(ErrorCode.BACKEND_UNAVAILABLE);
        pool.giveBack(one.connection());
        run();
        assertThat(pool.figures().open()).isZero();
    }
}
