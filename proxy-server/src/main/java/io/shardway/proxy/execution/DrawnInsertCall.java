package io.shardway.proxy.execution;

import io.shardway.router.ShardwayException;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/**
 * An INSERT of several rows waits for the keys that it draws, or for the sequence to move past
 * those that it gives; then another call writes them. Confined to its event loop.
 */
final class DrawnInsertCall implements RunningCall {

    private final StatementRunner runner;
    private final KeyWait keys;
    private final Consumer<long[]> then;
    private final BackendCommand command;
    private boolean dropped;

    /**
     * @param command released if it ends without keys
     */
    DrawnInsertCall(
            StatementRunner runner, KeyWait keys, BackendCommand command, Consumer<long[]> then) {
        this.runner = runner;
        this.keys = keys;
        this.command = command;
        this.then = then;
    }

    @Override
    public void start() {
        keys.begin()
                .whenComplete((drawn, problem) -> {
                    if (dropped) {
                        return;
                    }
                    if (problem == null) {
                        goOn(drawn);
                    } else {
                        failed(problem);
                    }
                });
    }

    private void goOn(long[] drawn) {
        try {
            then.accept(drawn);
        } catch (RuntimeException fault) {
            runner.bug(fault);
        }
    }

    private void failed(Throwable problem) {
        command.release();
        Throwable cause =
                problem instanceof CompletionException && problem.getCause() != null
                        ? problem.getCause()
                        : problem;
        if (cause instanceof ShardwayException refused) {
            runner.fail(refused.code(), refused.detail());
        } else {
            runner.bug(cause);
        }
    }

    @Override
    public boolean answerBegun() {
        return false;
    }

    @Override
    public String describe() {
        return "waiting for keys";
    }

    @Override
    public Optional<String> text() {
        return command.text();
    }

    @Override
    public void interrupt() {
        keys.interrupt();
    }

    @Override
    public void abandon() {
        keys.interrupt();
    }

    @Override
    public void closeConnections() {
        dropped = true;
        command.release();
    }
}
