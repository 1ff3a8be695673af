package io.shardway.proxy.settings;

import static io.shardway.proxy.settings.Setting.often;

import java.util.List;

/**
 * Health and metrics over HTTP. Immutable.
 *
 * @param port 0 for any free one
 */
public record ManagementSettings(boolean enabled, String host, int port) {

    static final Setting<Boolean> ENABLED =
            often(
                    "management.enabled",
                    new Kind.Switch(),
                    true,
                    "Offers health and metrics over HTTP.");
    static final Setting<String> HOST =
            often(
                            "management.host",
                            Kinds.HOST,
                            "127.0.0.1",
                            "The address for health and metrics; they have no login, so keep them"
                                    + " inside.")
                    .idle("when management.enabled is false");
    static final Setting<Integer> PORT =
            often(
                            "management.port",
                            Kinds.PORT,
                            3380,
                            "The port for health and metrics; 0 for any free one.")
                    .idle("when management.enabled is false");

    static final List<Setting<?>> ALL = List.of(ENABLED, HOST, PORT);

    public ManagementSettings {
        HOST.check(host);
        PORT.check(port);
    }

    static ManagementSettings of(SettingValues values) {
        return new ManagementSettings(values.get(ENABLED), values.get(HOST), values.get(PORT));
    }
}
