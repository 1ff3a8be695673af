package io.shardway.proxy.session;

import io.netty.buffer.ByteBuf;
import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.PreparedKey;
import io.shardway.router.plan.Plan;
import io.shardway.router.schema.Catalog;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A statement the client prepared: known under our id, prepared on backends as they are used. Confined to its event loop. */
public final class PreparedStatement {

    private final int id;
    private final PreparedKey key;
    private final int parameterCount;
    private final List<LongData> longData = new ArrayList<>();
    private Optional<Catalog> catalog = Optional.empty();
    private Optional<Plan> plan = Optional.empty();
    private byte[] types = {};
    private long longDataBytes;
    private boolean longDataTooLarge;
    private Optional<BackendConnection> cursor = Optional.empty();

    /** A piece of a parameter. The statement owns the buffer. */
    public record LongData(int parameter, ByteBuf bytes) {}

    public PreparedStatement(int id, PreparedKey key, int parameterCount) {
        this.id = id;
        this.key = key;
        this.parameterCount = parameterCount;
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
    public Optional<Plan> planOf(Catalog now) {
        return catalog.isPresent() && catalog.get() == now ? plan : Optional.empty();
    }

    public void planned(Catalog now, Plan made) {
        catalog = Optional.of(now);
        plan = Optional.of(made);
    }

    /** The types of the parameters as last sent: for each two bytes, then (with query attributes) its name. */
    public byte[] types() {
        return types;
    }

    public void bind(byte[] sent) {
        types = sent;
    }

    /** Keeps a piece; beyond the limit the execution will be refused. */
    public void append(int parameter, ByteBuf piece, long bytesMax) {
        longDataBytes += piece.readableBytes();
        if (longDataBytes > bytesMax) {
            longDataTooLarge = true;
            piece.release();
            dropLongData();
            return;
        }
        longData.add(new LongData(parameter, piece));
    }

    public List<LongData> longData() {
        return longData;
    }

    public boolean isLongDataTooLarge() {
        return longDataTooLarge;
    }

    public boolean hasLongData(int parameter) {
        return longData.stream().anyMatch(piece -> piece.parameter() == parameter);
    }

    /** After an execution or COM_STMT_RESET. */
    public void clearLongData() {
        dropLongData();
        longDataBytes = 0;
        longDataTooLarge = false;
    }

    private void dropLongData() {
        longData.forEach(piece -> piece.bytes().release());
        longData.clear();
    }

    /** The connection that holds this statement's open cursor. */
    public Optional<BackendConnection> cursor() {
        return cursor;
    }

    public void cursorOn(BackendConnection connection) {
        cursor = Optional.of(connection);
    }

    public void cursorClosed() {
        cursor = Optional.empty();
    }
}
