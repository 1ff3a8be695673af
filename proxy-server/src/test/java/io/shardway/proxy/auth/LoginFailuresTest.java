package io.shardway.proxy.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class LoginFailuresTest {

    private static final InetAddress HERE = InetAddress.ofLiteral("203.0.113.1");

    private final LoginFailures failures =
            new LoginFailures(
                    new AuthenticatorSettings(
                            AuthPlugin.CACHING_SHA2_PASSWORD,
                            1,
                            1,
                            2,
                            Duration.ofSeconds(1),
                            Duration.ofSeconds(5),
                            new byte[0]));

    @Test
    void delaysAnAddressThatTriesManyUsers() {
        for (int user = 0; user < 5; user++) {
            failures.failed(HERE, "user" + user);
        }
        assertThat(failures.failed(HERE, "another")).isEqualTo(Duration.ofSeconds(4));
        assertThat(failures.failed(InetAddress.ofLiteral("203.0.113.2"), "other")).isZero();
    }

    @Test
    void delaysGuessesAtOneUserFromManyAddresses() {
        for (int host = 10; host < 15; host++) {
            failures.failed(InetAddress.ofLiteral("203.0.113." + host), "app");
        }
        assertThat(failures.failed(HERE, "app")).isEqualTo(Duration.ofSeconds(4));
        assertThat(failures.failed(HERE, "another")).isZero();
    }

    @Test
    void aSuccessForgivesTheMistypedPasswordOfTheSameUser() {
        failures.failed(HERE, "app");
        failures.failed(HERE, "app");
        failures.succeeded(HERE, "app");
        assertThat(failures.failed(HERE, "another")).isZero();
    }

    @Test
    void anAccountOfOnesOwnDoesNotClearGuessesAtOthers() {
        for (int guess = 0; guess < 4; guess++) {
            failures.failed(HERE, "app");
            failures.succeeded(HERE, "mine");
        }
        assertThat(failures.failed(HERE, "root")).isEqualTo(Duration.ofSeconds(3));
        failures.failed(HERE, "mine");
        failures.succeeded(HERE, "mine");
        assertThat(failures.failed(HERE, "root")).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void waitsNoLongerThanTheBound() {
        for (int guess = 0; guess < 2_000; guess++) {
            failures.failed(HERE, "app");
        }
        assertThat(failures.failed(HERE, "app")).isEqualTo(Duration.ofSeconds(5));
    }
}
