package io.shardway.proxy.query;

import io.shardway.router.keyspace.ShardId;
import java.util.List;

/** One copy that differs; it is on a shard that is called like the table. */
final class FakeChecks implements ReferenceChecks {

    @Override
    public List<CopyStatus> check(String keyspace, String table) {
        return List.of(
                new CopyStatus(
                        new ShardId(keyspace + "-" + table),
                        CopyStatus.State.DIFFERS,
                        5,
                        3,
                        0,
                        0,
                        1,
                        List.of("`id` = '7'"),
                        ""));
    }

    @Override
    public List<CopyStatus> repair(String keyspace, String table) {
        return List.of();
    }
}
