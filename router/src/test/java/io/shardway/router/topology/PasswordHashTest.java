package io.shardway.router.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.commons.codec.digest.Sha2Crypt;
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
        String hash = PasswordHash.sha2(PASSWORD);
        assertThat(hash)
                .startsWith("$A$005$")
                .hasSize(70)
                .isNotEqualTo(PasswordHash.sha2(PASSWORD));
    }

    @Test
    void hashesAsCryptDoes() {
        for (int length : new int[] {0, 1, 15, 16, 31, 32, 33, 63, 64, 65, 255}) {
            byte[] password = "x".repeat(length).getBytes(StandardCharsets.US_ASCII);
            String salt = "abcdefgh./IJKLMN".substring(0, 1 + length % 16);
            assertThat("$5$rounds=6000$" + salt + "$" + ShaCrypt.hash(password, ascii(salt), 6000))
                    .isEqualTo(Sha2Crypt.sha256Crypt(password.clone(), "$5$rounds=6000$" + salt));
        }
    }

    @Test
    void hashesAsMysqlDoes() {
        // MySQL 8.0.31's own, of 'secret'.
        assertThat(PasswordHash.nativeHash(ascii("secret")))
                .isEqualTo("*14E65567ABDB5135D0CFD9A70B3032C179A49EE7");
        assertThat(PasswordHash.nativeBytes("*14E65567ABDB5135D0CFD9A70B3032C179A49EE7"))
                .hasSize(20)
                .startsWith(0x14, 0xE6);
    }

    @Test
    void matchesNothingWithAMalformedHash() {
        String good = PasswordHash.sha2(PASSWORD);
        for (String hash :
                new String[] {
                    "",
                    "*",
                    "$A$",
                    "plain",
                    good.substring(1),
                    good + ".",
                    good.replace("005", "00x")
                }) {
            assertThat(PasswordHash.matches(hash, PASSWORD)).isFalse();
            assertThat(PasswordHash.isWellFormed(AuthPlugin.CACHING_SHA2, hash)).isFalse();
        }
        String few = good.replace("$005$", "$004$");
        assertThat(PasswordHash.isWellFormed(AuthPlugin.CACHING_SHA2, few)).isFalse();
    }

    @Test
    void isNeitherPrintedNorForgedInAnAccount() {
        var account = Account.of("app", PASSWORD, AuthPlugin.NATIVE, AccountRight.WRITE);
        String hash = account.credential().hash();
        assertThat(account.toString()).contains("app").doesNotContain(hash);
        assertThatThrownBy(() -> new Credential(AuthPlugin.CACHING_SHA2, hash, Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining(hash);
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
