package io.shardway.proxy.settings;

import io.shardway.router.ShardwayException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What was given for each key, before it is read. Immutable.
 *
 * @param given by key; all keys are known ones
 * @param environment where passwords may come from
 */
record SettingValues(Map<String, Given> given, Map<String, String> environment) {

    /**
     * One value as it was written.
     *
     * @param origin where, such as {@code shardway.yaml:12}; begins every complaint
     */
    record Given(String text, String origin) {}

    SettingValues {
        given = Map.copyOf(given);
        environment = Map.copyOf(environment);
    }

    <T> T get(Setting<T> setting) {
        Given value = given.get(setting.key());
        if (value == null) {
            return setting.standard();
        }
        try {
            return setting.read(value.text());
        } catch (ShardwayException wrong) {
            throw Setting.wrong(value.origin() + ": " + wrong.detail());
        }
    }

    Secret secret(SecretSetting setting) {
        Optional<Path> file = get(setting.file());
        String variable = get(setting.variable());
        if (file.isPresent() && !variable.isEmpty()) {
            throw Setting.wrong(
                    "%s and %s are both set: give one"
                            .formatted(setting.file().key(), setting.variable().key()));
        }
        if (file.isPresent()) {
            return firstLineOf(file.get(), setting.file().key());
        }
        if (variable.isEmpty()) {
            return Secret.EMPTY;
        }
        String value = environment.get(variable);
        if (value == null) {
            throw Setting.wrong(
                    "%s names the environment variable %s, which is not set"
                            .formatted(setting.variable().key(), variable));
        }
        return Secret.of(value);
    }

    private static Secret firstLineOf(Path file, String key) {
        try (var lines = Files.lines(file, StandardCharsets.UTF_8)) {
            return Secret.of(lines.findFirst().orElse(""));
        } catch (IOException | java.io.UncheckedIOException unreadable) {
            throw Setting.wrong("%s: cannot read %s".formatted(key, file));
        }
    }
}
