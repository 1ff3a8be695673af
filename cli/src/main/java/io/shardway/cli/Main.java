package io.shardway.cli;

import io.shardway.cli.bench.BenchCommand;
import io.shardway.cli.demo.DemoCommand;
import io.shardway.cli.difftest.DifftestCommand;
import io.shardway.cli.init.InitCommand;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The {@code ./shardway} command. One thread. */
@Command(
        name = "./shardway",
        mixinStandardHelpOptions = true,
        version = "Shardway 0.1.0-SNAPSHOT",
        description = "Many MySQL servers that look like one.",
        subcommands = {
            DemoCommand.class,
            ProxyCommand.class,
            InitCommand.class,
            BenchCommand.class,
            DifftestCommand.class
        },
        synopsisSubcommandLabel = "demo|proxy|init|bench|difftest",
        footer = {
            "",
            "First steps: ./shardway demo",
            "More Java flags: SHARDWAY_JAVA_OPTS. Exit code 2: something you can put right."
        })
public final class Main {

    private Main() {}

    static void main(String[] arguments) {
        // Only a proxy tells its life; must be set before the first logger is made.
        boolean proxy = arguments.length > 0 && arguments[0].equals("proxy");
        System.setProperty("shardway.log.level", proxy ? "INFO" : "ERROR");
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Main())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setAbbreviatedOptionsAllowed(false)
                .registerConverter(HostPort.class, Main::hostPort)
                .setParameterExceptionHandler(Main::explainParameter)
                .setExecutionExceptionHandler(Main::explainFailure);
    }

    private static HostPort hostPort(String text) {
        try {
            return HostPort.parse(text);
        } catch (UserProblem e) {
            throw new TypeConversionException(e.getMessage());
        }
    }

    private static int explainParameter(ParameterException problem, String[] arguments) {
        PrintWriter err = problem.getCommandLine().getErr();
        err.println("shardway: " + problem.getMessage());
        if (problem instanceof UnmatchedArgumentException unmatched) {
            List<String> nearest = unmatched.getSuggestions();
            if (!nearest.isEmpty()) {
                err.println("  Did you mean: " + String.join(" or ", nearest) + "?");
            }
        }
        String command = problem.getCommandLine().getCommandSpec().qualifiedName();
        err.println("  All options: " + command + " --help");
        err.flush();
        return ExitCode.USAGE;
    }

    private static int explainFailure(
            Exception failure, CommandLine commandLine, CommandLine.ParseResult parsed) {
        PrintWriter err = commandLine.getErr();
        int exitCode = Failure.describe(failure, err);
        err.flush();
        return exitCode;
    }
}
