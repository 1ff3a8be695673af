package io.shardway.proxy.backend;

import io.shardway.proxy.protocol.OkPacket;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A small answer that was collected whole, for commands the proxy sends on its own account.
 * Immutable.
 */
public sealed interface CollectedAnswer {

    /** OK without rows. */
    record Ok(OkPacket packet) implements CollectedAnswer {}

    /**
     * Rows of the text protocol.
     *
     * @param types the MySQL type of each column
     * @param characterSets the collation id of each column
     * @param flags of each column
     * @param end the packet that ends them
     */
    record Rows(
            List<Integer> types,
            List<Integer> characterSets,
            List<Integer> flags,
            List<byte @Nullable []> cells,
            OkPacket end)
            implements CollectedAnswer {

        public int columnCount() {
            return types.size();
        }

        /** The flags at the end. */
        public int status() {
            return end.status();
        }

        public int rowCount() {
            return types.isEmpty() ? 0 : cells.size() / types.size();
        }

        public byte @Nullable [] cell(int row, int column) {
            return cells.get(row * types.size() + column);
        }
    }

    /** COM_STMT_PREPARE succeeded: header and definitions as framed packets. */
    record Prepared(
            long statementId, int columnCount, int parameterCount, int warnings, byte[] definitions)
            implements CollectedAnswer {}

    /** MySQL refused. */
    record Refused(int code, String sqlState, byte[] message) implements CollectedAnswer {}

    /** The connection broke, or the answer was larger than the bound; the connection is closed. */
    record Lost(Throwable cause) implements CollectedAnswer {}
}
