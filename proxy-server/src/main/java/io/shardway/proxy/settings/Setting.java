package io.shardway.proxy.settings;

import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import java.util.Locale;

/**
 * One thing an operator can set, with all that is said of it anywhere. Immutable.
 *
 * @param key in kebab-case, the component first, such as {@code frontend.wait-timeout}
 * @param standard the default
 * @param what it does, in one sentence
 * @param idleWhen when it has no effect; completes "No effect ..."; empty if it always has
 */
record Setting<T>(
        String key, Importance importance, Kind<T> kind, T standard, String what, String idleWhen) {

    /** How often an operator has to think of it. */
    enum Importance {
        MUST_SET,
        OFTEN_SET,
        RARELY_SET
    }

    Setting {
        if (!kind.allows(standard)) {
            throw new IllegalArgumentException("the default of " + key + " is out of bounds");
        }
    }

    static <T> Setting<T> must(String key, Kind<T> kind, T standard, String what) {
        return new Setting<>(key, Importance.MUST_SET, kind, standard, what, "");
    }

    static <T> Setting<T> often(String key, Kind<T> kind, T standard, String what) {
        return new Setting<>(key, Importance.OFTEN_SET, kind, standard, what, "");
    }

    static <T> Setting<T> rarely(String key, Kind<T> kind, T standard, String what) {
        return new Setting<>(key, Importance.RARELY_SET, kind, standard, what, "");
    }

    /** The same setting, with the circumstances under which it does nothing. */
    Setting<T> idle(String when) {
        return new Setting<>(key, importance, kind, standard, what, when);
    }

    /** Its name in the environment, such as {@code SHARDWAY_FRONTEND_WAIT_TIMEOUT}. */
    String environmentName() {
        return "SHARDWAY_" + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    /** Refuses a value outside the bounds; for the constructors of the settings records. */
    void check(T value) {
        if (!kind.allows(value)) {
            throw wrong("%s is %s, must be %s".formatted(key, quoted(value), kind.bounds()));
        }
    }

    /** {@code text} as a value within the bounds. */
    T read(String text) {
        T value;
        try {
            value = kind.parse(text.strip());
        } catch (IllegalArgumentException unreadable) {
            throw wrong("%s is \"%s\", %s".formatted(key, text, unreadable.getMessage()));
        }
        check(value);
        return value;
    }

    static ShardwayException wrong(String detail) {
        return new ShardwayException(ErrorCode.BAD_SETTING, detail);
    }

    private String quoted(T value) {
        String text = kind.print(value);
        return value instanceof String ? '"' + text + '"' : text;
    }
}
