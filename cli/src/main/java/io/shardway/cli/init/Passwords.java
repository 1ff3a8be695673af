package io.shardway.cli.init;

import io.shardway.cli.UserProblem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Finds passwords: in a file of {@code name=password} lines, in an environment variable, or by
 * asking. One thread.
 */
final class Passwords {

    private final Map<String, String> fromFile;
    private final Map<String, String> environment;
    private final Function<String, Optional<String>> prompt;

    /**
     * @param prompt asks for the password of that name; empty if nobody can be asked
     */
    Passwords(
            Optional<Path> file,
            Map<String, String> environment,
            Function<String, Optional<String>> prompt) {
        this.fromFile = file.map(Passwords::read).orElse(Map.of());
        this.environment = Map.copyOf(environment);
        this.prompt = prompt;
    }

    String of(String name, String variable) {
        String password =
                Optional.ofNullable(fromFile.get(name))
                        .or(() -> Optional.ofNullable(environment.get(variable)))
                        .or(() -> prompt.apply(name))
                        .orElseThrow(() ->
                                new UserProblem(
                                        "The password of '%1$s' is missing. Put the line"
                                                + " '%1$s=...' into a file and name it with"
                                                + " --password-file, or set %2$s."
                                                        .formatted(name, variable)));
        if (password.isEmpty()) {
            throw new UserProblem("The password of '%s' is empty.".formatted(name));
        }
        return password;
    }

    private static Map<String, String> read(Path file) {
        try {
            var passwords = new HashMap<String, String>();
            for (String line : Files.readAllLines(file)) {
                int equals = line.indexOf('=');
                if (line.isBlank() || line.startsWith("#")) {
                    continue;
                }
                if (equals < 1) {
                    throw new UserProblem(
                            "%s: each line is name=password; comments begin with #."
                                    .formatted(file));
                }
                passwords.put(line.substring(0, equals).strip(), line.substring(equals + 1));
            }
            return passwords;
        } catch (IOException e) {
            throw new UserProblem("The password file %s cannot be read.".formatted(file), e);
        }
    }
}
