package io.shardway.proxy.session;

import io.netty.buffer.ByteBuf;
import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.BackendStatement;
import io.shardway.proxy.backend.PreparedKey;
import io.shardway.router.plan.Planned;
import io.shardway.router.schema.Catalog;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A statement the client prepared: known under our id, prepared on backends as they are used.
 * Confined to its event loop.
 */
public final class PreparedStatement {

    private final int id;
    private final PreparedKey key;
    private final int parameterCount;
    private final boolean calculatesFoundRows;
    private final LongValues longValues;
    private Optional<Catalog> catalog = Optional.empty();
    private Optional<Planned> plan = Optional.empty();
    private byte[] types = {};
    private Optional<Cursor> cursor = Optional.empty();

    /** A piece of a parameter. The statement owns the buffer. */
    public record LongData(int parameter, ByteBuf bytes) {}

    /**
     * An open cursor, and the statement on the node that it belongs to; nobody else uses that one
     * meanwhile.
     */
    public record Cursor(BackendConnection connection, BackendStatement statement) {}

    public PreparedStatement(int id, PreparedKey key, int parameterCount) {
        this.id = id;
        this.key = key;
        this.parameterCount = parameterCount;
        this.longValues = new LongValues(parameterCount);
        this.calculatesFoundRows =
                new String(key.sql(), StandardCharsets.ISO_8859_1)
                        .toLowerCase(Locale.ROOT)
                        .contains("sql_calc_found_rows");
    }

    /** FOUND_ROWS() afterwards is not the number of rows sent. */
    public boolean calculatesFoundRows() {
        return calculatesFoundRows;
    }

    public int id() {
        return id;
    }

    public PreparedKey key() {
        return key;
    }

    public int parameterCount() {
        return parameterCount;
    }

    /** The plan made last, if it is still one of this catalog. */
    public Optional<Planned> planOf(Catalog now) {
        return catalog.isPresent() && catalog.get() == now ? plan : Optional.empty();
    }

    public void planned(Catalog now, Planned made) {
        catalog = Optional.of(now);
        plan = Optional.of(made);
    }

    /**
     * The types of the parameters as last sent: for each two bytes, then (with query attributes)
     * its name.
     */
    public byte[] types() {
        return types;
    }

    public void bind(byte[] sent) {
        types = sent;
    }

    /** Keeps a piece; beyond the limit the execution will be refused. */
    public void append(int parameter, ByteBuf piece, long bytesMax) {
        longValues.append(parameter, piece, bytesMax);
    }

    public List<LongData> longData() {
        return longValues.pieces();
    }

    public boolean isLongDataTooLarge() {
        return longValues.isTooLarge();
    }

    public boolean hasLongData(int parameter) {
        return longValues.has(parameter);
    }

    /** After an execution or COM_STMT_RESET. */
    public void clearLongData() {
        longValues.clear();
    }

    public Optional<Cursor> cursor() {
        return cursor;
    }

    public boolean hasCursorOn(BackendConnection connection) {
        return cursor.isPresent() && cursor.get().connection() == connection;
    }

    /** The node opened a cursor: its statement is this one's alone until the cursor is closed. */
    public void cursorOn(BackendConnection connection) {
        if (cursor.isEmpty()) {
            cursor = connection.take(key).map(statement -> new Cursor(connection, statement));
        }
    }

    /**
     * Gives the node's statement back, of use to others as it is; closes its cursor if it is still
     * open.
     */
    public void cursorClosed(boolean readToItsEnd) {
        Optional<Cursor> closed = cursor;
        cursor = Optional.empty();
        closed.ifPresent(was -> {
            if (readToItsEnd) {
                was.connection().giveBack(key, was.statement());
            } else {
                was.connection().closeUnremembered(was.statement().id());
            }
        });
    }
}
