package io.shardway.router.plan;

import io.shardway.router.ErrorCode;
import io.shardway.router.sql.Token;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.regex.Pattern;

/** Reads CREATE, ALTER and DROP DATABASE. Stateless. */
final class KeyspaceStatements {

    private static final Pattern VALUE = Pattern.compile("(['\"`]?)(\\w+)\\1");

    private KeyspaceStatements() {}

    /** Empty if it is another statement. */
    static Optional<Plan> plan(List<Token> tokens, String currentKeyspace) {
        var reader = new TokenReader(tokens);
        if (reader.take("create") && reader.takeAny("database", "schema")) {
            return Optional.of(create(reader));
        }
        reader = new TokenReader(tokens);
        if (reader.take("drop") && reader.takeAny("database", "schema")) {
            return Optional.of(drop(reader));
        }
        reader = new TokenReader(tokens);
        if (reader.take("alter") && reader.takeAny("database", "schema")) {
            return Optional.of(alter(reader, currentKeyspace));
        }
        return Optional.empty();
    }

    private static Plan create(TokenReader reader) {
        boolean ifNotExists = reader.take("if", "not", "exists");
        Optional<String> name = reader.takeName();
        Optional<String> options = options(reader);
        if (name.isEmpty() || options.isEmpty()) {
            return notUnderstood(
                    "CREATE DATABASE [IF NOT EXISTS] name [CHARACTER SET c] [COLLATE c]");
        }
        return new Plan.DefineKeyspace(
                new KeyspaceDefinition.Create(name.get(), ifNotExists, options.get()));
    }

    private static Plan alter(TokenReader reader, String currentKeyspace) {
        boolean ofCurrent =
                reader.sees("default")
                        || reader.sees("character")
                        || reader.sees("charset")
                        || reader.sees("collate")
                        || reader.sees("encryption");
        Optional<String> name = ofCurrent ? Optional.of(currentKeyspace) : reader.takeName();
        Optional<String> options = options(reader);
        if (name.isEmpty() || options.isEmpty() || options.get().isEmpty()) {
            return notUnderstood("ALTER DATABASE name [CHARACTER SET c] [COLLATE c]");
        }
        return name.get().isEmpty()
                ? new Plan.Rejected(ErrorCode.NO_KEYSPACE, "")
                : new Plan.DefineKeyspace(new KeyspaceDefinition.Alter(name.get(), options.get()));
    }

    private static Plan drop(TokenReader reader) {
        boolean ifExists = reader.take("if", "exists");
        Optional<String> name = reader.takeName();
        return name.isPresent() && reader.atEnd()
                ? new Plan.DefineKeyspace(new KeyspaceDefinition.Drop(name.get(), ifExists))
                : notUnderstood("DROP DATABASE [IF EXISTS] name");
    }

    /** Canonical text, so that nothing else gets into the statement that is run. */
    private static Optional<String> options(TokenReader reader) {
        var text = new StringJoiner(" ");
        while (!reader.atEnd()) {
            reader.take("default");
            String option;
            if (reader.take("character", "set")
                    || reader.take("char", "set")
                    || reader.take("charset")) {
                option = "CHARACTER SET ";
            } else if (reader.take("collate")) {
                option = "COLLATE ";
            } else if (reader.take("encryption")) {
                option = "ENCRYPTION ";
            } else {
                return Optional.empty();
            }
            reader.takeOperator("=");
            Optional<String> value = value(reader);
            if (value.isEmpty()) {
                return Optional.empty();
            }
            text.add(option + "'" + value.get() + "'");
        }
        return Optional.of(text.toString());
    }

    private static Optional<String> value(TokenReader reader) {
        Optional<Token> next = reader.peek();
        if (next.isEmpty()) {
            return Optional.empty();
        }
        var matcher = VALUE.matcher(next.get().text());
        if (!matcher.matches()) {
            return Optional.empty();
        }
        reader.takeOf(next.get().kind());
        return Optional.of(matcher.group(2).toLowerCase(Locale.ROOT));
    }

    private static Plan notUnderstood(String form) {
        return new Plan.Rejected(ErrorCode.NOT_UNDERSTOOD, form);
    }
}
