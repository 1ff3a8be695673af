package io.shardway.proxy.frontend;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shardway.proxy.auth.Authenticator;
import io.shardway.proxy.auth.LoginAccount;
import io.shardway.proxy.auth.LoginExchange;
import io.shardway.proxy.auth.LoginStep;
import io.shardway.proxy.execution.StatementRunner;
import io.shardway.proxy.protocol.ChangeUserRequest;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.protocol.Packets;
import io.shardway.proxy.protocol.Wire;
import io.shardway.proxy.session.CloseReason;
import io.shardway.proxy.session.Session;
import io.shardway.proxy.session.SessionAccount;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * COM_CHANGE_USER: proves the new identity, then begins a fresh session on the same connection.
 * Thread-safe.
 */
final class UserChanger implements UserChange {

    private final Authenticator authenticator;
    private final Admission admission;

    UserChanger(Authenticator authenticator, Admission admission) {
        this.authenticator = authenticator;
        this.admission = admission;
    }

    @Override
    public void begin(FrontendConnection connection, StatementRunner runner, byte[] payload) {
        var request =
                ChangeUserRequest.read(
                        Unpooled.wrappedBuffer(payload),
                        connection.session().capabilities(),
                        StandardCharsets.UTF_8);
        new Change(connection, runner, request).start();
    }

    private final class Change implements FrontendConnection.CommandInterceptor {
        private final FrontendConnection connection;
        private final StatementRunner runner;
        private final ChangeUserRequest request;
        private final LoginExchange exchange;
        private final ClientSide client;

        private Change(
                FrontendConnection connection, StatementRunner runner, ChangeUserRequest request) {
            this.connection = connection;
            this.runner = runner;
            this.request = request;
            this.client = connection.clientSide();
            this.exchange = authenticator.exchange(client.ip(), client.tls());
        }

        private void start() {
            follow(exchange.changeUser(request.user()));
        }

        @Override
        public void packet(int sequence, ByteBuf payload) {
            connection.intercept(Optional.empty());
            runner.clientSent(sequence);
            follow(exchange.answer(Wire.readRest(payload)));
        }

        private void follow(LoginStep step) {
            switch (step) {
                case LoginStep.Send(byte[] bytes) -> {
                    connection.intercept(Optional.of(this));
                    send(bytes);
                }
                case LoginStep.Check check ->
                        authenticator
                                .check(check)
                                .whenCompleteAsync(this::checked, connection.eventLoop());
                case LoginStep.Accepted(LoginAccount account, byte[] before) -> {
                    if (before.length > 0) {
                        send(before);
                    }
                    accept(account);
                }
                case LoginStep.Refused(ErrorCode code, String detail) -> {
                    long delay = authenticator.failed(client.ip(), request.user()).toMillis();
                    connection
                            .eventLoop()
                            .schedule(() -> refuse(code, detail), delay, TimeUnit.MILLISECONDS);
                }
            }
        }

        private void checked(@Nullable Boolean matches, @Nullable Throwable failure) {
            try {
                if (failure == null && matches != null) {
                    follow(exchange.checked(matches));
                } else {
                    refuse(ErrorCode.ACCESS_DENIED, request.user());
                }
            } catch (RuntimeException bug) {
                connection.bug(bug);
            }
        }

        private void send(byte[] bytes) {
            int sequence = runner.control().nextSequence();
            connection.write(
                    Packets.frame(connection.allocator(), sequence, out -> out.writeBytes(bytes)));
            connection.flush();
        }

        private void accept(LoginAccount account) {
            authenticator.succeeded(client.ip(), request.user());
            try {
                become(admission.admit(account.name(), client));
                runner.control().reset(this::begin);
            } catch (ShardwayException refused) {
                refuseAccepted(refused);
            }
        }

        /** At once: when the client goes, the session's account is the one that is left. */
        private void become(SessionAccount account) {
            connection.session().accountIs(account);
            if (!connection.isOpen()) {
                account.leave();
            }
        }

        private void begin() {
            Session session = connection.session();
            try {
                if (request.collation() != 0) {
                    session.reset(LoginSettings.profileOf(request.collation()));
                }
                if (!request.schema().isEmpty()) {
                    runner.control().requireUsable(request.schema());
                }
                session.schemaIs(request.schema());
                authenticator
                        .listener()
                        .accepted(
                                session.identity().account(),
                                client.ip(),
                                session.id(),
                                client.tls());
                runner.control().ok();
            } catch (ShardwayException refused) {
                refuseAccepted(refused);
            }
        }

        /** The password was right. */
        private void refuseAccepted(ShardwayException refused) {
            authenticator.listener().refused(request.user(), client.ip(), refused.code());
            refuse(refused.code(), refused.detail());
        }

        private void refuse(ErrorCode code, String detail) {
            int sequence = runner.control().nextSequence();
            connection.write(
                    Packets.frame(
                            connection.allocator(),
                            sequence,
                            out ->
                                    ErrPacket.of(code, detail)
                                            .write(out, connection.session().capabilities())));
            connection.close(CloseReason.LOGIN_FAILED);
            runner.breakOff();
        }
    }
}
