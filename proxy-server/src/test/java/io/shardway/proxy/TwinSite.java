package io.shardway.proxy;

import io.shardway.difftest.Site;
import java.sql.Connection;
import java.sql.SQLException;

/** A {@link Twin} for the differential suite. Confined to one thread. */
record TwinSite(Twin twin) implements Site {

    @Override
    public Connection direct(String parameters) throws SQLException {
        return twin.direct(parameters);
    }

    @Override
    public Connection proxied(String parameters) throws SQLException {
        return twin.proxied(parameters);
    }

    @Override
    public Connection admin() throws SQLException {
        return twin.proxy().connectAsAdmin();
    }

    @Override
    public String schema() {
        return twin.directSchema();
    }

    @Override
    public String keyspace() {
        return twin.keyspace();
    }
}
