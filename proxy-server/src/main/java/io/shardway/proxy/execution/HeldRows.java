package io.shardway.proxy.execution;

import io.shardway.proxy.protocol.ColumnDefinition;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.router.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * Rows that MySQL has made of a statement, as binary rows, until their owners store them: so many
 * as one statement may have, and all statements of the proxy together. Confined to its event loop.
 */
final class HeldRows implements Scratch.PulledTo {

    /** What a row takes besides its bytes. */
    private static final int ROW_BYTES = 32;

    private final String table;
    private final boolean hasJson;
    private final HeldStatement statement;
    private final BiConsumer<ErrorCode, String> tooMany;
    private final List<byte[]> rows = new ArrayList<>();
    private List<ColumnDefinition> columns = List.of();
    private long held;
    private boolean over;

    /**
     * @param table for which they are
     * @param hasJson whether it has JSON columns
     * @param statement whose rows they are
     * @param tooMany hears once that there are more than may be
     */
    HeldRows(
            String table,
            boolean hasJson,
            HeldStatement statement,
            BiConsumer<ErrorCode, String> tooMany) {
        this.table = table;
        this.hasJson = hasJson;
        this.statement = statement;
        this.tooMany = tooMany;
    }

    @Override
    public void described(List<ColumnDefinition> definitions) {
        columns = List.copyOf(definitions);
    }

    @Override
    public void row(byte[] payload) {
        if (over) {
            return;
        }
        int size = payload.length + ROW_BYTES;
        if (!statement.budget().tryTake(size)) {
            over(
                    ErrorCode.HELD_ROWS_EXHAUSTED,
                    "%d rows of %d bytes wait for more, and all together may hold %d"
                            .formatted(
                                    statement.rows(), statement.bytes(), statement.budget().max()));
            return;
        }
        held += size;
        rows.add(payload);
        if (!statement.add(rows.size(), payload.length)) {
            over(
                    ErrorCode.ASSEMBLY_TOO_LARGE,
                    "it stopped at %d rows of %d bytes to be stored in table %s"
                            .formatted(statement.rows(), statement.bytes(), table));
        }
    }

    private void over(ErrorCode code, String detail) {
        over = true;
        tooMany.accept(code, detail);
        release();
    }

    /** Lets go of the rows; nobody needs them any more. */
    void release() {
        over = true;
        rows.clear();
        statement.budget().giveBack(held);
        held = 0;
    }

    @Override
    public Optional<ErrPacket> error(ErrPacket reason) {
        return hasJson && reason.code() == JsonText.ERROR
                ? Optional.of(
                        ErrPacket.of(
                                ErrorCode.CROSS_SHARD_WRITE,
                                "it makes JSON values that their text does not tell exactly"))
                : Optional.empty();
    }

    List<ColumnDefinition> columns() {
        return columns;
    }

    int count() {
        return rows.size();
    }

    byte[] row(int index) {
        return rows.get(index);
    }

    /** In place of the one that stood there. */
    void set(int index, byte[] row) {
        rows.set(index, row);
    }
}
