package io.shardway.cli;

import io.shardway.cluster.ClusterProblem;
import io.shardway.router.ShardwayException;
import java.io.IOException;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.util.Objects;
import java.util.stream.Stream;
import picocli.CommandLine.ExitCode;

/** Turns what ended a command into sentences and an exit code. Stateless. */
final class Failure {

    private Failure() {}

    static int describe(Exception failure, PrintWriter err) {
        return switch (failure) {
            case UserProblem problem -> {
                err.println("shardway: " + problem.getMessage());
                yield ExitCode.USAGE;
            }
            case ShardwayException known -> {
                err.println("shardway: " + known.getMessage());
                yield isForTheUser(known) ? ExitCode.USAGE : ExitCode.SOFTWARE;
            }
            case ClusterProblem problem -> {
                err.println("shardway: " + problem.sentence());
                problem.remedy().ifPresent(remedy -> err.println("  " + remedy));
                yield ExitCode.USAGE;
            }
            case SQLException refused -> {
                err.println("shardway: a server refused: " + refused.getMessage());
                yield ExitCode.SOFTWARE;
            }
            case Exception _ when isDiskFull(failure) -> {
                err.println("shardway: the disk is full: " + rootOf(failure).getMessage() + ".");
                err.println("  Free some space or choose another directory.");
                yield ExitCode.USAGE;
            }
            default -> {
                err.println("shardway: this is a bug; please report it with these lines.");
                failure.printStackTrace(err);
                yield ExitCode.SOFTWARE;
            }
        };
    }

    private static boolean isDiskFull(Throwable failure) {
        return rootOf(failure) instanceof IOException root
                && String.valueOf(root.getMessage()).contains("No space left on device");
    }

    private static Throwable rootOf(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
                .reduce(failure, (_, cause) -> cause);
    }

    private static boolean isForTheUser(ShardwayException failure) {
        return switch (failure.code().kind()) {
            case USER, UNSUPPORTED -> true;
            case RETRYABLE, EXTERNAL, BUG -> false;
        };
    }
}
