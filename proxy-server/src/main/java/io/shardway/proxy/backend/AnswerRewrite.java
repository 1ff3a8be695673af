package io.shardway.proxy.backend;

/**
 * How an answer must be changed for the client it is relayed to. Immutable.
 *
 * @param sequenceShift added to every packet's sequence number
 * @param eofPackets the client did not agree to DEPRECATE_EOF: an EOF packet goes behind the
 *     definitions, and results end with EOF instead of OK
 */
public record AnswerRewrite(int sequenceShift, boolean eofPackets) {

    /** The client can take every byte as the node sent it. */
    public static final AnswerRewrite NONE = new AnswerRewrite(0, false);

    public static final AnswerRewrite EOF_PACKETS = new AnswerRewrite(0, true);

    boolean isNone() {
        return sequenceShift == 0 && !eofPackets;
    }
}
