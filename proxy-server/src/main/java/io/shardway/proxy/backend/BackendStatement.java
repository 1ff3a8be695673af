package io.shardway.proxy.backend;

/** A statement prepared on one backend connection. Confined to its event loop. */
public final class BackendStatement {

    private final long id;
    private byte[] boundTypes = {};

    BackendStatement(long id) {
        this.id = id;
    }

    public long id() {
        return id;
    }

    /** The parameter types last sent; the node keeps them for executions that send none. */
    public byte[] boundTypes() {
        return boundTypes;
    }

    /**
     * @param types not copied
     */
    public void bind(byte[] types) {
        boundTypes = types;
    }
}
