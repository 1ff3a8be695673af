package io.shardway.proxy.admin;

import io.shardway.proxy.query.AdminAnswer;
import io.shardway.proxy.query.AdminCaller;
import io.shardway.proxy.query.CopyStatus;
import io.shardway.proxy.query.ReferenceChecks;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Copies of reference tables, compared or repaired. Stateless; blocks. */
final class ReferenceViews {

    private ReferenceViews() {}

    static AdminAnswer.Table answer(
            AdminRequest.OfTable request, ReferenceChecks checks, AdminCaller caller) {
        String keyspace =
                request.keyspace().isEmpty()
                        ? caller.keyspace()
                                .orElseThrow(() ->
                                        new ShardwayException(
                                                ErrorCode.NO_KEYSPACE, "table " + request.table()))
                        : request.keyspace();
        return table(
                request.statement() == AdminStatement.REPAIR_TABLE
                        ? checks.repair(keyspace, request.table())
                        : checks.check(keyspace, request.table()));
    }

    private static AdminAnswer.Table table(List<CopyStatus> copies) {
        return new AdminAnswer.Table(
                List.of(
                        "shard", "copy", "write", "rows", "missing", "extra", "changed", "keys",
                        "detail"),
                copies.stream().map(ReferenceViews::row).toList());
    }

    private static List<@Nullable String> row(CopyStatus copy) {
        return Arrays.asList(
                copy.shard().name(),
                copy.state().toString(),
                Long.toString(copy.write()),
                Long.toString(copy.rows()),
                Long.toString(copy.missing()),
                Long.toString(copy.extra()),
                Long.toString(copy.changed()),
                copy.keys().isEmpty() ? null : String.join("; ", copy.keys()),
                copy.detail().isEmpty() ? null : copy.detail());
    }
}
