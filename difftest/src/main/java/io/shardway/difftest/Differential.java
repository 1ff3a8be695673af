package io.shardway.difftest;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Draws episodes, runs them on both sides of a site, and shrinks what differs. Confined to one
 * thread.
 */
public final class Differential {

    private static final Pattern CODE = Pattern.compile("SW-\\d{4}");
    private static final Pattern WAY = Pattern.compile("^[a-z]+");

    private final Site site;
    private final Random random;
    private final Tally tally = new Tally();
    private final List<Difference> differences = new ArrayList<>();
    private Duration patience = Duration.ofMinutes(1);
    private int differencesMax = 5;
    private Optional<Consumer<FixedCase>> equalReads = Optional.empty();

    /**
     * @param random decides all that is drawn; the rows come from {@link AwkwardTables}
     */
    public Differential(Site site, Random random) {
        this.site = site;
        this.random = random;
    }

    /** At most so long is spent on making one difference small. */
    public Differential patience(Duration shrinking) {
        this.patience = shrinking;
        return this;
    }

    /** Stops after so many. */
    public Differential differencesMax(int differences) {
        this.differencesMax = differences;
        return this;
    }

    /**
     * Draws episodes while told to.
     *
     * @param found hears of each difference, as small as it became
     */
    public void run(BooleanSupplier goOn, Consumer<Difference> found) throws SQLException {
        try (Sides text = Sides.open(site, false);
                Sides prepared = Sides.open(site, true);
                Connection admin = site.admin()) {
            while (goOn.getAsBoolean() && differences.size() < differencesMax) {
                boolean preparing = random.nextInt(3) == 0;
                Episode episode = draw(preparing);
                var runner = new EpisodeRunner(preparing ? prepared : text);
                Optional<Difference> difference =
                        runner.run(
                                episode,
                                (sql, verdict, answer) -> note(admin, sql, verdict, answer));
                if (difference.isPresent()) {
                    Difference small = Shrinker.shrink(runner, patience, difference.get());
                    differences.add(small);
                    found.accept(small);
                }
            }
        }
    }

    /** Runs this one, and does not make a difference smaller. */
    public Optional<Difference> run(Episode episode) throws SQLException {
        try (Sides sides = Sides.open(site, episode.prepared());
                Connection admin = site.admin()) {
            return new EpisodeRunner(sides)
                    .run(episode, (sql, verdict, answer) -> note(admin, sql, verdict, answer));
        }
    }

    /**
     * Runs these in one session, and asks for the way of each.
     *
     * @return what was different, or took another way, or was refused
     */
    public List<String> run(List<FixedCase> cases, boolean prepared) throws SQLException {
        var wrong = new ArrayList<String>();
        try (Sides sides = Sides.open(site, prepared);
                Connection admin = site.admin()) {
            var runner = new EpisodeRunner(sides);
            for (FixedCase each : cases) {
                String way = explain(admin, Bound.text(each.statement()));
                if (!way.equals(each.way())) {
                    wrong.add("takes the way " + way + ": " + each);
                }
                runner.run(
                                new Episode(List.of(each.statement()), prepared),
                                (_, verdict, answer) -> {
                                    tally.count(verdict);
                                    if (verdict == Verdict.REFUSED) {
                                        wrong.add(answer.error() + ": " + each);
                                    }
                                })
                        .ifPresent(difference -> wrong.add(difference.toString()));
            }
        }
        return wrong;
    }

    /** Hears of every read that was answered equally, for files of fixed cases. */
    public Differential equalReads(Consumer<FixedCase> hears) {
        this.equalReads = Optional.of(hears);
        return this;
    }

    private Episode draw(boolean prepared) {
        if (random.nextInt(3) == 0) {
            return new Episode(new RandomWrites(random).episode(), prepared);
        }
        return new Episode(
                switch (random.nextInt(12)) {
                    case 0 -> List.of("BEGIN", read(), read());
                    case 1 -> List.of(setting(), read(), read());
                    default -> List.of(read());
                },
                prepared);
    }

    private String setting() {
        List<String> settings =
                List.of(
                        "SET time_zone = '+05:30'",
                        "SET sql_mode = 'ANSI'",
                        "SET sql_mode = 'PAD_CHAR_TO_FULL_LENGTH'",
                        "SET sql_mode = 'NO_UNSIGNED_SUBTRACTION,HIGH_NOT_PRECEDENCE'",
                        "SET collation_connection = utf8mb4_bin",
                        "SET autocommit = 0");
        return settings.get(random.nextInt(settings.size()));
    }

    private String read() {
        return switch (random.nextInt(5)) {
            case 0, 1 -> new RandomReads(random).next();
            case 2, 3 -> new RandomShapes(random).next();
            default -> new RandomGroups(random).next();
        };
    }

    /** Not every statement's way is asked: that would take as long as some statements. */
    private void note(Connection admin, String statement, Verdict verdict, Answer shardway) {
        tally.count(verdict);
        if (verdict == Verdict.REFUSED) {
            Matcher code = CODE.matcher(shardway.error());
            tally.countRefusal(code.find() ? code.group() : "SW-", Bound.text(statement));
        }
        if (verdict == Verdict.SAME_ERROR) {
            tally.countError(shardway.error().split(" ", 2)[0]);
        }
        if (equalReads.isPresent()
                && verdict == Verdict.EQUAL
                && Episode.isRead(statement)
                && !statement.contains(RandomWrites.FRESH)) {
            String way = explain(admin, Bound.text(statement));
            equalReads.get().accept(new FixedCase(way, statement));
        }
        boolean counts = Episode.isRead(statement) || RandomWrites.isOfRows(statement);
        if (counts && random.nextInt(4) == 0) {
            Matcher way = WAY.matcher(explain(admin, Bound.text(statement)));
            tally.countWay(way.find() ? way.group() : "unknown");
        }
    }

    private static String explain(Connection admin, String sql) {
        try (Statement statement = admin.createStatement()) {
            // Connector/J takes it for something without rows and refuses executeQuery().
            statement.execute("SHARDWAY EXPLAIN " + sql);
            try (ResultSet rows = statement.getResultSet()) {
                rows.next();
                return String.valueOf(rows.getString("way"));
            }
        } catch (SQLException refused) {
            return "unknown: " + refused.getMessage();
        }
    }

    public Tally tally() {
        return tally;
    }

    public List<Difference> differences() {
        return List.copyOf(differences);
    }
}
