package io.shardway.proxy.backend;

/**
 * What must be agreed at login with a node and cannot be changed afterwards. Immutable.
 *
 * @param foundRows UPDATE counts rows found, not rows changed (CLIENT_FOUND_ROWS)
 * @param queryAttributes statements carry attributes (CLIENT_QUERY_ATTRIBUTES)
 * @param schemaless no default schema was ever chosen; MySQL cannot take one back
 */
public record BackendFlavour(
        boolean foundRows, boolean queryAttributes, boolean schemaless, BackendAccount account) {

    /** Under the serving account. */
    public BackendFlavour(boolean foundRows, boolean queryAttributes, boolean schemaless) {
        this(foundRows, queryAttributes, schemaless, BackendAccount.SERVING);
    }
}
