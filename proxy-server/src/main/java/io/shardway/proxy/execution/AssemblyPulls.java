package io.shardway.proxy.execution;

import io.shardway.proxy.backend.SettingsProfile;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.router.keyspace.ShardId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * The pulls of an assembled statement, which begin one after the other, in the order of the shards,
 * so that no two statements wait in a ring. Confined to its event loop.
 */
final class AssemblyPulls implements Pull.Listener {

    /** Hears how all of them go on. */
    interface Owner {
        /** All have read what they were told first, and wait. */
        void looked();

        /** All are done. */
        void pulled();

        /** They were stopped, and one more is done. */
        void stopped();

        void failed(ErrPacket reason);

        /** Makes the settings under which rows are read of the session's. */
        SettingsProfile pulling(SettingsProfile session);
    }

    private final StatementRunner runner;
    private final Owner owner;
    private final BooleanSupplier locks;
    private final List<Pull> pulls = new ArrayList<>();
    private final ArrayDeque<Pull> waiting = new ArrayDeque<>();
    private int under;
    private boolean stopped;

    /**
     * @param locks whether rows are locked: then shard by shard, so that two such statements do not
     *     wait crosswise
     */
    AssemblyPulls(StatementRunner runner, Owner owner, BooleanSupplier locks) {
        this.runner = runner;
        this.owner = owner;
        this.locks = locks;
    }

    /**
     * @param tables which of the loader's tables have rows on a shard
     * @param twice whether they are read again, for another loader
     */
    void start(Map<ShardId, List<Integer>> tables, boolean twice, ScratchLoader loader) {
        tables.forEach((shard, numbers) -> {
            var pull = new Pull(runner, shard, numbers, twice, loader, this);
            pulls.add(pull);
            waiting.add(pull);
        });
        under = waiting.size();
        if (under == 0) {
            owner.pulled();
        }
        next();
    }

    private void next() {
        Pull next = waiting.poll();
        if (next != null) {
            next.start();
        }
    }

    /** All go on with another loader. */
    void readOn(ScratchLoader more) {
        List.copyOf(pulls).forEach(pull -> pull.readOn(more));
    }

    @Override
    public void connected() {
        if (!stopped && !locks.getAsBoolean()) {
            next();
        }
    }

    @Override
    public void looked() {
        if (pulls.stream().allMatch(Pull::hasLooked)) {
            owner.looked();
        }
    }

    @Override
    public void ended(Pull pull) {
        under--;
        if (stopped) {
            owner.stopped();
        } else if (under == 0) {
            owner.pulled();
        } else if (locks.getAsBoolean()) {
            next();
        }
    }

    @Override
    public void failed(ErrPacket reason) {
        owner.failed(reason);
    }

    @Override
    public SettingsProfile pulling(SettingsProfile session) {
        return owner.pulling(session);
    }

    /** How many are not done. */
    int under() {
        return under;
    }

    /** Whether a node has rolled the session's transaction back by itself. */
    boolean haveRolledBack() {
        return pulls.stream().anyMatch(Pull::hasRolledBack);
    }

    void readOn(boolean on) {
        pulls.forEach(pull -> pull.readOn(on));
    }

    /** Ends them as soon as can be. */
    void stop() {
        stopped = true;
        under -= waiting.size();
        waiting.clear();
        List.copyOf(pulls).forEach(Pull::stop);
    }

    void close() {
        pulls.forEach(Pull::close);
    }
}
