package io.shardway.proxy.settings;

import static io.shardway.proxy.settings.Setting.rarely;

import java.time.Duration;
import java.util.List;

/**
 * What clients are told of tables. Immutable.
 *
 * @param sizesMaxAge how old numbers of rows and sizes over all shards may be
 */
public record MetadataSettings(Duration sizesMaxAge) {

    static final Setting<Duration> SIZES_MAX_AGE =
            rarely(
                    "metadata.sizes-max-age",
                    new Kind.Time(Duration.ofMillis(1), Duration.ofHours(1)),
                    Duration.ofSeconds(5),
                    "How old the numbers of rows and the sizes may be that information_schema.TABLES"
                            + " and SHOW TABLE STATUS tell of sharded tables; they are read from"
                            + " all shards.");

    static final List<Setting<?>> ALL = List.of(SIZES_MAX_AGE);

    public MetadataSettings {
        SIZES_MAX_AGE.check(sizesMaxAge);
    }

    static MetadataSettings of(SettingValues values) {
        return new MetadataSettings(values.get(SIZES_MAX_AGE));
    }
}
