package io.shardway.cli.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shardway.cli.UserProblem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PasswordsTest {

    @TempDir private Path directory;

    @Test
    void looksIntoTheFileThenTheEnvironmentThenAsks() throws IOException {
        Path file = Files.writeString(directory.resolve("p"), "# ours\n\napp=a=b \n");
        var passwords =
                new Passwords(
                        Optional.of(file),
                        Map.of("V_APP", "other", "V_ADMIN", "fromEnvironment"),
                        name -> Optional.of("asked " + name));

        assertThat(passwords.of("app", "V_APP")).isEqualTo("a=b ");
        assertThat(passwords.of("admin", "V_ADMIN")).isEqualTo("fromEnvironment");
        assertThat(passwords.of("third", "V_THIRD")).isEqualTo("asked third");
    }

    @Test
    void saysWhereAMissingPasswordMayStand() {
        var passwords = new Passwords(Optional.empty(), Map.of(), _ -> Optional.empty());

        assertThatThrownBy(() -> passwords.of("app", "SHARDWAY_PASSWORD_APP"))
                .isInstanceOf(UserProblem.class)
                .hasMessageContaining("--password-file")
                .hasMessageContaining("SHARDWAY_PASSWORD_APP");
    }

    @Test
    void refusesAFileThatIsMissingOrReadsDifferently() throws IOException {
        Path other = Files.writeString(directory.resolve("p"), "justApassword\n");

        assertThatThrownBy(() -> new Passwords(Optional.of(other), Map.of(), _ -> Optional.empty()))
                .hasMessageContaining("each line is name=password");
        assertThatThrownBy(() ->
                        new Passwords(
                                Optional.of(directory.resolve("none")),
                                Map.of(),
                                _ -> Optional.empty()))
                .hasMessageContaining("cannot be read");
    }
}
