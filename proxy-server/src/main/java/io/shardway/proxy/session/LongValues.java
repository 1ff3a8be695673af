package io.shardway.proxy.session;

import io.netty.buffer.ByteBuf;
import io.shardway.proxy.session.PreparedStatement.LongData;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The values a client sends in pieces. However small the pieces are, what is kept grows with the
 * bytes and the parameters only: pieces of one parameter are joined, empty ones are kept once.
 * Confined to its event loop.
 */
final class LongValues {

    private static final int JOINED_BYTES_MAX = 64 << 10;

    private final int parameterCount;
    private final List<LongData> pieces = new ArrayList<>();
    private final Map<Integer, LongData> lastOf = new HashMap<>();
    private long bytes;
    private boolean tooLarge;

    LongValues(int parameterCount) {
        this.parameterCount = parameterCount;
    }

    /** Takes the piece over; beyond the limit all of them are dropped. */
    void append(int parameter, ByteBuf piece, long bytesMax) {
        bytes += piece.readableBytes();
        if (tooLarge || bytes > bytesMax) {
            tooLarge = true;
            piece.release();
            drop();
            return;
        }
        // One of those that MySQL will refuse is enough.
        int known = Math.min(parameter, parameterCount);
        LongData last = lastOf.get(known);
        if (last == null) {
            keep(known, new LongData(parameter, piece));
            return;
        }
        if (piece.isReadable()) {
            join(known, last.bytes(), piece);
        }
        piece.release();
    }

    private void join(int known, ByteBuf last, ByteBuf piece) {
        int room = Math.min(piece.readableBytes(), last.writableBytes());
        last.writeBytes(piece, room);
        if (piece.isReadable()) {
            int larger = Math.min(JOINED_BYTES_MAX, 2 * last.capacity());
            ByteBuf next = piece.alloc().buffer(Math.max(larger, piece.readableBytes()));
            keep(known, new LongData(known, next.writeBytes(piece)));
        }
    }

    private void keep(int known, LongData piece) {
        pieces.add(piece);
        lastOf.put(known, piece);
    }

    List<LongData> pieces() {
        return pieces;
    }

    boolean isTooLarge() {
        return tooLarge;
    }

    boolean has(int parameter) {
        return lastOf.containsKey(parameter);
    }

    void clear() {
        drop();
        bytes = 0;
        tooLarge = false;
    }

    private void drop() {
        pieces.forEach(piece -> piece.bytes().release());
        pieces.clear();
        lastOf.clear();
    }
}
