package io.shardway.router.plan;

import io.shardway.router.sql.Token;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes the conditions of a statement whose values are of their columns' kinds, one execution's.
 * Parameters stay parameters: MySQL compares some otherwise than literals (a TINYINT UNSIGNED with
 * -1), and the statement has them as such. Confined to one call.
 */
final class ConditionWriter {

    private static final Pattern MOMENT =
            Pattern.compile(
                    "([0-9]{4}-[0-9]{2}-[0-9]{2})(?: ([0-9]{2}:[0-9]{2}:[0-9]{2}(?:\\.[0-9]{1,6})?))?");

    private final byte[] text;
    private final List<Token> tokens;
    private final ParameterValues values;
    private final List<Integer> parameters = new ArrayList<>();

    /**
     * @param values {@link ParameterValues#NONE} if parameters cannot be asked
     */
    ConditionWriter(byte[] text, List<Token> tokens, ParameterValues values) {
        this.text = text;
        this.tokens = tokens;
        this.values = values;
    }

    /** Those of all conditions that were written. */
    List<Integer> parameters() {
        return Collections.unmodifiableList(parameters);
    }

    /** Empty if a value is of another kind than its column. */
    Optional<String> write(AssembledTable.Condition condition) {
        var own = new ArrayList<Integer>();
        for (AssembledTable.Need need : condition.needs()) {
            Token token = tokens.get(need.token());
            boolean bound = token.kind() == Token.Kind.PARAMETER;
            int parameter = bound ? parameterOf(need.token()) : -1;
            if (bound ? !isOfKind(parameter, need.kind()) : !isMoment(token.name())) {
                return Optional.empty();
            }
            if (bound) {
                own.add(parameter);
            }
        }
        parameters.addAll(own);
        int start = tokens.get(condition.first()).start();
        int end = tokens.get(condition.last()).end();
        return Optional.of(
                "(" + new String(text, start, end - start, StandardCharsets.UTF_8) + ")");
    }

    private int parameterOf(int token) {
        return (int)
                tokens.subList(0, token).stream()
                        .filter(each -> each.kind() == Token.Kind.PARAMETER)
                        .count();
    }

    private boolean isOfKind(int parameter, AssembledTable.Need.Kind kind) {
        return values != ParameterValues.NONE
                && switch (values.kind(parameter)) {
                    case NULL -> true;
                    case SIGNED, UNSIGNED, FLOATING, DECIMAL ->
                            kind == AssembledTable.Need.Kind.NUMBER;
                    case TEXT ->
                            kind == AssembledTable.Need.Kind.TEXT
                                    || kind == AssembledTable.Need.Kind.MOMENT
                                            && isMoment(
                                                    new String(
                                                            values.bytes(parameter),
                                                            StandardCharsets.ISO_8859_1));
                    case BYTES -> false;
                    case OTHER ->
                            kind == AssembledTable.Need.Kind.MOMENT
                                    && values.moment(parameter)
                                            .filter(ConditionWriter::isMoment)
                                            .isPresent();
                };
    }

    /** Whether a text is a day, or a day and a time, that any MySQL takes as it is. */
    private static boolean isMoment(String written) {
        Matcher parts = MOMENT.matcher(written);
        if (!parts.matches()) {
            return false;
        }
        try {
            if (parts.group(2) != null) {
                LocalTime.parse(parts.group(2));
            }
            return LocalDate.parse(parts.group(1)).getYear() > 0;
        } catch (DateTimeException noSuchDay) {
            return false;
        }
    }
}
