package io.shardway.proxy.execution;

import io.shardway.proxy.session.Session;
import io.shardway.router.ErrorCode;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Answers SHARDWAY statements and lists of sessions away from the event loops. Thread-safe. */
public interface AdminGate {

    /** An answer. Immutable. */
    sealed interface Answer {
        record Table(List<String> columns, List<List<@Nullable String>> rows) implements Answer {}

        record Done(String message) implements Answer {}

        record Refused(ErrorCode code, String detail) implements Answer {}
    }

    /**
     * @param receiver called once, on any thread
     */
    void administer(String sql, Session session, Consumer<Answer> receiver);

    /** SHOW [FULL] PROCESSLIST. */
    void processes(boolean full, Session session, Consumer<Answer> receiver);

    /** COM_STATISTICS. */
    String statistics();
}
