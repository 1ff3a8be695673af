package io.shardway.proxy.execution;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.ScheduledFuture;
import io.shardway.proxy.backend.AnswerKind;
import io.shardway.proxy.backend.PreparedKey;
import io.shardway.proxy.session.PreparedStatement;
import io.shardway.proxy.session.Session;
import io.shardway.proxy.session.SessionIdentity;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.plan.InformationSchema;
import io.shardway.router.plan.Plan;
import io.shardway.router.plan.SchemaReading;
import io.shardway.router.sql.SessionFunctions;
import io.shardway.router.sql.SqlDialect;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs statements on information_schema: gathers what only the proxy knows, writes the account's
 * part into the statement, sends it to the default shard. Confined to its event loop.
 */
final class Describing {

    private final StatementRunner runner;
    private final ProxyServices services;
    private final Session session;

    private Optional<Waiting> waiting = Optional.empty();

    private record Waiting(Consumer<AccountView> then, Runnable dropped) {}

    /** What a view is made of besides the session. */
    private record Gathered(Optional<ShardedSizes> sizes, List<List<@Nullable String>> processes) {}

    Describing(StatementRunner runner, ProxyServices services) {
        this.runner = runner;
        this.services = services;
        this.session = runner.session();
    }

    /**
     * A statement that came as text; the loop's lexer has read it.
     *
     * @param framed taken over
     */
    void run(Plan.Described plan, ByteBuf framed, byte[] text, int from) {
        byte[] own = Arrays.copyOfRange(text, from, runner.loop().lexer().statementEnd());
        SqlDialect dialect = session.profile().dialect();
        gather(
                plan.reading(),
                view -> {
                    framed.release();
                    byte[] written = write(plan, own, dialect, view);
                    ByteBuf sent = runner.commandOf(written, 0, written.length);
                    runner.start(
                            new ShardCall(
                                    runner,
                                    runner.defaultShard(),
                                    plan.access(),
                                    plan.traits(),
                                    new TextCommand(
                                            sent, AnswerKind.RESULTS, runner.eofPackets())));
                },
                framed::release);
    }

    private byte[] write(Plan.Described plan, byte[] own, SqlDialect dialect, AccountView view) {
        byte[] written = plan.reading().write(own, 0, own.length, dialect, view::derived);
        return plan.traits().sessionFunctions()
                ? SessionFunctions.substitute(
                        written, 0, written.length, dialect, runner.control().sessionValues())
                : written;
    }

    /**
     * An execution of a prepared one.
     *
     * @param command taken over
     */
    void execute(Plan.Described plan, ExecuteCommand command) {
        PreparedStatement statement = command.statement();
        prepared(
                plan.reading(),
                statement.key(),
                key ->
                        runner.start(
                                new ShardCall(
                                        runner,
                                        runner.defaultShard(),
                                        plan.access(),
                                        plan.traits(),
                                        command.rewritten(key))),
                command::release);
    }

    /** The statement as a node prepares it for this account now. */
    void prepared(
            SchemaReading reading, PreparedKey key, Consumer<PreparedKey> then, Runnable dropped) {
        byte[] sql = key.sql();
        gather(
                reading,
                view ->
                        then.accept(
                                new PreparedKey(
                                        reading.write(
                                                sql,
                                                0,
                                                sql.length,
                                                key.profile().dialect(),
                                                view::derived),
                                        key.schema(),
                                        key.profile())),
                dropped);
    }

    private void gather(SchemaReading reading, Consumer<AccountView> then, Runnable dropped) {
        var now = new Waiting(then, dropped);
        waiting = Optional.of(now);
        if (!reading.sizes() && !reading.reads(InformationSchema.PROCESSLIST)) {
            ended(now, new Gathered(Optional.empty(), List.of()), null);
            return;
        }
        CompletableFuture<Gathered> both =
                sizes(reading).thenCombine(processes(reading), Gathered::new);
        ScheduledFuture<?> end =
                runner.client()
                        .eventLoop()
                        .schedule(
                                () -> both.completeExceptionally(late()),
                                services.settings().backend().acquireTimeout().toNanos(),
                                TimeUnit.NANOSECONDS);
        both.whenCompleteAsync(
                (gathered, failure) -> {
                    end.cancel(false);
                    ended(now, gathered, failure);
                },
                runner.client().eventLoop());
    }

    private CompletableFuture<Optional<ShardedSizes>> sizes(SchemaReading reading) {
        if (!reading.sizes()) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        boolean live =
                session.profile()
                        .literal("information_schema_stats_expiry")
                        .map(literal -> literal.replace("'", "").equals("0"))
                        .orElse(false);
        return services.sizes().all(live).thenApply(Optional::of).toCompletableFuture();
    }

    private CompletableFuture<List<List<@Nullable String>>> processes(SchemaReading reading) {
        var rows = new CompletableFuture<List<List<@Nullable String>>>();
        if (!reading.reads(InformationSchema.PROCESSLIST)) {
            rows.complete(List.of());
            return rows;
        }
        services.admin()
                .processes(
                        true,
                        session,
                        answer -> {
                            switch (answer) {
                                case AdminGate.Answer.Table(_, var found) -> rows.complete(found);
                                case AdminGate.Answer.Refused(var code, var detail) ->
                                        rows.completeExceptionally(
                                                new ShardwayException(code, detail));
                                case AdminGate.Answer.Done _ -> rows.complete(List.of());
                            }
                        });
        return rows;
    }

    private AccountView view(Gathered gathered) {
        SessionIdentity identity = session.identity();
        return new AccountView(
                session.account().rights(),
                runner.loop().serving().catalog(),
                new AccountView.Grantee(identity.user(), identity.account().host().text()),
                gathered.sizes(),
                gathered.processes());
    }

    private static ShardwayException late() {
        return new ShardwayException(
                ErrorCode.BACKEND_UNAVAILABLE, "the shards have not told the sizes of tables");
    }

    private void ended(Waiting was, @Nullable Gathered gathered, @Nullable Throwable failure) {
        if (waiting.isEmpty() || waiting.get() != was) {
            return;
        }
        waiting = Optional.empty();
        if (gathered != null) {
            try {
                was.then.accept(view(gathered));
            } catch (RuntimeException thrown) {
                runner.client().thrown(thrown);
            }
            return;
        }
        was.dropped.run();
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        if (cause instanceof ShardwayException refused) {
            runner.fail(refused.code(), refused.detail());
        } else {
            runner.bug(cause == null ? new IllegalStateException("no sizes") : cause);
        }
    }

    boolean isWaiting() {
        return waiting.isPresent();
    }

    /** Lets the waiting statement go, without an answer; false if none waits. */
    boolean drop() {
        Optional<Waiting> dropped = waiting;
        waiting = Optional.empty();
        dropped.ifPresent(was -> was.dropped.run());
        return dropped.isPresent();
    }
}
