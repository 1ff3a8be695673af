package io.shardway.cli.bench;

import java.sql.SQLException;
import java.util.random.RandomGenerator;

/** One client's way to rows on several shards. Confined to one thread. */
interface SpreadSession extends AutoCloseable {

    void run(SpreadWork work, RandomGenerator random) throws SQLException;

    @Override
    void close() throws SQLException;
}
