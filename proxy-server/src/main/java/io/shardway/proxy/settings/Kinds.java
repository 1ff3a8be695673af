package io.shardway.proxy.settings;

import java.time.Duration;

/** Kinds of values that several settings share. */
final class Kinds {

    static final Kind<String> HOST =
            Kind.Text.matching("[A-Za-z0-9.:_-]{1,255}", "a host name or address");
    static final Kind<Integer> PORT = new Kind.Number(0, 65_535);
    static final Kind<String> ACCOUNT =
            Kind.Text.matching("\\S{0,32}", "at most 32 characters without spaces");
    static final Kind<String> VARIABLE =
            Kind.Text.matching(
                    "([A-Za-z_][A-Za-z0-9_]*)?", "the name of an environment variable, or empty");

    private Kinds() {}

    static Kind<Duration> seconds(long least, long greatest) {
        return new Kind.Time(Duration.ofSeconds(least), Duration.ofSeconds(greatest));
    }

    static Kind<Duration> millis(long least, long greatest) {
        return new Kind.Time(Duration.ofMillis(least), Duration.ofMillis(greatest));
    }
}
