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
                        runner.run(episode, (sql, verdict) -> note(admin, sql, verdict));
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
                    .run(episode, (sql, verdict) -> note(admin, sql, verdict));
        }
    }

    private Episode draw(boolean prepared) {
        if (random.nextInt(3) == 0) {
            return new Episode(new RandomWrites(random).episode(), prepared);
        }
        var reads = new RandomReads(random);
        String read = reads.next();
        boolean inTransaction = random.nextInt(8) == 0;
        return new Episode(
                inTransaction ? List.of("BEGIN", read, reads.next()) : List.of(read), prepared);
    }

    /** Not every statement's way is asked: that would take as long as some statements. */
    private void note(Connection admin, String statement, Verdict verdict) {
        tally.count(verdict);
        boolean counts = !Episode.isWrite(statement) || RandomWrites.isOfRows(statement);
        if (counts && (verdict == Verdict.REFUSED || random.nextInt(4) == 0)) {
            String shown = explain(admin, Bound.text(statement));
            Matcher way = WAY.matcher(shown);
            tally.countWay(way.find() ? way.group() : shown);
            Matcher code = CODE.matcher(shown);
            if (verdict == Verdict.REFUSED) {
                tally.countRefusal(code.find() ? code.group() : "while it ran");
            }
        }
    }

    private static String explain(Connection admin, String sql) {
        try (Statement statement = admin.createStatement()) {
            // Connector/J takes it for something without rows and refuses executeQuery().
            statement.execute("SHARDWAY EXPLAIN " + sql);
            try (ResultSet rows = statement.getResultSet()) {
                rows.next();
                return rows.getString("way") + " " + rows.getString("rejected");
            }
        } catch (SQLException refused) {
            return "unknown " + refused.getMessage();
        }
    }

    public Tally tally() {
        return tally;
    }

    public List<Difference> differences() {
        return List.copyOf(differences);
    }
}
