package io.shardway.proxy.execution;

import io.netty.channel.EventLoop;
import io.shardway.proxy.backend.NodePool;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.sql.Lexer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What one event loop has to itself: the lexer, scratch memory, its pools, and the snapshot it
 * serves. Confined to its event loop.
 */
public final class LoopContext {

    private static final int SCRATCH_BYTES = 16 << 10;
    private static final int SCRATCH_KEPT_MAX = 1 << 20;

    private final EventLoop loop;
    private final int index;
    private final Lexer lexer = new Lexer();
    private final Map<ShardId, NodePool> primaries = new HashMap<>();
    private final List<Runnable> whenDrained = new ArrayList<>();
    private byte[] scratch = new byte[SCRATCH_BYTES];
    private Serving serving;
    private long generation;
    private int inFlight;
    private int inFlightBefore;

    public LoopContext(EventLoop loop, int index, Serving serving) {
        this.loop = loop;
        this.index = index;
        this.serving = serving;
    }

    public EventLoop loop() {
        return loop;
    }

    public int index() {
        return index;
    }

    public Lexer lexer() {
        return lexer;
    }

    public Serving serving() {
        return serving;
    }

    /**
     * A new epoch begins on this loop.
     *
     * @param drained called once the statements routed before have ended
     */
    public void serve(Serving now, Runnable drained) {
        serving = now;
        generation++;
        inFlightBefore += inFlight;
        inFlight = 0;
        whenDrained.add(drained);
        announceDrained();
    }

    /** A statement begins; give the number back to {@link #statementEnded}. */
    long statementBegun() {
        inFlight++;
        return generation;
    }

    void statementEnded(long begunGeneration) {
        if (begunGeneration == generation) {
            inFlight--;
        } else {
            inFlightBefore--;
            announceDrained();
        }
    }

    private void announceDrained() {
        if (inFlightBefore == 0 && !whenDrained.isEmpty()) {
            var actions = List.copyOf(whenDrained);
            whenDrained.clear();
            actions.forEach(Runnable::run);
        }
    }

    public Map<ShardId, NodePool> primaries() {
        return primaries;
    }

    /** Memory for a statement's text; valid until the next call. */
    byte[] scratch(int bytes) {
        if (scratch.length < bytes) {
            scratch = new byte[Math.max(bytes, scratch.length * 2)];
        } else if (scratch.length > SCRATCH_KEPT_MAX && bytes < SCRATCH_BYTES) {
            scratch = new byte[SCRATCH_BYTES];
        }
        return scratch;
    }
}
