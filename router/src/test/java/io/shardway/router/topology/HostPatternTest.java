package io.shardway.router.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostPatternTest {

    @ParameterizedTest
    @CsvSource({
        "%, 10.1.2.3, true",
        "%, ::1, true",
        "10.1.2.3, 10.1.2.3, true",
        "10.1.2.3, 10.1.2.30, false",
        "10.1.2.3, ::ffff:10.1.2.3, true",
        "10.1.%, 10.1.2.3, true",
        "10.1.%, 10.10.2.3, false",
        "10.1.2._, 10.1.2.3, true",
        "10.1.2._, 10.1.2.33, false",
        "1_.1.%, 10.1.2.3, true",
        "10.1.0.0/16, 10.1.255.3, true",
        "10.1.0.0/16, 10.2.0.0, false",
        "10.1.2.0/23, 10.1.3.255, true",
        "10.1.0.0/255.255.0.0, 10.1.255.3, true",
        "10.1.0.0/255.255.0.0, 10.2.0.0, false",
        "0.0.0.0/0, 10.2.0.0, true",
        "0.0.0.0/0, 2001:db8::1, false",
        "2001:db8::/32, 2001:db8:5::1, true",
        "2001:db8::/32, 2001:db9::1, false",
        "2001:DB8::1, 2001:db8:0:0:0:0:0:1, true",
        "localhost, 127.0.0.1, true",
        "LOCALHOST, ::1, true",
        "localhost, 10.1.2.3, false",
        "127.0.0.1, ::1, false"
    })
    void matchesAsMysqlDoes(String pattern, String address, boolean matches) {
        assertThat(HostPattern.of(pattern).matches(InetAddress.ofLiteral(address)))
                .isEqualTo(matches);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "db1",
                "app.example.com",
                "%.example.com",
                "10.1.2",
                "10.1.2.300",
                "10.0.0.1/8",
                "10.0.0.0/33",
                "10.0.0.0/255.0.255.0",
                "10.0.0.0/x",
                "fe80::%",
                "10.%/16",
                "*"
            })
    void refusesNamesAndWhatIsNoPattern(String pattern) {
        assertThatThrownBy(() -> HostPattern.of(pattern))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "10.1.2.3, '10.1.2.3,10.1.2.0/24,10.1.0.0/16,10.1.%,%'",
        "10.1.2.0/24, '10.1.2.0/24,10.1.0.0/16,10.1.%,10.%,%'",
        "10.1.%, '10.1.%,10.%,%'",
        "127.0.0.1, '127.0.0.1,%'",
        "'', '127.0.0.1,::1'"
    })
    void theNarrowestPatternThatFitsIsTheAccount(String expected, String patterns) {
        byte[] password = {'x'};
        var credential = Credential.of(AuthPlugin.NATIVE, password);
        Map<AccountName, Account> byName =
                Arrays.stream(patterns.split(","))
                        .map(host -> Account.of(AccountName.of("app", host), credential))
                        .collect(Collectors.toMap(Account::name, account -> account));
        var accounts = new Accounts(1, byName);
        InetAddress client =
                InetAddress.ofLiteral(expected.startsWith("127") ? "127.0.0.1" : "10.1.2.3");
        assertThat(accounts.find("app", client).map(found -> found.name().host().text()).orElse(""))
                .isEqualTo(expected);
        assertThat(accounts.find("App", client)).isEmpty();
    }
}
