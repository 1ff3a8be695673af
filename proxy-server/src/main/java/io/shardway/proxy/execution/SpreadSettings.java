package io.shardway.proxy.execution;

import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.execution.SpreadPart.Failure;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.router.ErrorCode;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Refuses a write whose shards would store different values of the same words, because their nodes
 * have different defaults: time zones, SQL modes and the like. Confined to its event loop.
 */
final class SpreadSettings {

    private final StatementRunner runner;
    private Optional<SpreadPart> first = Optional.empty();

    SpreadSettings(StatementRunner runner) {
        this.runner = runner;
    }

    /** Fails if a part before this one found other settings. */
    CompletionStage<?> require(SpreadPart part) {
        BackendConnection connection = part.connection();
        if (connection.settingsDigest().isPresent()) {
            check(part);
            return CompletableFuture.completedStage(part);
        }
        return part.rows(ReferenceSql.READ_SETTINGS)
                .thenAccept(rows -> {
                    byte[] digest = rows.cell(0, 0);
                    connection.settingsDigestIs(digest == null ? new byte[0] : digest);
                    check(part);
                });
    }

    private void check(SpreadPart part) {
        if (first.isEmpty()) {
            first = Optional.of(part);
        } else if (!Arrays.equals(digest(first.get()), digest(part))) {
            runner.count(ErrorCode.SETTINGS_DIFFER);
            throw new Failure(
                    ErrPacket.of(
                            ErrorCode.SETTINGS_DIFFER,
                            "shards %s and %s".formatted(first.get().shard(), part.shard())));
        }
    }

    private static byte[] digest(SpreadPart part) {
        return part.connection().settingsDigest().orElseThrow();
    }
}
