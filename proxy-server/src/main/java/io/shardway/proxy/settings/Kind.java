package io.shardway.proxy.settings;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What values a setting takes: how they are written and within which bounds. Immutable.
 *
 * @param <T> the value in code
 */
sealed interface Kind<T> {

    /** Reads what an operator wrote; the message of the failure completes "the key is x, ...". */
    T parse(String text);

    /** As an operator would write it; parses back to an equal value. */
    String print(T value);

    boolean allows(T value);

    /** Completes "must be ...". */
    String bounds();

    private static IllegalArgumentException unreadable(Kind<?> kind) {
        return new IllegalArgumentException("must be " + kind.bounds());
    }

    /** A whole number. */
    record Number(int least, int greatest) implements Kind<Integer> {
        @Override
        public Integer parse(String text) {
            try {
                return Integer.valueOf(text.replace("_", ""));
            } catch (NumberFormatException notANumber) {
                throw unreadable(this);
            }
        }

        @Override
        public String print(Integer value) {
            return value.toString();
        }

        @Override
        public boolean allows(Integer value) {
            return value >= least && value <= greatest;
        }

        @Override
        public String bounds() {
            return "%d to %d".formatted(least, greatest);
        }
    }

    /** A number of bytes, such as {@code 64MiB}. */
    record Bytes(int least, int greatest) implements Kind<Integer> {
        @Override
        public Integer parse(String text) {
            return Units.parseBytes(text).orElseThrow(() -> unreadable(this));
        }

        @Override
        public String print(Integer value) {
            return Units.printBytes(value);
        }

        @Override
        public boolean allows(Integer value) {
            return value >= least && value <= greatest;
        }

        @Override
        public String bounds() {
            return "%s to %s (units: B, KiB, MiB, GiB)".formatted(print(least), print(greatest));
        }
    }

    /** A span of time, such as {@code 250ms}. */
    record Time(Duration least, Duration greatest) implements Kind<Duration> {
        @Override
        public Duration parse(String text) {
            return Units.parseDuration(text).orElseThrow(() -> unreadable(this));
        }

        @Override
        public String print(Duration value) {
            return Units.printDuration(value);
        }

        @Override
        public boolean allows(Duration value) {
            return value.compareTo(least) >= 0 && value.compareTo(greatest) <= 0;
        }

        @Override
        public String bounds() {
            return "%s to %s (units: ms, s, m, h, d)".formatted(print(least), print(greatest));
        }
    }

    /** On or off. */
    record Switch() implements Kind<Boolean> {
        @Override
        public Boolean parse(String text) {
            return switch (text.toLowerCase(Locale.ROOT)) {
                case "true", "on", "yes" -> true;
                case "false", "off", "no" -> false;
                default -> throw unreadable(this);
            };
        }

        @Override
        public String print(Boolean value) {
            return value.toString();
        }

        @Override
        public boolean allows(Boolean value) {
            return true;
        }

        @Override
        public String bounds() {
            return "true or false";
        }
    }

    /** One word of a list. */
    record Choice<E extends Enum<E>>(List<E> words) implements Kind<E> {
        static <E extends Enum<E>> Choice<E> of(Class<E> type) {
            return new Choice<>(Arrays.asList(type.getEnumConstants()));
        }

        @Override
        public E parse(String text) {
            return words.stream()
                    .filter(word -> print(word).equals(text.toLowerCase(Locale.ROOT)))
                    .findFirst()
                    .orElseThrow(() -> unreadable(this));
        }

        @Override
        public String print(E value) {
            return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        @Override
        public boolean allows(E value) {
            return true;
        }

        @Override
        public String bounds() {
            return "one of " + String.join(", ", words.stream().map(this::print).toList());
        }
    }

    /** Text of a given form. */
    record Text(Pattern form, String bounds) implements Kind<String> {
        static Text matching(String form, String bounds) {
            return new Text(Pattern.compile(form), bounds);
        }

        @Override
        public String parse(String text) {
            return text;
        }

        @Override
        public String print(String value) {
            return value;
        }

        @Override
        public boolean allows(String value) {
            return form.matcher(value).matches();
        }
    }

    /** A file or directory; empty for none. */
    record File() implements Kind<Optional<Path>> {
        @Override
        public Optional<Path> parse(String text) {
            try {
                return text.isEmpty() ? Optional.empty() : Optional.of(Path.of(text));
            } catch (InvalidPathException notAPath) {
                throw unreadable(this);
            }
        }

        @Override
        public String print(Optional<Path> value) {
            return value.map(Path::toString).orElse("");
        }

        @Override
        public boolean allows(Optional<Path> value) {
            return true;
        }

        @Override
        public String bounds() {
            return "a path, or empty";
        }
    }
}
