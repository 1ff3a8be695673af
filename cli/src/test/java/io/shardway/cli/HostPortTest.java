package io.shardway.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class HostPortTest {

    @Test
    void readsAHostAndAPort() {
        assertThat(HostPort.parse("db1.example:3306")).isEqualTo(new HostPort("db1.example", 3306));
    }

    @Test
    void readsAnIpv6AddressInBracketsAndWritesItSo() {
        assertThat(HostPort.parse("[::1]:3306")).isEqualTo(new HostPort("::1", 3306));
        assertThat(new HostPort("::1", 3306)).hasToString("[::1]:3306");
    }

    @Test
    void takesTheLeastAndTheGreatestPort() {
        assertThat(HostPort.parse("a:1").port()).isEqualTo(1);
        assertThat(HostPort.parse("a:65535").port()).isEqualTo(65_535);
    }

    @Test
    void saysWhatIsWrong() {
        assertProblem("a", "An address is HOST:PORT, not 'a'.");
        assertProblem(":3306", "An address is HOST:PORT, not ':3306'.");
        assertProblem("a:0", "A port is 1 to 65535, not 0.");
        assertProblem("a:65536", "A port is 1 to 65535, not 65536.");
        assertProblem("a:mysql", "A port is a number from 1 to 65535, not 'mysql'.");
        assertProblem("::1:3306", "An IPv6 address stands in brackets, as in [::1]:3306.");
    }

    private static void assertProblem(String text, String message) {
        assertThatThrownBy(() -> HostPort.parse(text))
                .isInstanceOf(UserProblem.class)
                .hasMessage(message);
    }
}
