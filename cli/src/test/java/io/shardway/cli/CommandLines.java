package io.shardway.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;

/** Runs commands inside this JVM. Stateless. */
public final class CommandLines {

    /** What a command printed and returned. */
    public record Outcome(int exitCode, String out, String err) {}

    private CommandLines() {}

    public static Outcome run(List<String> arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        int exitCode =
                Main.commandLine()
                        .setOut(new PrintWriter(out, true))
                        .setErr(new PrintWriter(err, true))
                        .execute(arguments.toArray(String[]::new));
        return new Outcome(exitCode, out.toString(), err.toString());
    }

    public static Outcome run(String... arguments) {
        return run(List.of(arguments));
    }
}
