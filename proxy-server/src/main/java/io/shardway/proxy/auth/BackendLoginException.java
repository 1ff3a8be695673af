package io.shardway.proxy.auth;

import io.shardway.proxy.protocol.ErrPacket;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A backend could not log in at a node. */
public final class BackendLoginException extends Exception {

    private final transient @Nullable ErrPacket error;

    BackendLoginException(ErrPacket error) {
        super("the node refused the login: " + error.code() + " " + error.text());
        this.error = error;
    }

    BackendLoginException(String message) {
        super(message);
        this.error = null;
    }

    BackendLoginException(String message, Throwable cause) {
        super(message, cause);
        this.error = null;
    }

    /** The node's own error, such as 3118 for a locked account; empty when it sent none. */
    public Optional<ErrPacket> error() {
        return Optional.ofNullable(error);
    }
}
