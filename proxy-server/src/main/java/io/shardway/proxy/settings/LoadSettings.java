package io.shardway.proxy.settings;

import static io.shardway.proxy.settings.Setting.rarely;

import java.time.Duration;
import java.util.List;

/**
 * Clients' files that are loaded into sharded tables. Immutable.
 *
 * @param recordBytesMax of one record of a file
 * @param clientTimeout how long a client may send nothing in the middle of its file
 */
public record LoadSettings(int recordBytesMax, Duration clientTimeout) {

    static final Setting<Integer> RECORD_BYTES_MAX =
            rarely(
                    "load.record-bytes-max",
                    new Kind.Bytes(1 << 10, 1 << 28),
                    16 << 20,
                    "How long one record of a file may be that LOAD DATA LOCAL loads into a sharded table; a proxy holds up to two of them for each file.");
    static final Setting<Duration> CLIENT_TIMEOUT =
            rarely(
                    "load.client-timeout",
                    Kinds.seconds(1, 86_400),
                    Duration.ofSeconds(60),
                    "A client that sends nothing of its file for so long is disconnected, and what was loaded rolled back; in sharded keyspaces.");

    static final List<Setting<?>> ALL = List.of(RECORD_BYTES_MAX, CLIENT_TIMEOUT);

    public LoadSettings {
        RECORD_BYTES_MAX.check(recordBytesMax);
        CLIENT_TIMEOUT.check(clientTimeout);
    }

    static LoadSettings of(SettingValues values) {
        return new LoadSettings(values.get(RECORD_BYTES_MAX), values.get(CLIENT_TIMEOUT));
    }
}
