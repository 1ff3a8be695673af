package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.shardway.proxy.backend.SettingsProfile;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.router.ErrorCode;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * A definition in the proxy's own words and settings, as a step of a client's statement. Confined
 * to its event loop.
 */
final class OwnDefinition {

    private final StatementRunner runner;
    private final ProxyServices services;
    private final UnaryOperator<String> named;
    private final Cancellation cancellation = new Cancellation();
    private boolean forgotten;

    /**
     * @param named what the client hears instead of a message
     */
    OwnDefinition(StatementRunner runner, ProxyServices services, UnaryOperator<String> named) {
        this.runner = runner;
        this.services = services;
        this.named = named;
    }

    void carryOut(String keyspace, String sql, Runnable then, Consumer<ErrPacket> failed) {
        SettingsProfile settings = AssemblySettings.loading(runner.session().profile());
        var request =
                new Definitions.Request(
                        keyspace,
                        sql,
                        settings.dialect(),
                        settings.sessionVariables(),
                        DefinitionAuthor.of(runner.session(), services::accounts),
                        cancellation);
        // The new epoch, which this waits for, must not wait for this.
        runner.routeDone();
        services.definitions()
                .carryOut(
                        request,
                        outcome ->
                                runner.client()
                                        .eventLoop()
                                        .execute(() -> ended(outcome, then, failed)));
    }

    private void ended(Definitions.Outcome outcome, Runnable then, Consumer<ErrPacket> failed) {
        if (forgotten) {
            return;
        }
        try {
            runner.routeAgain();
            switch (outcome) {
                case Definitions.Outcome.Done _ -> then.run();
                case Definitions.Outcome.Rows _ -> throw new IllegalStateException("it has rows");
                case Definitions.Outcome.MySqlError(int code, String state, String message) ->
                        failed.accept(
                                new ErrPacket(code, state, named.apply(message).getBytes(UTF_8)));
                case Definitions.Outcome.Refused(ErrorCode code, String detail) -> {
                    runner.count(code);
                    failed.accept(ErrPacket.of(code, named.apply(detail)));
                }
            }
        } catch (RuntimeException fault) {
            runner.bug(fault);
        }
    }

    /** KILL QUERY: stops it as long as no shard has it. */
    void cancel() {
        cancellation.cancel();
    }

    /** Nobody is told of its end. */
    void forget() {
        forgotten = true;
    }
}
