package io.shardway.proxy.backend;

import java.util.Optional;

/**
 * The KILLs aimed at one connection that are not answered yet: while there are any, it must not
 * come to others, who would be hit. Confined to its event loop.
 */
final class KillHold {

    private int killsInFlight;
    private Optional<Runnable> waiting = Optional.empty();

    void begun() {
        killsInFlight++;
    }

    /** What waited for the end of the last one, for the caller to run. */
    Optional<Runnable> ended() {
        if (killsInFlight == 0) {
            return Optional.empty(); // The connection was gone before.
        }
        killsInFlight--;
        return killsInFlight == 0 ? released() : Optional.empty();
    }

    /** The connection is gone: none of them can hit anybody. */
    Optional<Runnable> allEnded() {
        if (killsInFlight == 0) {
            return Optional.empty();
        }
        killsInFlight = 0;
        return released();
    }

    private Optional<Runnable> released() {
        Optional<Runnable> action = waiting;
        waiting = Optional.empty();
        return action;
    }

    boolean isHeld() {
        return killsInFlight > 0;
    }

    /** Runs the action at once, or leaves it to who hears of the last one's end. */
    void whenReleased(Runnable action) {
        if (killsInFlight == 0) {
            action.run();
        } else {
            waiting = Optional.of(action);
        }
    }
}
