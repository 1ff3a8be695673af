package io.shardway.proxy.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardway.proxy.settings.AuditSettings;
import io.shardway.router.ErrorCode;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AuditLogTest {

    private final BlockingQueue<AuditEvent> written = new LinkedBlockingQueue<>();
    private final AtomicInteger dropped = new AtomicInteger();

    @Test
    void writesLoginsAndChanges() throws Exception {
        try (AuditLog log = log(AuditSettings.Logins.ALL, AuditSettings.Statements.CHANGES)) {
            log.loggedIn(17, "'app'@'%'", "10.1.2.3", true);
            log.loginRefused("app", "10.1.2.4", ErrorCode.ACCESS_DENIED);
            log.administered(statement("SHOW SHARDS", false));
            log.administered(statement("DROP ACCOUNT", true));
            AuditEvent login = next();
            assertThat(login.what()).isEqualTo("login");
            assertThat(login.fields())
                    .containsExactlyEntriesOf(
                            new java.util.TreeMap<>(
                                    Map.of(
                                            "account",
                                            "'app'@'%'",
                                            "client",
                                            "10.1.2.3",
                                            "session",
                                            "17",
                                            "tls",
                                            "true")));
            assertThat(next().fields())
                    .containsEntry("user", "app")
                    .containsEntry("code", "SW-1001");
            assertThat(next().fields())
                    .containsEntry("statement", "DROP ACCOUNT")
                    .containsEntry("of", "'x'@'%'")
                    .containsEntry("outcome", "done");
        }
        assertThat(written).isEmpty();
    }

    @Test
    void writesNothingThatWasNotAskedFor() {
        try (AuditLog log = log(AuditSettings.Logins.NONE, AuditSettings.Statements.NONE)) {
            log.loggedIn(17, "a", "b", true);
            log.loginRefused("app", "10.1.2.4", ErrorCode.ACCESS_DENIED);
            log.administered(statement("DROP ACCOUNT", true));
        }
        assertThat(written).isEmpty();
    }

    @Test
    void lettersThatWouldMakeALineOfTheirOwnAreSpelledOut() throws Exception {
        try (AuditLog log = log(AuditSettings.Logins.FAILED, AuditSettings.Statements.NONE)) {
            log.loginRefused("a\"\nlogin account=\"root\\", "c", ErrorCode.ACCESS_DENIED);
            assertThat(next().fields().get("user"))
                    .isEqualTo("a\\u0022\\u000Alogin account=\\u0022root\\u005C");
            log.loginRefused("x".repeat(10_000), "c", ErrorCode.ACCESS_DENIED);
            assertThat(next().fields().get("user")).hasSize(503);
        }
    }

    @Test
    void aSlowDiskCostsLinesButHoldsNobodyUp() throws Exception {
        var disk = new Semaphore(0);
        var settings = new AuditSettings(AuditSettings.Logins.ALL, AuditSettings.Statements.ALL, 3);
        try (AuditLog log =
                new AuditLog(
                        settings,
                        Clock.systemUTC(),
                        dropped::incrementAndGet,
                        event -> {
                            disk.acquireUninterruptibly();
                            written.add(event);
                        })) {
            for (int login = 0; login < 50; login++) {
                log.loggedIn(login, "a", "b", false);
            }
            // Three wait, and one may be with the writer.
            assertThat(dropped.get()).isBetween(46, 47);
            disk.release(100);
            AuditEvent first = next();
            AuditEvent gap = next();
            assertThat(first.fields()).containsEntry("session", "0");
            assertThat(gap.what()).isEqualTo("gap");
            assertThat(gap.fields()).containsEntry("dropped", Integer.toString(dropped.get()));
            // The queue has room again once the others have been taken from it.
            for (int others = 50 - dropped.get() - 1; others > 0; others--) {
                assertThat(next().what()).isEqualTo("login");
            }
            log.loggedIn(99, "a", "b", false);
        }
        assertThat(written.stream().map(event -> event.fields().get("session")))
                .containsExactly("99");
    }

    private static Administration statement(String words, boolean changes) {
        return new Administration(
                new Administration.Caller(17, "'root'@'%'", "10.1.2.3"),
                words,
                "'x'@'%'",
                changes,
                Optional.empty());
    }

    private AuditLog log(AuditSettings.Logins logins, AuditSettings.Statements statements) {
        return new AuditLog(
                new AuditSettings(logins, statements, 100),
                Clock.systemUTC(),
                dropped::incrementAndGet,
                written::add);
    }

    private AuditEvent next() throws InterruptedException {
        AuditEvent event = written.poll(10, TimeUnit.SECONDS);
        assertThat(event).isNotNull();
        return event;
    }
}
