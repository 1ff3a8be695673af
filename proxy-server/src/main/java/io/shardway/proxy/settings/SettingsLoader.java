package io.shardway.proxy.settings;

import io.shardway.proxy.settings.SettingValues.Given;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Brings file, environment and code together: the later wins. Stateless. An unknown key stops the
 * start, because a misspelt limit is otherwise found at night.
 */
final class SettingsLoader {

    private static final int MISSPELT_AT_MOST = 2;

    private SettingsLoader() {}

    static ProxySettings load(
            Optional<Path> file, Map<String, String> environment, Map<String, String> values) {
        var given = new HashMap<String, Given>();
        file.ifPresent(path -> given.putAll(YamlSettings.read(path)));
        given.putAll(fromEnvironment(environment));
        values.forEach((key, text) -> given.put(key, new Given(text, key)));
        given.forEach(SettingsLoader::requireKnown);
        return ProxySettings.of(new SettingValues(given, environment));
    }

    /**
     * Variables that begin with SHARDWAY_ but resemble no setting are left alone: the start script
     * and container platforms set such ones too.
     */
    private static Map<String, Given> fromEnvironment(Map<String, String> environment) {
        var given = new HashMap<String, Given>();
        environment.forEach((name, text) -> {
            if (!name.startsWith("SHARDWAY_")) {
                return;
            }
            Optional<Setting<?>> setting =
                    ProxySettings.ALL.stream()
                            .filter(each -> each.environmentName().equals(name))
                            .findFirst();
            setting.ifPresentOrElse(
                    each -> given.put(each.key(), new Given(text, "environment " + name)),
                    () -> refuseMisspelt(name));
        });
        return given;
    }

    private static void refuseMisspelt(String name) {
        List<String> names =
                ProxySettings.ALL.stream().<String>map(Setting::environmentName).toList();
        String nearest = Spelling.nearest(name, names);
        if (Spelling.distance(name, nearest) <= MISSPELT_AT_MOST) {
            throw Setting.wrong(
                    "environment %s: no such setting; the nearest is %s".formatted(name, nearest));
        }
    }

    private static void requireKnown(String key, Given given) {
        List<String> keys = ProxySettings.ALL.stream().<String>map(Setting::key).toList();
        if (keys.contains(key)) {
            return;
        }
        if (keys.stream().anyMatch(each -> each.startsWith(key + "."))) {
            throw Setting.wrong(
                    "%s: %s holds settings and has no value itself".formatted(given.origin(), key));
        }
        throw Setting.wrong(
                "%s: unknown setting %s; the nearest is %s"
                        .formatted(given.origin(), key, Spelling.nearest(key, keys)));
    }
}
