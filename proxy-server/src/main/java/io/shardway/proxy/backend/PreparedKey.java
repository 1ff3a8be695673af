package io.shardway.proxy.backend;

import java.util.Arrays;

/**
 * Which prepared statement: text, schema and settings at the time the client prepared it.
 * Immutable.
 */
public final class PreparedKey {

    private final byte[] sql;
    private final String schema;
    private final SettingsProfile profile;
    private final int hash;

    /**
     * @param sql not copied: the caller leaves it unchanged
     */
    public PreparedKey(byte[] sql, String schema, SettingsProfile profile) {
        this.sql = sql;
        this.schema = schema;
        this.profile = profile;
        this.hash = Arrays.hashCode(sql) * 31 + schema.hashCode();
    }

    public byte[] sql() {
        return sql;
    }

    public String schema() {
        return schema;
    }

    public SettingsProfile profile() {
        return profile;
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || (other instanceof PreparedKey key
                        && hash == key.hash
                        && profile == key.profile
                        && schema.equals(key.schema)
                        && Arrays.equals(sql, key.sql));
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
