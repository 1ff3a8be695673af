package io.shardway.cli.init;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine.Option;

/** Who may log in, and where the passwords are. Filled by picocli; one thread. */
final class LoginOptions {

    @Option(
            names = "--account",
            paramLabel = "NAME:RIGHT",
            description = "Who may log in; RIGHT is read, write or admin; repeatable")
    private List<String> accounts = List.of();

    @Option(
            names = "--owner-user",
            paramLabel = "NAME",
            description =
                    "The MySQL account, the same on every node, that makes the serving accounts"
                            + " (default: shardway)")
    private String ownerUser = "shardway";

    @Option(
            names = "--password-file",
            paramLabel = "FILE",
            description = "Lines of name=password, for the owner and the accounts")
    private Optional<Path> passwordFile = Optional.empty();

    Passwords passwords(Function<String, Optional<String>> ask) {
        return new Passwords(passwordFile, System.getenv(), ask);
    }

    OwnerLogin owner(Passwords passwords) {
        return new OwnerLogin(ownerUser, passwords.of(ownerUser, "SHARDWAY_PASSWORD_OWNER"));
    }

    Map<AccountSpec, String> accounts(Passwords passwords) {
        var logins = new LinkedHashMap<AccountSpec, String>();
        for (String text : accounts) {
            var account = AccountSpec.parse(text);
            logins.put(account, passwords.of(account.name(), account.variable()));
        }
        return logins;
    }
}
