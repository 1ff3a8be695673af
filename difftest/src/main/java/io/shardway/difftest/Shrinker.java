package io.shardway.difftest;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes a difference small: takes statements, then pieces of statements away as long as the answers
 * differ still (after Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input",
 * 2002). Bounded in tries and time. Confined to one thread.
 */
final class Shrinker {

    private static final Pattern PIECE =
            Pattern.compile("'(?:[^'\\\\]|\\\\.|'')*'|`[^`]*`|\\{[^{}]*\\}|[\\w@.]+|\\s+|\\S");

    private static final int TRIES_MAX = 600;

    private final EpisodeRunner runner;
    private final Instant deadline;
    private Difference smallest;
    private int tries;

    private Shrinker(EpisodeRunner runner, Duration patience, Difference found) {
        this.runner = runner;
        this.deadline = Instant.now().plus(patience);
        this.smallest = found;
    }

    static Difference shrink(EpisodeRunner runner, Duration patience, Difference found)
            throws SQLException {
        var shrinker = new Shrinker(runner, patience, found);
        shrinker.shrink();
        return shrinker.smallest;
    }

    private void shrink() throws SQLException {
        cut(
                smallest.episode().statements(),
                statements -> Optional.of(new Episode(statements, smallest.episode().prepared())));
        int size;
        do {
            size = smallest.episode().toString().length();
            for (int i = 0; i < smallest.episode().statements().size() && mayTry(); i++) {
                int at = i;
                List<String> pieces = pieces(smallest.episode().statements().get(at));
                cut(pieces, kept -> with(at, String.join("", kept)));
                unwrap(at);
            }
        } while (smallest.episode().toString().length() < size && mayTry());
    }

    private static List<String> pieces(String statement) {
        var pieces = new ArrayList<String>();
        Matcher matcher = PIECE.matcher(statement);
        while (matcher.find()) {
            pieces.add(matcher.group());
        }
        return pieces;
    }

    /**
     * Where there is a LIMIT, what is before it in the order decides the answer: it stays as it is.
     */
    private Optional<Episode> with(int at, String statement) {
        var statements = new ArrayList<>(smallest.episode().statements());
        String whole = statements.get(at);
        if (statement.contains("LIMIT") && !ordering(statement).equals(ordering(whole))) {
            return Optional.empty();
        }
        statements.set(at, statement.strip());
        return Optional.of(new Episode(statements, smallest.episode().prepared()));
    }

    private static String ordering(String statement) {
        int order = statement.indexOf("ORDER BY");
        return order < 0 ? "" : statement.substring(order).strip();
    }

    /** Takes runs of parts away: halves, quarters, ..., single ones. */
    private <T> void cut(List<T> parts, Function<List<T>, Optional<Episode>> made)
            throws SQLException {
        List<T> left = new ArrayList<>(parts);
        for (int run = Math.max(1, left.size() / 2); run >= 1 && mayTry(); run /= 2) {
            for (int from = 0; from + run <= left.size() && left.size() > run && mayTry(); ) {
                var candidate = new ArrayList<>(left.subList(0, from));
                candidate.addAll(left.subList(from + run, left.size()));
                Optional<Episode> episode = made.apply(candidate);
                if (episode.isPresent() && differs(episode.get())) {
                    left = candidate;
                } else {
                    from++;
                }
            }
        }
    }

    /** Takes parentheses with all that is in them, and with the piece before. */
    private void unwrap(int at) throws SQLException {
        for (int open = 0; mayTry(); open++) {
            List<String> pieces = pieces(smallest.episode().statements().get(at));
            if (open >= pieces.size()) {
                return;
            }
            if (!pieces.get(open).equals("(")) {
                continue;
            }
            int close = closing(pieces, open);
            for (String instead : List.of("", "1", "(1)")) {
                var kept = new ArrayList<>(pieces.subList(0, open));
                kept.add(instead);
                kept.addAll(pieces.subList(close, pieces.size()));
                Optional<Episode> episode = with(at, String.join("", kept));
                if (episode.isPresent() && differs(episode.get())) {
                    break;
                }
            }
        }
    }

    private static int closing(List<String> pieces, int open) {
        int depth = 0;
        for (int at = open; at < pieces.size(); at++) {
            depth += pieces.get(at).equals("(") ? 1 : pieces.get(at).equals(")") ? -1 : 0;
            if (depth == 0) {
                return at + 1;
            }
        }
        return pieces.size();
    }

    private boolean mayTry() {
        return tries < TRIES_MAX && Instant.now().isBefore(deadline);
    }

    private boolean differs(Episode candidate) throws SQLException {
        tries++;
        Optional<Difference> difference = runner.run(candidate, (_, _, _) -> {});
        difference.ifPresent(found -> smallest = found);
        return difference.isPresent();
    }
}
