package io.shardway.proxy.backend;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.shardway.proxy.protocol.MalformedPacketException;
import io.shardway.proxy.protocol.ServerStatus;

/**
 * Follows a node's answer packet by packet to its end, without copying and without reading rows.
 *
 * <p>Whole buffers are handed on as they came; only packet headers, first bytes, and the packets
 * that end a result are looked at. Answers come with CLIENT_DEPRECATE_EOF (MySQL Client/Server
 * Protocol, "Text Resultset"). Confined to its event loop; reused for one answer after the other.
 */
final class AnswerFollower {

    private static final int HEADER_BYTES = 4;
    private static final int FULL_PACKET = 0xFFFFFF;

    /** The node asks for a file of the client's (LOAD DATA LOCAL). */
    private static final int LOCAL_FILE = 0xFB;

    /** Where in the answer the next packet stands. */
    private enum Phase {
        /** The first packet of a result. */
        HEADER,
        /** Column or parameter definitions, counted. */
        DEFINITIONS,
        /** Column definitions of COM_FIELD_LIST, to a final OK. */
        FIELD_LIST,
        /** Rows, to a final OK. */
        ROWS,
        /** Nothing more is expected. */
        DONE
    }

    private final ByteBufAllocator allocator;
    private final AnswerPieces pieces;
    private final ResultEnd end = new ResultEnd();

    private AnswerSink sink;
    private AnswerKind kind = AnswerKind.SINGLE;
    private AnswerRewrite rewrite = AnswerRewrite.NONE;
    private Phase phase = Phase.DONE;
    private long definitions;
    private long rows;
    private long skip;
    private boolean continued;
    private boolean begun;
    private boolean eofDue;
    private int inserted;
    private int lastSequence;
    private ByteBuf held = Unpooled.EMPTY_BUFFER;

    AnswerFollower(ByteBufAllocator allocator, AnswerSink idleSink) {
        this.allocator = allocator;
        this.pieces = new AnswerPieces(allocator);
        this.sink = idleSink;
    }

    void begin(AnswerKind answerKind, AnswerRewrite answerRewrite, AnswerSink answerSink) {
        if (!isDone()) {
            throw new IllegalStateException("the answer before is not complete");
        }
        kind = answerKind;
        rewrite = answerRewrite;
        sink = answerSink;
        phase =
                switch (answerKind) {
                    case ROWS -> Phase.ROWS;
                    case DEFINITIONS -> Phase.FIELD_LIST;
                    case RESULTS, PREPARED, SINGLE -> Phase.HEADER;
                };
        rows = 0;
        begun = false;
        continued = false;
        eofDue = false;
        inserted = 0;
    }

    /** Nothing is asked of the node, or all of its answer was seen. */
    boolean isDone() {
        return phase == Phase.DONE && skip == 0;
    }

    boolean hasBegun() {
        return begun;
    }

    int lastSequence() {
        return lastSequence;
    }

    AnswerSink sink() {
        return sink;
    }

    /** Gives back what is held when the connection breaks. */
    void abandon() {
        held.release();
        held = Unpooled.EMPTY_BUFFER;
        phase = Phase.DONE;
        skip = 0;
    }

    /**
     * Takes bytes from the node; the follower owns them.
     *
     * @return whether the answer is complete
     */
    boolean accept(ByteBuf received) {
        if (isDone()) {
            received.release();
            throw new MalformedPacketException("the node sent bytes nobody asked for");
        }
        begun = true;
        ByteBuf in = received;
        if (held.isReadable()) {
            in = allocator.buffer(held.readableBytes() + received.readableBytes());
            in.writeBytes(held).writeBytes(received);
            held.release();
            received.release();
            held = Unpooled.EMPTY_BUFFER;
        }
        int sent;
        try {
            sent = follow(in);
        } catch (RuntimeException odd) {
            in.release();
            pieces.drop();
            throw odd;
        }
        pieces.rest(in, sent, isDone(), sink);
        return isDone();
    }

    /**
     * Returns where the bytes begin that were not handed over; the buffer's end is moved to where
     * they end.
     */
    private int follow(ByteBuf in) {
        int sent = in.readerIndex();
        int i = sent;
        int limit = in.writerIndex();
        while (i < limit) {
            if (skip > 0) {
                int step = (int) Math.min(skip, limit - i);
                i += step;
                skip -= step;
                continue;
            }
            if (phase == Phase.DONE) {
                throw new MalformedPacketException("the node sent bytes behind its answer");
            }
            int available = limit - i;
            if (available < HEADER_BYTES) {
                break;
            }
            int length = in.getUnsignedMediumLE(i);
            if (continued || length == 0) {
                continued = length == FULL_PACKET;
                shiftSequence(in, i);
                i += HEADER_BYTES;
                skip = length;
                continue;
            }
            if (available < HEADER_BYTES + 1) {
                break;
            }
            int first = in.getUnsignedByte(i + HEADER_BYTES);
            if (first == LOCAL_FILE && phase == Phase.HEADER && kind == AnswerKind.RESULTS) {
                if (available < HEADER_BYTES + length) {
                    break;
                }
                sink.localFileAsked(in.getUnsignedByte(i + 3));
                shiftSequence(in, i);
                i += HEADER_BYTES + length;
                continue;
            }
            if (!endsSomething(first, length)) {
                if (eofDue) {
                    sent = insertEof(in, sent, i, 0);
                }
                continued = length == FULL_PACKET;
                if (!startsDefinitions(in, i, available, length)) {
                    break;
                }
                shiftSequence(in, i);
                i += HEADER_BYTES;
                skip = length;
                continue;
            }
            if (available < HEADER_BYTES + length) {
                break;
            }
            sent = finishResult(in, sent, i, length);
            i += HEADER_BYTES + length;
        }
        if (i < limit) {
            held = in.copy(i, limit - i);
        }
        in.setIndex(in.readerIndex(), i);
        return sent;
    }

