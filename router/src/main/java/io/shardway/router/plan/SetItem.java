package io.shardway.router.plan;

import io.shardway.router.sql.Token;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** One assignment of a SET statement. Immutable. */
sealed interface SetItem {

    /** Whose variable is set. */
    enum Scope {
        /** {@code name}. */
        NONE,
        /** {@code @@name}: for some variables only the next transaction's. */
        NONE_WITH_AT_SIGNS,
        SESSION,
        /** GLOBAL, PERSIST, PERSIST_ONLY. */
        GLOBAL
    }

    /**
     * @param name without {@code @}, lower case
     */
    record UserVariable(String name) implements SetItem {}

    /** NAMES or CHARACTER SET; the value may end in COLLATE. */
    record Charset(List<Token> value) implements SetItem {}

    /**
     * @param name lower case, with the component's name if it has one
     */
    record Variable(Scope scope, String name, List<Token> value) implements SetItem {}

    /** Not of any known form. */
    record Unknown() implements SetItem {}

    static SetItem of(List<Token> tokens) {
        var reader = new TokenReader(tokens);
        if (reader.take("names")
                || reader.take("charset")
                || reader.take("character", "set")
                || reader.take("char", "set")) {
            List<Token> value = reader.takeItem();
            boolean assigned = !value.isEmpty() && value.getFirst().kind() == Token.Kind.OPERATOR;
            return value.isEmpty() || assigned ? new Unknown() : new Charset(value);
        }
        Optional<Token> user = reader.takeOf(Token.Kind.USER_VARIABLE);
        if (user.isPresent()) {
            String name = user.get().name().toLowerCase(Locale.ROOT);
            return takeAssignment(reader) && !reader.atEnd()
                    ? new UserVariable(name)
                    : new Unknown();
        }
        Optional<Token> system = reader.takeOf(Token.Kind.SYSTEM_VARIABLE);
        return system.isPresent() ? ofSystem(system.get(), reader) : ofWords(reader);
    }

    private static SetItem ofSystem(Token token, TokenReader reader) {
        String name = token.text().substring(2).replace("`", "").toLowerCase(Locale.ROOT);
        int point = name.indexOf('.');
        String scope = point < 0 ? "" : name.substring(0, point);
        return switch (scope) {
            case "session", "local" -> ofValue(Scope.SESSION, name.substring(point + 1), reader);
            case "global", "persist", "persist_only" -> new Variable(Scope.GLOBAL, name, List.of());
            default -> ofValue(Scope.NONE_WITH_AT_SIGNS, name, reader);
        };
    }

    private static SetItem ofWords(TokenReader reader) {
        Scope scope = Scope.NONE;
        if (reader.takeAny("global", "persist", "persist_only")) {
            return new Variable(Scope.GLOBAL, "", List.of());
        }
        if (reader.takeAny("session", "local")) {
            scope = Scope.SESSION;
        }
        Optional<String> name = reader.takeName();
        if (name.isPresent() && reader.takeOperator(".")) {
            String first = name.get();
            name = reader.takeName().map(second -> first + "." + second);
        }
        return name.isPresent()
                ? ofValue(scope, name.get().toLowerCase(Locale.ROOT), reader)
                : new Unknown();
    }

    private static SetItem ofValue(Scope scope, String name, TokenReader reader) {
        if (!takeAssignment(reader) || reader.atEnd()) {
            return new Unknown();
        }
        return new Variable(scope, name, reader.takeItem());
    }

    private static boolean takeAssignment(TokenReader reader) {
        return reader.takeOperator("=") || reader.takeOperator(":=");
    }
}
