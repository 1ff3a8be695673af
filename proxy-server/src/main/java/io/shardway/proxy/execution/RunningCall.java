package io.shardway.proxy.execution;

import java.util.Optional;

/** A statement that is being carried out on nodes. Confined to its event loop. */
interface RunningCall {

    void start();

    /** Whether a part of the answer was passed on to the client. */
    boolean answerBegun();

    /** What it does now, for SHOW SESSIONS. */
    String describe();

    /** The beginning of its SQL, for SHOW SESSIONS. */
    Optional<String> text();

    /** KILL QUERY: lets a waiting call go, interrupts a running one. */
    void interrupt();

    /**
     * The client is gone: what was not sent is not, reads are cut off. A write that it sent to a
     * node is let finish; one whose rows are assembled ends as by KILL QUERY.
     */
    void abandon();

    /** A fault of our own: closes every connection it uses and is heard of no more. */
    void closeConnections();
}
