package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.shardway.proxy.backend.AnswerKind;
import io.shardway.proxy.backend.AnswerRewrite;
import io.shardway.proxy.backend.AnswerSink;
import io.shardway.proxy.backend.BackendConnection;
import java.util.Locale;
import java.util.Optional;

/**
 * A command sent as the client framed it. Owns the buffer.
 *
 * @param start where the command begins; writing may move the buffer's reader index
 */
record TextCommand(ByteBuf framed, int start, AnswerKind kind, boolean eofPackets)
        implements BackendCommand {

    private static final int COMMAND_BYTES = 5;
    private static final int TEXT_BYTES_SHOWN = 1024;

    TextCommand(ByteBuf framed, AnswerKind kind, boolean eofPackets) {
        this(framed, framed.readerIndex(), kind, eofPackets);
    }

    @Override
    public void send(BackendConnection connection, AnswerSink sink, int sequenceShift) {
        framed.readerIndex(start);
        connection.send(framed.retain(), kind, rewrite(sequenceShift, eofPackets), sink);
    }

    static AnswerRewrite rewrite(int sequenceShift, boolean eofPackets) {
        if (sequenceShift == 0) {
            return eofPackets ? AnswerRewrite.EOF_PACKETS : AnswerRewrite.NONE;
        }
        return new AnswerRewrite(sequenceShift, eofPackets);
    }

    @Override
    public Optional<String> text() {
        int from = start + COMMAND_BYTES;
        int bytes = Math.min(framed.writerIndex() - from, TEXT_BYTES_SHOWN);
        return bytes <= 0
                ? Optional.empty()
                : Optional.of(framed.toString(from, bytes, UTF_8).trim());
    }

    /** MySQL warns of SQL_CALC_FOUND_ROWS, which spares reading every other text. */
    @Override
    public boolean calculatesFoundRows(int warnings) {
        return warnings > 0
                && framed.toString(start, framed.writerIndex() - start, UTF_8)
                        .toLowerCase(Locale.ROOT)
                        .contains("sql_calc_found_rows");
    }

    @Override
    public void release() {
        framed.release();
    }
}
