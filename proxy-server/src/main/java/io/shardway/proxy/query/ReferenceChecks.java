package io.shardway.proxy.query;

import java.util.List;

/** Compares and repairs the copies of reference tables. Thread-safe; blocks. */
public interface ReferenceChecks {

    /** Every shard's copy, the default shard's first. */
    List<CopyStatus> check(String keyspace, String table);

    /** Makes every copy like the default shard's. */
    List<CopyStatus> repair(String keyspace, String table);
}
