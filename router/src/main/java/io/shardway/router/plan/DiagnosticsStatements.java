package io.shardway.router.plan;

import io.shardway.router.ErrorCode;
import io.shardway.router.sql.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Reads GET DIAGNOSTICS. Stateless. */
final class DiagnosticsStatements {

    private static final Map<String, DiagnosticsField> OF_STATEMENT =
            Map.of("number", DiagnosticsField.NUMBER, "row_count", DiagnosticsField.ROW_COUNT);

    private static final Map<String, DiagnosticsField> OF_CONDITION =
            Map.of(
                    "message_text", DiagnosticsField.MESSAGE_TEXT,
                    "mysql_errno", DiagnosticsField.MYSQL_ERRNO,
                    "returned_sqlstate", DiagnosticsField.RETURNED_SQLSTATE);

    private DiagnosticsStatements() {}

    /** The reader stands after GET. */
    static Plan plan(TokenReader reader) {
        boolean stacked = !reader.take("current") && reader.take("stacked");
        if (!reader.take("diagnostics")) {
            return notUnderstood();
        }
        OptionalInt condition = OptionalInt.empty();
        if (reader.take("condition")) {
            Optional<Token> number = reader.peek().filter(TokenReader::isInteger);
            if (number.isEmpty()) {
                return SessionStatements.notUnderstood("write the condition's number, as in 1");
            }
            condition = OptionalInt.of(number.get().literalIndex());
            reader.skip();
        }
        var fields = condition.isPresent() ? OF_CONDITION : OF_STATEMENT;
        var items = new ArrayList<SessionCommand.DiagnosticsItem>();
        do {
            Optional<Token> variable = reader.takeOf(Token.Kind.USER_VARIABLE);
            if (variable.isEmpty() || !reader.takeOperator("=")) {
                return notUnderstood();
            }
            Optional<String> name =
                    reader.takeOf(Token.Kind.WORD)
                            .map(word -> word.text().toLowerCase(Locale.ROOT));
            if (name.isEmpty()) {
                return notUnderstood();
            }
            if (!fields.containsKey(name.get())) {
                return notKept(name.get());
            }
            items.add(
                    new SessionCommand.DiagnosticsItem(
                            variable.get().name().toLowerCase(Locale.ROOT),
                            fields.get(name.get())));
        } while (reader.takeOperator(","));
        return reader.atEnd() ? planned(stacked, condition, items) : notUnderstood();
    }

    private static Plan planned(
            boolean stacked, OptionalInt condition, List<SessionCommand.DiagnosticsItem> items) {
        return new Plan.Control(
                stacked
                        ? new SessionCommand.GetStackedDiagnostics()
                        : new SessionCommand.GetDiagnostics(condition, items));
    }

    private static Plan notUnderstood() {
        return SessionStatements.notUnderstood(
                "GET DIAGNOSTICS @a = NUMBER, @b = ROW_COUNT, or GET DIAGNOSTICS CONDITION 1"
                        + " @c = MYSQL_ERRNO, @d = MESSAGE_TEXT, @e = RETURNED_SQLSTATE");
    }

    private static Plan notKept(String field) {
        return new Plan.Rejected(
                ErrorCode.NOT_OFFERED,
                "%s is not kept: NUMBER and ROW_COUNT of a statement are, MYSQL_ERRNO, MESSAGE_TEXT and RETURNED_SQLSTATE of a condition"
                        .formatted(field.toUpperCase(Locale.ROOT)));
    }
}
