package io.shardway.router.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class PasswordHashTest {

    private static final byte[] PASSWORD = "geheim ü".getBytes(StandardCharsets.UTF_8);

    @Test
    void matchesOnlyTheRightPassword() {
        for (AuthPlugin plugin : AuthPlugin.values()) {
            String hash = PasswordHash.of(plugin, PASSWORD);
            assertThat(PasswordHash.matches(hash, PASSWORD)).isTrue();
            assertThat(PasswordHash.matches(hash, "geheim".getBytes(StandardCharsets.UTF_8)))
                    .isFalse();
            assertThat(PasswordHash.matches(hash, new byte[0])).isFalse();
        }
        assertThat(PASSWORD).isEqualTo("geheim ü".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void saltsEveryHashAnew() {
        String hash = PasswordHash.sha256(PASSWORD);
        assertThat(hash).startsWith("$5$rounds=5000$").isNotEqualTo(PasswordHash.sha256(PASSWORD));
    }

    @Test
    void hashesAsCryptAndMysqlDo() {
        // The first is what crypt(3) of glibc answers, the second is MySQL's own for 'secret'.
        assertThat(
                        PasswordHash.matches(
                                "$5$rounds=5000$toolongsaltstrin$"
                                        + "Un/5jzAHMgOGZ5.mWJpuVolil07guHPvOW8mGRcvxa5",
                                ascii("This is just a test")))
                .isTrue();
        assertThat(PasswordHash.nativeHash(ascii("secret")))
                .isEqualTo("*14E65567ABDB5135D0CFD9A70B3032C179A49EE7");
        assertThat(PasswordHash.nativeBytes("*14E65567ABDB5135D0CFD9A70B3032C179A49EE7"))
                .hasSize(20)
                .startsWith(0x14, 0xE6);
    }

    @Test
    void matchesNothingWithAMalformedHash() {
        for (String hash : new String[] {"", "*", "$5$", "plain", "$6$rounds=5000$abc$def"}) {
            assertThat(PasswordHash.matches(hash, PASSWORD)).isFalse();
        }
    }

    @Test
    void isNeitherPrintedNorForgedInAnAccount() {
        var account = Account.of("app", PASSWORD, AuthPlugin.NATIVE, AccountRight.WRITE);
        assertThat(account.toString()).contains("app").doesNotContain(account.passwordHash());
        assertThatThrownBy(() ->
                        new Account(
                                "app",
                                account.passwordHash(),
                                AuthPlugin.CACHING_SHA2,
                                AccountRight.WRITE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining(account.passwordHash());
    }

    @Test
    void includesLesserRights() {
        assertThat(AccountRight.ADMIN.includes(AccountRight.WRITE)).isTrue();
        assertThat(AccountRight.READ.includes(AccountRight.READ)).isTrue();
        assertThat(AccountRight.READ.includes(AccountRight.WRITE)).isFalse();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
