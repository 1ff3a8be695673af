package io.shardway.proxy.execution;

/** Lets KILL QUERY stop what a session waits for on another thread. Thread-safe. */
public final class Cancellation {

    private Runnable action = () -> {};
    private boolean cancelled;

    /**
     * Something begins that can be stopped, or ends ({@code () -> {}}). The action may block.
     *
     * @param now run at once if the session was killed already
     */
    public void stopBy(Runnable now) {
        synchronized (this) {
            action = now;
            if (!cancelled) {
                return;
            }
        }
        now.run();
    }

    /** From now on it is too late: what was begun comes to its end. */
    public synchronized void tooLate() {
        action = () -> {};
        cancelled = false;
    }

    /** KILL QUERY. Returns at once. */
    void cancel() {
        Runnable now;
        synchronized (this) {
            cancelled = true;
            now = action;
        }
        Thread.ofVirtual().name("cancel").start(now);
    }
}
