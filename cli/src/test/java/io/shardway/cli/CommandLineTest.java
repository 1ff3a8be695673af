package io.shardway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandLineTest {

    @TempDir private Path directory;

    @Test
    void namesTheNearestOptionForAnUnknownOne() {
        assertThat(mistake("bench", "--conections", "4"))
                .contains("Unknown options: '--conections'")
                .contains("Did you mean: --connections?")
                .contains("./shardway bench --help");
    }

    @Test
    void namesTheNearestCommandForAnUnknownOne() {
        assertThat(mistake("demp")).contains("'demp'").contains("Did you mean: demo?");
    }

    @Test
    void refusesAPortThatIsNone() {
        assertThat(mistake("demo", "--port", "99999"))
                .isEqualTo("shardway: --port must be 1 to 65535, is 99999.\n");
        assertThat(mistake("demo", "--port", "abc")).contains("'--port'", "'abc' is not an int");
        assertThat(mistake("bench", "--server", "127.0.0.1:99999"))
                .contains("A port is 1 to 65535, not 99999.");
    }

    @Test
    void offersAnotherPortForOneThatIsTaken() throws IOException {
        try (var taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            assertThat(mistake("demo", "--port", Integer.toString(taken.getLocalPort())))
                    .contains("Port %d is taken.".formatted(taken.getLocalPort()))
                    .contains("./shardway demo --port");
        }
    }

    @Test
    void saysTheLimitsOfANumberThatIsOutside() {
        assertThat(mistake("demo", "--shards", "0")).contains("--shards must be 1 to 16, is 0.");
        assertThat(mistake("demo", "--shards", "17")).contains("--shards must be 1 to 16, is 17.");
        assertThat(mistake("demo", "--replicas", "6")).contains("must be 0 to 5, is 6.");
        assertThat(mistake("bench", "--rounds", "0")).contains("must be 1 to 100, is 0.");
    }

    @Test
    void namesAFileThatIsMissing() {
        assertThat(mistake("demo", "--tables", "nosuch.sql"))
                .isEqualTo("shardway: --tables: there is no file nosuch.sql.\n");
        assertThat(mistake("proxy", "--config", "nosuch.yaml"))
                .isEqualTo("shardway: --config: there is no file nosuch.yaml.\n");
    }

    @Test
    void checksSettingsWithoutStartingAProxy() throws IOException {
        Path good = Files.writeString(directory.resolve("good.yaml"), "frontend:\n  port: 3399\n");
        Path bad = Files.writeString(directory.resolve("bad.yaml"), "frontend:\n  prot: 3399\n");

        CommandLines.Outcome checked =
                CommandLines.run("proxy", "--check", "--config", good.toString());
        assertThat(checked.exitCode()).isZero();
        assertThat(checked.out()).contains("frontend.port: 3399");
        assertThat(mistake("proxy", "--check", "--config", bad.toString()))
                .contains("frontend.prot", "the nearest is frontend.port");
    }

    @Test
    void printsHelpForEveryCommand() {
        for (String command : Main.commandLine().getSubcommands().keySet()) {
            CommandLines.Outcome help = CommandLines.run(command, "--help");
            assertThat(help.exitCode()).as(command).isZero();
            assertThat(help.out()).contains("./shardway " + command);
        }
    }

    /** What the user is told; every mistake ends with exit code 2. */
    private static String mistake(String... arguments) {
        CommandLines.Outcome outcome = CommandLines.run(arguments);
        assertThat(outcome.exitCode()).isEqualTo(2);
        assertThat(outcome.out()).isEmpty();
        return outcome.err();
    }
}
