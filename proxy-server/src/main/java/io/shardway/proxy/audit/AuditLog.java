package io.shardway.proxy.audit;

import io.shardway.proxy.settings.AuditSettings;
import io.shardway.router.ErrorCode;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Writes who logged in and who administered to the logger {@code shardway.audit}. Thread-safe;
 * never blocks its callers: a thread of its own writes, and what does not fit into its queue while
 * the disk is slow is counted and named by number in the next line.
 */
public final class AuditLog implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger("shardway.audit");
    private static final int LAST_LINES_SECONDS = 2;

    private final AuditSettings settings;
    private final Clock clock;
    private final Consumer<AuditEvent> writer;
    private final Runnable onDropped;
    private final BlockingQueue<AuditEvent> queue;
    private final AtomicLong dropped = new AtomicLong();
    private final Thread thread;
    private volatile boolean closed;

    /**
     * @param onDropped called for each event that is not written
     */
    public AuditLog(AuditSettings settings, Clock clock, Runnable onDropped) {
        this(settings, clock, onDropped, AuditLog::write);
    }

    AuditLog(AuditSettings settings, Clock clock, Runnable onDropped, Consumer<AuditEvent> writer) {
        this.settings = settings;
        this.clock = clock;
        this.writer = writer;
        this.onDropped = onDropped;
        this.queue = new ArrayBlockingQueue<>(settings.queueMax());
        this.thread = Thread.ofPlatform().daemon().name("audit").start(this::run);
    }

    /**
     * @param account as it is named, {@code 'app'@'10.%'}
     */
    public void loggedIn(long session, String account, String client, boolean tls) {
        if (settings.logins() == AuditSettings.Logins.ALL) {
            var fields = new LinkedHashMap<String, String>();
            fields.put("account", account);
            fields.put("client", client);
            fields.put("session", Long.toString(session));
            fields.put("tls", Boolean.toString(tls));
            put("login", fields);
        }
    }

    /**
     * @param user as the client sent it: there need not be such an account
     */
    public void loginRefused(String user, String client, ErrorCode code) {
        if (settings.logins() != AuditSettings.Logins.NONE) {
            var fields = new LinkedHashMap<String, String>();
            fields.put("user", user);
            fields.put("client", client);
            fields.put("code", code.id());
            put("login-refused", fields);
        }
    }

    public void administered(Administration event) {
        boolean wanted =
                switch (settings.administration()) {
                    case ALL -> true;
                    case CHANGES -> event.changes();
                    case NONE -> false;
                };
        if (wanted) {
            var fields = new LinkedHashMap<String, String>();
            fields.put("account", event.by().account());
            fields.put("client", event.by().client());
            fields.put("session", Long.toString(event.by().session()));
            fields.put("statement", event.statement());
            fields.put("of", event.of());
            fields.put("outcome", event.refused().map(ErrorCode::id).orElse("done"));
            put("administration", fields);
        }
    }

    private void put(String what, Map<String, String> fields) {
        if (!queue.offer(new AuditEvent(clock.instant(), what, fields))) {
            dropped.incrementAndGet();
            onDropped.run();
        }
    }

    private void run() {
        try {
            while (!closed || !queue.isEmpty()) {
                Optional.ofNullable(queue.poll(100, TimeUnit.MILLISECONDS))
                        .ifPresent(this::writeWithGap);
            }
        } catch (InterruptedException _) {
            // Closed, and the disk is too slow to wait for.
        }
    }

    private void writeWithGap(AuditEvent event) {
        writer.accept(event);
        long lost = dropped.getAndSet(0);
        if (lost > 0) {
            writer.accept(
                    new AuditEvent(clock.instant(), "gap", Map.of("dropped", Long.toString(lost))));
        }
    }

    private static void write(AuditEvent event) {
        LoggingEventBuilder line = LOG.atInfo().addKeyValue("time", event.time());
        for (Map.Entry<String, String> field : event.fields().entrySet()) {
            line = line.addKeyValue(field.getKey(), field.getValue());
        }
        line.log(event.what());
    }

    /** Writes what is queued, as far as two seconds allow. */
    @Override
    public void close() {
        closed = true;
        try {
            if (!thread.join(java.time.Duration.ofSeconds(LAST_LINES_SECONDS))) {
                thread.interrupt();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
