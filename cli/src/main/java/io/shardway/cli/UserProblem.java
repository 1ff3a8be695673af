package io.shardway.cli;

/**
 * Something the user can put right: the message is one clear sentence, then the remedy. It ends the
 * command with exit code 2 and without a stack trace.
 */
public final class UserProblem extends RuntimeException {

    public UserProblem(String message) {
        super(message);
    }

    public UserProblem(String message, Throwable cause) {
        super(message, cause);
    }
}
