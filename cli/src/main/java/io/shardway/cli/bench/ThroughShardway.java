package io.shardway.cli.bench;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.random.RandomGenerator;

/** A statement each, and Shardway does the rest. Confined to one thread. */
final class ThroughShardway implements SpreadSession {

    private final Connection connection;
    private final SpreadOwners owners;

    ThroughShardway(Connection connection, SpreadOwners owners) {
        this.connection = connection;
        this.owners = owners;
    }

    @Override
    public void run(SpreadWork work, RandomGenerator random) throws SQLException {
        switch (work) {
            case AGGREGATE -> SpreadSql.numbers(connection, SpreadSql.AGGREGATE);
            case GROUPS -> SpreadSql.numbers(connection, SpreadSql.GROUPS);
            case TOP_10 -> SpreadSql.numbers(connection, SpreadSql.TOP_10);
            case TEN_KEYS -> {
                List<Long> keys = SpreadSql.keys(random, owners.users(), SpreadSql.KEYS);
                SpreadSql.rows(connection, SpreadSql.select(keys));
            }
            case HUNDRED_ROWS ->
                    SpreadSql.execute(
                            connection,
                            SpreadSql.insert(SpreadSql.newKeys(random, SpreadSql.ROWS)));
            case FILE_20K ->
                    SpreadSql.load(connection, SpreadSql.newKeys(random, SpreadSql.FILE_ROWS));
            case TWO_SHARDS -> {
                SpreadSql.execute(connection, "BEGIN");
                for (int shard = 0; shard < 2; shard++) {
                    SpreadSql.execute(connection, SpreadSql.update(owners.keyOf(shard, random)));
                }
                SpreadSql.execute(connection, "COMMIT");
            }
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
