package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.shardway.router.ShardwayException;
import io.shardway.router.plan.Planned;
import io.shardway.router.schema.Catalog;
import io.shardway.router.sql.SqlDialect;
import io.shardway.router.sql.Token;
import io.shardway.router.sql.Tokens;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where a session's statement waits while its shape is planned for the first time, so that the
 * others of its event loop need not. Confined to its event loop.
 *
 * <p>The statement holds up no new epoch meanwhile: it is routed only once it has a plan, by what
 * the loop serves then; if the catalog is another one by then, it is planned again.
 */
final class Planning {

    private static final int TEXT_BYTES_SHOWN = 1024;

    private final StatementRunner runner;
    private final Plans plans;

    private Optional<Waiting> waiting = Optional.empty();

    /**
     * @param text of this statement alone; nobody else writes to it
     * @param planned goes on; the loop's lexer has read the text again
     * @param dropped gives back what the statement owns
     */
    private record Waiting(
            byte[] text,
            SqlDialect dialect,
            String keyspace,
            Catalog catalog,
            Consumer<Planned> planned,
            Runnable dropped) {}

    Planning(StatementRunner runner, Plans plans) {
        this.runner = runner;
        this.plans = plans;
    }

    /**
     * Begins to wait. The loop's lexer must just have read this text.
     *
     * @param text of this statement alone; taken over
     * @param planned goes on with the plan, on the event loop
     * @param dropped gives back what the statement owns, if it ends without a plan
     */
    void start(
            byte[] text,
            SqlDialect dialect,
            String keyspace,
            Consumer<Planned> planned,
            Runnable dropped) {
        Catalog catalog = runner.loop().serving().catalog();
        var now = new Waiting(text, dialect, keyspace, catalog, planned, dropped);
        waiting = Optional.of(now);
        runner.routeDone();
        plans.plan(text, runner.loop().lexer().digest().copy(), dialect, keyspace, catalog)
                .whenCompleteAsync(
                        (plan, failure) -> ended(now, plan, failure), runner.client().eventLoop());
    }

    private void ended(Waiting was, @Nullable Planned plan, @Nullable Throwable failure) {
        if (waiting.isEmpty() || waiting.get() != was) {
            return;
        }
        waiting = Optional.empty();
        runner.routeAgain();
        if (plan == null) {
            failed(was, failure);
            return;
        }
        runner.loop().lexer().scan(was.text, 0, was.text.length, was.dialect);
        if (runner.loop().serving().catalog() != was.catalog) {
            start(was.text, was.dialect, was.keyspace, was.planned, was.dropped);
            return;
        }
        try {
            was.planned.accept(plan);
        } catch (RuntimeException thrown) {
            runner.client().thrown(thrown);
        }
    }

    private void failed(Waiting was, @Nullable Throwable failure) {
        was.dropped.run();
        if (failure instanceof ShardwayException refused) {
            runner.fail(refused.code(), refused.detail());
        } else {
            runner.bug(failure == null ? new IllegalStateException("no plan") : failure);
        }
    }

    boolean isWaiting() {
        return waiting.isPresent();
    }

    /** Shardway's and MySQL's statements on accounts can have a password in them. */
    private static boolean mayHoldSecret(Waiting now) {
        int bytes = Math.min(now.text.length, TEXT_BYTES_SHOWN);
        List<Token> tokens = Tokens.of(now.text, 0, bytes, now.dialect);
        return tokens.stream().limit(2).anyMatch(Planning::isOfAccounts);
    }

    private static boolean isOfAccounts(Token token) {
        return token.isWord("shardway") || token.isWord("user") || token.isWord("password");
    }

    /** The beginning of the waiting statement's text, for SHOW SESSIONS. */
    String text() {
        return waiting.filter(now -> !mayHoldSecret(now))
                .map(now ->
                        new String(now.text, 0, Math.min(now.text.length, TEXT_BYTES_SHOWN), UTF_8))
                .orElse("");
    }

    /** Lets the waiting statement go, without an answer; false if none waits. */
    boolean drop() {
        Optional<Waiting> dropped = waiting;
        waiting = Optional.empty();
        dropped.ifPresent(was -> was.dropped.run());
        return dropped.isPresent();
    }
}
