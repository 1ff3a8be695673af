package io.shardway.router.plan;

import io.shardway.router.sql.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reads PREPARE, EXECUTE and DEALLOCATE PREPARE. Stateless. */
final class NamedStatements {

    private NamedStatements() {}

    /** Empty if it is another statement. */
    static Optional<Plan> plan(List<Token> tokens) {
        var reader = new TokenReader(tokens);
        if (reader.take("prepare")) {
            return Optional.of(prepare(reader));
        }
        if (reader.take("execute")) {
            return Optional.of(execute(reader));
        }
        return reader.take("deallocate", "prepare") || reader.take("drop", "prepare")
                ? Optional.of(deallocate(reader))
                : Optional.empty();
    }

    private static Plan prepare(TokenReader reader) {
        Optional<String> name = name(reader);
        boolean from = reader.take("from");
        Optional<SessionCommand.NamedText> text =
                reader.takeOf(Token.Kind.USER_VARIABLE)
                        .map(token -> new SessionCommand.NamedText.Variable(variable(token)));
        if (text.isEmpty()) {
            text =
                    reader.takeOf(Token.Kind.LITERAL)
                            .map(token ->
                                    new SessionCommand.NamedText.Literal(token.literalIndex()));
        }
        return name.isPresent() && from && text.isPresent() && reader.atEnd()
                ? control(new SessionCommand.PrepareNamed(name.get(), text.get()))
                : SessionStatements.notUnderstood("PREPARE name FROM 'text' | @variable");
    }

    private static Plan execute(TokenReader reader) {
        Optional<String> name = name(reader);
        var variables = new ArrayList<String>();
        boolean more = reader.take("using");
        while (more) {
            Optional<Token> variable = reader.takeOf(Token.Kind.USER_VARIABLE);
            variable.ifPresent(token -> variables.add(variable(token)));
            more = variable.isPresent() && reader.takeOperator(",");
        }
        return name.isPresent() && reader.atEnd()
                ? control(new SessionCommand.ExecuteNamed(name.get(), variables))
                : SessionStatements.notUnderstood("EXECUTE name [USING @variable, ...]");
    }

    private static Plan deallocate(TokenReader reader) {
        Optional<String> name = name(reader);
        return name.isPresent() && reader.atEnd()
                ? control(new SessionCommand.DeallocateNamed(name.get()))
                : SessionStatements.notUnderstood("DEALLOCATE PREPARE name");
    }

    private static Optional<String> name(TokenReader reader) {
        return reader.takeName().map(name -> name.toLowerCase(Locale.ROOT));
    }

    private static String variable(Token token) {
        return token.name().toLowerCase(Locale.ROOT);
    }

    private static Plan control(SessionCommand command) {
        return new Plan.Control(command);
    }
}
