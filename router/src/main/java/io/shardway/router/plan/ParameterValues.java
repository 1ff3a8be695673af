package io.shardway.router.plan;

import java.util.Optional;

/**
 * The parameter values of one execution of a prepared statement, as the route needs them. Confined
 * to its thread; valid for the duration of one call.
 */
public interface ParameterValues {

    /** For text protocol statements. */
    ParameterValues NONE =
            new ParameterValues() {
                @Override
                public Kind kind(int index) {
                    throw new IllegalStateException("the statement has no parameters");
                }

                @Override
                public long integer(int index) {
                    throw new IllegalStateException("the statement has no parameters");
                }

                @Override
                public double floating(int index) {
                    throw new IllegalStateException("the statement has no parameters");
                }

                @Override
                public byte[] bytes(int index) {
                    throw new IllegalStateException("the statement has no parameters");
                }

                @Override
                public boolean unicodeValues() {
                    return false;
                }
            };

    /** How the client sent a parameter. */
    enum Kind {
        NULL,
        /** {@link #integer}, read as signed. */
        SIGNED,
        /** {@link #integer}, read as unsigned. */
        UNSIGNED,
        /** {@link #floating}. */
        FLOATING,
        /** {@link #bytes} hold decimal text. */
        DECIMAL,
        /** {@link #bytes} hold text in the connection's character set. */
        TEXT,
        /** {@link #bytes} hold bytes (BLOB types). */
        BYTES,
        /** Dates, JSON and the rest: never an exact spelling of a key. */
        OTHER
    }

    Kind kind(int index);

    long integer(int index);

    double floating(int index);

    byte[] bytes(int index);

    /** A point in time that was sent as one, as MySQL writes it; empty for all else. */
    default Optional<String> moment(int index) {
        return Optional.empty();
    }

    /**
     * Whether {@link Kind#TEXT} reaches a column as it was sent ({@link
     * io.shardway.router.sql.SqlDialect#unicodeValues}). What counts is the session's character set
     * when it executes, not when it prepared.
     */
    boolean unicodeValues();
}
