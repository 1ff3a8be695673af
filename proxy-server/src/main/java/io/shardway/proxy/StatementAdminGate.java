package io.shardway.proxy;

import io.shardway.proxy.execution.AdminGate;
import io.shardway.proxy.query.AdminAnswer;
import io.shardway.proxy.query.AdminCaller;
import io.shardway.proxy.query.AdminStatements;
import io.shardway.proxy.query.ProxyStatus;
import io.shardway.proxy.query.SessionStatus;
import io.shardway.proxy.session.Session;
import io.shardway.router.ErrorCode;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs admin statements on virtual threads. Thread-safe. */
final class StatementAdminGate implements AdminGate {

    private static final Logger LOG = LoggerFactory.getLogger(StatementAdminGate.class);
    private static final int INFO_SHORT = 100;

    private final AdminStatements statements;
    private final ProxyStatus status;
    private final LongSupplier questions;
    private final boolean scatterByDefault;
    private final long startedNanos = System.nanoTime();

    StatementAdminGate(
            AdminStatements statements,
            ProxyStatus status,
            LongSupplier questions,
            boolean scatterByDefault) {
        this.statements = statements;
        this.status = status;
        this.questions = questions;
        this.scatterByDefault = scatterByDefault;
    }

    @Override
    public void administer(String sql, Session session, Consumer<Answer> receiver) {
        var caller =
                new AdminCaller(
                        session.identity(),
                        session.id(),
                        session.schema().isEmpty()
                                ? Optional.empty()
                                : Optional.of(session.schema()),
                        session.profile().dialect(),
                        session.scatters(scatterByDefault));
        run(receiver, () -> translate(statements.execute(sql, caller)));
    }

    @Override
    public void processes(boolean full, Session session, Consumer<Answer> receiver) {
        String user = session.identity().user();
        boolean all = session.identity().admin();
        run(receiver, () -> processes(full, user, all));
    }

    private static void run(Consumer<Answer> receiver, java.util.function.Supplier<Answer> work) {
        Thread.ofVirtual()
                .name("admin")
                .start(() -> {
                    Answer answer;
                    try {
                        answer = work.get();
                    } catch (io.shardway.router.ShardwayException known) {
                        answer = new Answer.Refused(known.code(), known.detail());
                    } catch (RuntimeException bug) {
                        LOG.error("event=bug code={}", ErrorCode.BUG.id(), bug);
                        answer =
                                new Answer.Refused(ErrorCode.BUG, String.valueOf(bug.getMessage()));
                    }
                    receiver.accept(answer);
                });
    }

    private static Answer translate(AdminAnswer answer) {
        return switch (answer) {
            case AdminAnswer.Table(var columns, var rows) -> new Answer.Table(columns, rows);
            case AdminAnswer.Done(var message) -> new Answer.Done(message);
            case AdminAnswer.Refused(var code, var detail) -> new Answer.Refused(code, detail);
        };
    }

    private Answer processes(boolean full, String user, boolean all) {
        List<List<@Nullable String>> rows =
                status.sessions().stream()
                        .filter(session -> all || session.user().equals(user))
                        .map(session -> process(session, full))
                        .toList();
        return new Answer.Table(
                List.of("Id", "User", "Host", "db", "Command", "Time", "State", "Info"), rows);
    }

    private static List<@Nullable String> process(SessionStatus session, boolean full) {
        String info =
                session.info()
                        .map(text ->
                                full || text.length() <= INFO_SHORT
                                        ? text
                                        : text.substring(0, INFO_SHORT))
                        .orElse(null);
        return Arrays.asList(
                Long.toString(session.id()),
                session.user(),
                session.host(),
                session.keyspace().orElse(null),
                session.command(),
                Long.toString(session.seconds()),
                session.state(),
                info);
    }

    @Override
    public String statistics() {
        long uptime = (System.nanoTime() - startedNanos) / 1_000_000_000L;
        return "Uptime: %d  Threads: %d  Questions: %d"
                .formatted(uptime, status.sessionCount(), questions.getAsLong());
    }
}
