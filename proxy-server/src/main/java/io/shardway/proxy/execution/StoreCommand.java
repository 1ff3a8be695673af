package io.shardway.proxy.execution;

import io.netty.buffer.ByteBuf;
import io.shardway.proxy.backend.AnswerKind;
import io.shardway.proxy.backend.AnswerRewrite;
import io.shardway.proxy.backend.AnswerSink;
import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.BackendStatement;
import io.shardway.proxy.backend.PreparedKey;
import io.shardway.proxy.protocol.ColumnDefinition;
import java.util.List;

/**
 * COM_STMT_EXECUTE of an INSERT of binary rows as they came from another node. Confined to its
 * event loop.
 *
 * @param key the INSERT as it is prepared on the node
 */
record StoreCommand(PreparedKey key, List<ColumnDefinition> columns, List<byte[]> rows)
        implements BackendCommand {

    StoreCommand {
        columns = List.copyOf(columns);
        rows = List.copyOf(rows);
    }

    @Override
    public PreparedKey needsPrepared() {
        return key;
    }

    @Override
    public void send(BackendConnection connection, AnswerSink sink, int sequenceShift) {
        BackendStatement prepared = connection.prepared(key).orElseThrow();
        var parameters = new PulledRows(columns.size());
        if (!parameters.described(columns)) {
            throw new IllegalStateException("columns without types");
        }
        rows.forEach(parameters::add);
        ByteBuf framed =
                parameters.take(
                        rows.size(),
                        prepared.id(),
                        connection.flavour().queryAttributes(),
                        connection.allocator());
        connection.send(framed, AnswerKind.RESULTS, AnswerRewrite.NONE, sink);
    }

    @Override
    public void release() {
        // Holds nothing but rows.
    }
}
