package io.shardway.proxy.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class ScramblesTest {

    private static final byte[] PASSWORD = "pässword".getBytes(UTF_8);
    private static final byte[] OTHER = "passwort".getBytes(UTF_8);

    @Test
    void theStoredNativeHashIsMysqls() {
        byte[] hash = Scrambles.nativeDoubleHash("password".getBytes(UTF_8));
        assertThat(HexFormat.of().withUpperCase().formatHex(hash))
                .isEqualTo("2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19");
    }

    @Test
    void nativeScramblesProveOnlyTheRightPasswordAndNonce() {
        byte[] nonce = Scrambles.newNonce();
        byte[] hash = Scrambles.nativeDoubleHash(PASSWORD);
        byte[] scramble = Scrambles.nativeScramble(PASSWORD, nonce);
        assertThat(Scrambles.nativeMatches(scramble, nonce, hash)).isTrue();
        assertThat(Scrambles.nativeMatches(scramble, Scrambles.newNonce(), hash)).isFalse();
        assertThat(Scrambles.nativeMatches(Scrambles.nativeScramble(OTHER, nonce), nonce, hash))
                .isFalse();
        assertThat(Scrambles.nativeMatches(new byte[3], nonce, hash)).isFalse();
    }

    @Test
    void sha2ScramblesProveOnlyTheRightPasswordAndNonce() {
        byte[] nonce = Scrambles.newNonce();
        byte[] hash = Scrambles.sha2DoubleHash(PASSWORD);
        byte[] scramble = Scrambles.sha2Scramble(PASSWORD, nonce);
        assertThat(Scrambles.sha2Matches(scramble, nonce, hash)).isTrue();
        assertThat(Scrambles.sha2Matches(scramble, Scrambles.newNonce(), hash)).isFalse();
        assertThat(Scrambles.sha2Matches(Scrambles.sha2Scramble(OTHER, nonce), nonce, hash))
                .isFalse();
        assertThat(Scrambles.sha2Matches(new byte[3], nonce, hash)).isFalse();
    }

    @Test
    void emptyPasswordsMakeEmptyScrambles() {
        assertThat(Scrambles.nativeScramble(new byte[0], Scrambles.newNonce())).isEmpty();
        assertThat(Scrambles.sha2Scramble(new byte[0], Scrambles.newNonce())).isEmpty();
    }

    @Test
    void noncesHaveNoByteThatWouldEndThem() {
        for (int i = 0; i < 500; i++) {
            for (byte each : Scrambles.newNonce()) {
                assertThat(each).isPositive().isNotEqualTo((byte) '$');
            }
        }
    }

    @Test
    void passwordsCrossEncryptedByAKeyThatIsSentAsText() throws GeneralSecurityException {
        KeyPair keys = RsaKeys.generate();
        byte[] nonce = Scrambles.newNonce();
        byte[] encrypted =
                Scrambles.encrypt(
                        PASSWORD, nonce, RsaKeys.publicKey(RsaKeys.pem(keys.getPublic())));
        byte[] clear = Scrambles.decrypt(encrypted, nonce, keys.getPrivate());
        assertThat(new String(clear, UTF_8)).isEqualTo("pässword\0");
    }

    @Test
    void whatIsNoKeyIsMalformed() {
        assertThatThrownBy(() -> RsaKeys.publicKey("hello".getBytes(UTF_8)))
                .isInstanceOf(MalformedPacketException.class);
        assertThatThrownBy(() ->
                        RsaKeys.publicKey(
                                "-----BEGIN PUBLIC KEY-----AAAA-----END PUBLIC KEY-----"
                                        .getBytes(UTF_8)))
                .isInstanceOf(MalformedPacketException.class);
    }
}
