package io.shardway.proxy.settings;

import static io.shardway.proxy.settings.Setting.rarely;

import java.time.Duration;
import java.util.List;

/**
 * Keys that the proxy draws, where a shard key is AUTO_INCREMENT. Immutable.
 *
 * @param blockSize keys fetched at once; two blocks are lost when a proxy is killed
 */
public record SequenceSettings(int blockSize, Duration acquireTimeout) {

    static final Setting<Integer> BLOCK_SIZE =
            rarely(
                    "sequence.block-size",
                    new Kind.Number(1, 1_000_000),
                    100,
                    "How many keys a proxy takes at once where a shard key is AUTO_INCREMENT; it"
                            + " holds up to two blocks, which are lost when it is killed.");
    static final Setting<Duration> ACQUIRE_TIMEOUT =
            rarely(
                    "sequence.acquire-timeout",
                    new Kind.Time(Duration.ofMillis(10), Duration.ofMinutes(5)),
                    Duration.ofSeconds(5),
                    "How long an INSERT waits for its key, or for the sequence to move past a key"
                            + " it gives.");

    static final List<Setting<?>> ALL = List.of(BLOCK_SIZE, ACQUIRE_TIMEOUT);

    public SequenceSettings {
        BLOCK_SIZE.check(blockSize);
        ACQUIRE_TIMEOUT.check(acquireTimeout);
    }

    static SequenceSettings of(SettingValues values) {
        return new SequenceSettings(values.get(BLOCK_SIZE), values.get(ACQUIRE_TIMEOUT));
    }
}
