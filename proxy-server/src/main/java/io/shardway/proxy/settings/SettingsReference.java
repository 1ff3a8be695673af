package io.shardway.proxy.settings;

import io.shardway.proxy.settings.Setting.Importance;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Tells operators of all settings: the reference page, and the values in force. Stateless. */
final class SettingsReference {

    private static final String HEAD =
            """
            # Settings

            Where a value comes from, the later wins: the default below, the settings file (YAML), the
            environment. `frontend.wait-timeout` is `wait-timeout` below `frontend` in the file, and
            `SHARDWAY_FRONTEND_WAIT_TIMEOUT` in the environment. A wrong value or an unknown key stops the
            start. Passwords come from files or the environment, never from the settings file.

            This page is made from the code; a test keeps it so.
            """;

    private SettingsReference() {}

    /** The page {@code docs/settings.md}. */
    static String markdown() {
        var page = new StringBuilder(HEAD);
        for (Importance importance : Importance.values()) {
            page.append("\n## ").append(title(importance)).append("\n\n");
            ProxySettings.ALL.stream()
                    .filter(setting -> setting.importance() == importance)
                    .forEach(setting -> page.append(entry(setting)));
        }
        return page.toString();
    }

    static Map<String, String> valuesOf(ProxySettings settings) {
        var values = new LinkedHashMap<String, String>();
        values.put(ProxySettings.NAME.key(), settings.name());
        for (RecordComponent component : ProxySettings.class.getRecordComponents()) {
            if (valueOf(component, settings) instanceof Record group) {
                for (RecordComponent each : group.getClass().getRecordComponents()) {
                    String key = kebab(component.getName()) + "." + kebab(each.getName());
                    values.put(key, print(key, valueOf(each, group)));
                }
            }
        }
        return values;
    }

    private static String title(Importance importance) {
        return switch (importance) {
            case MUST_SET -> "Must be set";
            case OFTEN_SET -> "Often set";
            case RARELY_SET -> "Rarely set";
        };
    }

    private static <T> String entry(Setting<T> setting) {
        String standard = setting.kind().print(setting.standard());
        return "- **`%s`** · %s · No effect: %s · Values: %s · Default: %s\n"
                .formatted(
                        setting.key(),
                        setting.what(),
                        setting.idleWhen().isEmpty() ? "never" : setting.idleWhen(),
                        setting.kind().bounds(),
                        standard.isEmpty() ? "empty" : '`' + standard + '`');
    }

    @SuppressWarnings("unchecked") // The component of a key has the type of its setting.
    private static String print(String key, Object value) {
        return ProxySettings.ALL.stream()
                .filter(setting -> setting.key().equals(key))
                .map(setting -> ((Kind<Object>) setting.kind()).print(value))
                .findFirst()
                .orElseGet(value::toString);
    }

    private static Object valueOf(RecordComponent component, Record record) {
        try {
            return component.getAccessor().invoke(record);
        } catch (ReflectiveOperationException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** {@code waitTimeout} is {@code wait-timeout}; {@code zookeeper} stays one word. */
    private static String kebab(String name) {
        return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }
}
