package io.shardway.proxy;

import io.shardway.difftest.AwkwardTables;
import java.sql.SQLException;

/** {@link AwkwardTables} on two shards and in one MySQL. Confined to one thread. */
final class ReadsTwin implements AutoCloseable {

    private final Twin twin;

    private ReadsTwin(Twin twin) {
        this.twin = twin;
    }

    static ReadsTwin start(long seed) throws SQLException {
        var made = new ReadsTwin(Twin.start(AwkwardTables.definitions().toArray(String[]::new)));
        made.twin.define(AwkwardTables.rows(seed).toArray(String[]::new));
        return made;
    }

    Twin twin() {
        return twin;
    }

    @Override
    public void close() {
        twin.close();
    }
}