    /** Whether this packet must be read whole: it ends a result or is an error. */
    private boolean endsSomething(int first, int length) {
        return switch (phase) {
            case HEADER ->
                    switch (kind) {
                        case RESULTS -> first == 0x00 || first == 0xFF;
                        case PREPARED -> first == 0xFF;
                        case SINGLE, ROWS, DEFINITIONS -> true;
                    };
            case DEFINITIONS -> first == 0xFF;
            case ROWS -> first == 0xFF || (first == 0xFE && length < FULL_PACKET);
            case FIELD_LIST -> first == 0xFF || (first == 0xFE && length < 0xFF);
            case DONE -> false;
        };
    }

    /** Moves on behind a packet that ends nothing; false if more bytes of it are needed first. */
    private boolean startsDefinitions(ByteBuf in, int at, int available, int length) {
        switch (phase) {
            case HEADER -> {
                int needed =
                        HEADER_BYTES
                                + (kind == AnswerKind.PREPARED ? Math.min(length, 12) : length);
                if (available < needed) {
                    return false;
                }
                if (kind == AnswerKind.PREPARED) {
                    definitions =
                            (long) in.getUnsignedShortLE(at + HEADER_BYTES + 5)
                                    + in.getUnsignedShortLE(at + HEADER_BYTES + 7);
                    phase = definitions == 0 ? Phase.DONE : Phase.DEFINITIONS;
                } else {
                    definitions = columnCount(in, at + HEADER_BYTES);
                    phase = Phase.DEFINITIONS;
                }
            }
            case DEFINITIONS -> {
                if (--definitions == 0) {
                    phase = kind == AnswerKind.PREPARED ? Phase.DONE : Phase.ROWS;
                    eofDue = rewrite.eofPackets() && phase == Phase.ROWS;
                }
            }
            case ROWS -> rows++;
            case FIELD_LIST, DONE -> {}
        }
        return true;
    }

    private static long columnCount(ByteBuf in, int at) {
        int first = in.getUnsignedByte(at);
        return first < 0xFB ? first : in.getUnsignedShortLE(at + 1);
    }

    private int finishResult(ByteBuf in, int sent, int at, int length) {
        boolean afterRows = phase == Phase.ROWS || phase == Phase.FIELD_LIST;
        end.read(in, at, length, afterRows, rows);
        // Before the sink sets the flag for the client: that is about its own next statement.
        boolean more = end.hasMoreResults();
        sink.resultEnded(end);
        int from = sent;
        if (eofDue) {
            boolean cursor = (end.status() & ServerStatus.CURSOR_EXISTS) != 0 && rows == 0;
            eofDue = false;
            if (!cursor) {
                from = insertEof(in, from, at, end.status());
            }
        }
        int sequence = (end.sequence() + rewrite.sequenceShift() + inserted) & 0xFF;
        lastSequence = sequence;
        boolean error = end.isError();
        int status = end.status();
        int warnings = end.warnings();
        ByteBuf replacement = end.takeReplacement();
        rows = 0;
        phase = more && !error ? Phase.HEADER : Phase.DONE;
        if (rewrite.eofPackets() && afterRows && !error) {
            replacement.release();
            replacement = eof(sequence, warnings, status);
        } else if (replacement.isReadable()) {
            replacement.setByte(replacement.readerIndex() + 3, sequence);
        }
        if (replacement.isReadable()) {
            pieces.part(in, from, at, sink);
            pieces.insert(replacement, in, sink);
            return at + HEADER_BYTES + length;
        }
        shiftSequence(in, at);
        return from;
    }

    private int insertEof(ByteBuf in, int sent, int at, int status) {
        eofDue = false;
        pieces.part(in, sent, at, sink);
        int sequence = in.getUnsignedByte(at + 3) + rewrite.sequenceShift() + inserted;
        pieces.insert(
                eof(sequence & 0xFF, 0, status == 0 ? sink.statusMeanwhile() : status), in, sink);
        inserted++;
        return at;
    }

    private ByteBuf eof(int sequence, int warnings, int status) {
        return allocator
                .buffer(9)
                .writeMediumLE(5)
                .writeByte(sequence)
                .writeByte(0xFE)
                .writeShortLE(warnings)
                .writeShortLE(status);
    }

    private void shiftSequence(ByteBuf in, int at) {
        int shift = rewrite.sequenceShift() + inserted;
        if (shift != 0) {
            in.setByte(at + 3, in.getUnsignedByte(at + 3) + shift);
        }
    }
}
