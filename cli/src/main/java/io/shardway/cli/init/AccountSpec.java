package io.shardway.cli.init;

import io.shardway.cli.UserProblem;
import io.shardway.router.topology.AccountRight;
import java.util.Arrays;
import java.util.Locale;

/** An account as the user names it: {@code app:write}. Immutable. */
record AccountSpec(String name, AccountRight right) {

    static AccountSpec parse(String text) {
        int colon = text.lastIndexOf(':');
        String right = text.substring(colon + 1);
        boolean known =
                Arrays.stream(AccountRight.values())
                        .anyMatch(each -> each.name().equalsIgnoreCase(right));
        if (colon < 1 || colon > 32 || !known) {
            throw new UserProblem(
                    "An account is NAME:read, NAME:write or NAME:admin, not '%s'.".formatted(text));
        }
        return new AccountSpec(
                text.substring(0, colon), AccountRight.valueOf(right.toUpperCase(Locale.ROOT)));
    }

    /** Where its password may stand. */
    String variable() {
        return "SHARDWAY_PASSWORD_" + name.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
    }
}
