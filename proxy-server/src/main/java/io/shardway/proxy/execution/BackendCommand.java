package io.shardway.proxy.execution;

import io.shardway.proxy.backend.AnswerSink;
import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.PreparedKey;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is sent to a node once a connection is ready for it. Confined to its event loop. */
interface BackendCommand {

    /** The statement that must be prepared on the connection first. */
    default @Nullable PreparedKey needsPrepared() {
        return null;
    }

    /**
     * The statement that SQL's PREPARE must give {@link NamedCommand#NAME} on the connection first.
     */
    default @Nullable PreparedKey needsNamed() {
        return null;
    }

    /**
     * Sends it; may be called again on another connection when the first was lost before it
     * answered.
     */
    void send(BackendConnection connection, AnswerSink sink, int sequenceShift);

    /** The beginning of its SQL, for SHOW SESSIONS. */
    default Optional<String> text() {
        return Optional.empty();
    }

    /** Whether FOUND_ROWS() afterwards is not the number of rows sent; asked after rows only. */
    default boolean calculatesFoundRows(int warnings) {
        return false;
    }

    /** It will not be sent again. */
    void release();
}
