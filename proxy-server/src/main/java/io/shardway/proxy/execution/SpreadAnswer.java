package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.shardway.proxy.protocol.OkPacket;
import io.shardway.proxy.session.Diagnostics;
import io.shardway.router.plan.SpreadKind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Adds up what the parts of a write answered to what one MySQL would have answered. Stateless.
 *
 * <p>MySQL tells records and duplicates of an INSERT of several rows only; for a part of one row
 * they follow from the rows affected.
 */
final class SpreadAnswer {

    private static final int NUMBERS = 3;
    private static final Pattern NUMBER = Pattern.compile("\\d+");
    private static final Pattern ROW =
            Pattern.compile(
                    "( at row (?=\\d+$)|^Row (?=\\d+ (?:doesn't contain data|was truncated)))(\\d+)");

    /**
     * Of the text and not of rows: deprecated syntax, character sets and types. Each part that has
     * the text tells them.
     */
    private static final Set<Integer> OF_TEXT = Set.of(1287, 1681, 3719, 3778);

    /** MySQL's max_error_count, unless the session has another one. */
    private static final int CONDITIONS_MAX = 1024;

    private SpreadAnswer() {}

    /**
     * @param statement with all its parts carried out
     * @param repeated conditions that parts tell once more
     * @param drawn the first id that the proxy drew and that was stored; 0 for none
     */
    static OkPacket of(SpreadStatement statement, int repeated, long drawn, int status) {
        SpreadKind kind = statement.kind();
        int rows = statement.rows();
        List<SpreadPart> parts = statement.parts();
        long affected = 0;
        int warnings = -repeated;
        for (SpreadPart part : parts) {
            affected += outcome(part).affectedRows();
            warnings += outcome(part).warnings();
        }
        byte[] info = info(kind, rows, parts, warnings).getBytes(UTF_8);
        return new OkPacket(
                affected,
                drawn == 0 ? insertId(statement) : drawn,
                status,
                Math.min(warnings, 0xFFFF),
                info,
                List.of());
    }

    static boolean isOfText(Diagnostics.Condition condition) {
        return OF_TEXT.contains(condition.code());
    }

    private static OkPacket outcome(SpreadPart part) {
        return part.outcome().orElseThrow();
    }

    /** Empty where a part does not tell, as those of DELETE do not. */
    private static String info(SpreadKind kind, int rows, List<SpreadPart> parts, int warnings) {
        boolean told =
                parts.stream()
                        .filter(part -> part.rows().size() != 1)
                        .allMatch(part -> numbers(part).size() == NUMBERS);
        if (!told) {
            return "";
        }
        return switch (kind) {
            case CHANGE ->
                    "Rows matched: %d  Changed: %d  Warnings: %d"
                            .formatted(sum(parts, 0), sum(parts, 1), warnings);
            case INSERT, INSERT_IGNORE, REPLACE, INSERT_OR_UPDATE -> {
                long duplicates = 0;
                for (SpreadPart part : parts) {
                    duplicates +=
                            part.rows().size() > 1
                                    ? number(part, 1)
                                    : duplicatesOfOne(kind, outcome(part).affectedRows());
                }
                yield "Records: %d  Duplicates: %d  Warnings: %d"
                        .formatted(rows, duplicates, warnings);
            }
        };
    }

    private static long duplicatesOfOne(SpreadKind kind, long affected) {
        return switch (kind) {
            case INSERT, CHANGE -> 0;
            case INSERT_IGNORE -> affected == 0 ? 1 : 0;
            case REPLACE -> affected - 1;
            case INSERT_OR_UPDATE -> affected == 2 ? 1 : 0;
        };
    }

    private static long sum(List<SpreadPart> parts, int index) {
        return parts.stream().mapToLong(part -> number(part, index)).sum();
    }

    private static long number(SpreadPart part, int index) {
        return Long.parseLong(numbers(part).get(index));
    }

    /** They stand in the same order in every language. */
    private static List<String> numbers(SpreadPart part) {
        return NUMBER.matcher(new String(outcome(part).info(), UTF_8))
                .results()
                .map(MatchResult::group)
                .toList();
    }

    /** The id that the statement's last row gave, or drawn first, as MySQL reports it. */
    private static long insertId(SpreadStatement statement) {
        Stream<SpreadPart> given =
                statement.parts().stream().filter(part -> outcome(part).lastInsertId() != 0);
        Optional<SpreadPart> telling =
                statement.draws()
                        ? given.findFirst()
                        : given.max(
                                Comparator.comparingInt(
                                        part -> part.rows().isEmpty() ? 0 : part.rows().getLast()));
        return telling.map(part -> outcome(part).lastInsertId()).orElse(0L);
    }

    /** A condition of a part, with the number that its row has in the whole statement. */
    static Diagnostics.Condition renumbered(SpreadPart part, Diagnostics.Condition condition) {
        return new Diagnostics.Condition(
                condition.level(), condition.code(), renumbered(part, condition.message()));
    }

    static String renumbered(SpreadPart part, String message) {
        Matcher found = ROW.matcher(message);
        if (!found.find()) {
            return message;
        }
        return rowOf(part, found.group(2))
                .map(row ->
                        message.substring(0, found.start(2))
                                + (row + 1)
                                + message.substring(found.end(2)))
                .orElse(message);
    }

    /** Counts from 0. */
    private static Optional<Integer> rowOf(SpreadPart part, String number) {
        if (number.length() > 9) {
            return Optional.empty();
        }
        int row = Integer.parseInt(number) - 1;
        return row >= 0 && row < part.rows().size()
                ? Optional.of(part.rows().get(row))
                : Optional.empty();
    }

    /**
     * Of all parts, without what others tell before; in the order of the rows where all tell
     * theirs.
     *
     * @param found of each part, renumbered
     */
    static List<Diagnostics.Condition> merged(List<List<Diagnostics.Condition>> found) {
        var once = new ArrayList<Diagnostics.Condition>();
        for (List<Diagnostics.Condition> part : found) {
            var told = new ArrayList<>(once);
            for (Diagnostics.Condition each : part) {
                boolean repeated = OF_TEXT.contains(each.code()) && told.remove(each);
                if (!repeated) {
                    once.add(each);
                }
            }
        }
        boolean rows =
                once.stream()
                        .filter(each -> !OF_TEXT.contains(each.code()))
                        .allMatch(each -> ROW.matcher(each.message()).find());
        if (rows) {
            once.sort(Comparator.comparingLong(each -> rowIn(each.message())));
        }
        return once;
    }

    /** As many as MySQL would keep. */
    static Diagnostics kept(List<Diagnostics.Condition> merged, Optional<String> maxErrorCount) {
        int max =
                maxErrorCount
                        .filter(text -> text.matches("\\d{1,5}"))
                        .map(Integer::parseInt)
                        .orElse(CONDITIONS_MAX);
        return new Diagnostics(merged.stream().limit(max).toList());
    }

    private static long rowIn(String message) {
        Matcher found = ROW.matcher(message);
        return found.find() && found.group(2).length() < 19 ? Long.parseLong(found.group(2)) : 0;
    }
}
