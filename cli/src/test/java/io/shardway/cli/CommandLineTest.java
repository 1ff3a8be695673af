package io.shardway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class CommandLineTest {

    private final StringWriter err = new StringWriter();
    private final StringWriter out = new StringWriter();

    @Test
    void namesTheNearestOptionForAnUnknownOne() {
        assertThat(run("bench", "--conections", "4")).isEqualTo(2);
        assertThat(err.toString())
                .contains("Unknown options: '--conections'")
                .contains("Did you mean: --connections?")
                .contains("./shardway bench --help");
    }

    @Test
    void namesTheNearestCommandForAnUnknownOne() {
        assertThat(run("bnch")).isEqualTo(2);
        assertThat(err.toString()).contains("'bnch'").contains("Did you mean: bench?");
    }

    @Test
    void refusesAPortThatIsNone() {
        assertThat(run("bench", "--server", "127.0.0.1:99999")).isEqualTo(2);
        assertThat(err.toString()).contains("A port is 1 to 65535, not 99999.");
    }

    @Test
    void saysTheLimitsOfANumberThatIsOutside() {
        assertThat(run("bench", "--rounds", "0")).isEqualTo(2);
        assertThat(err.toString()).isEqualTo("shardway: --rounds must be 1 to 100, is 0.\n");
    }

    @Test
    void printsHelpForEveryCommand() {
        for (String command : Main.commandLine().getSubcommands().keySet()) {
            assertThat(run(command, "--help")).as(command).isZero();
        }
        assertThat(out.toString()).contains("./shardway bench");
    }

    private int run(String... arguments) {
        return Main.commandLine()
                .setErr(new PrintWriter(err, true))
                .setOut(new PrintWriter(out, true))
                .execute(arguments);
    }
}
