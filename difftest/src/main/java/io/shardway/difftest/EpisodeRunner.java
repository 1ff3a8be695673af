package io.shardway.difftest;

import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** Runs episodes on both sides. Confined to one thread. */
final class EpisodeRunner {

    /** Hears of every statement. */
    interface Listener {
        void ran(String statement, Verdict verdict, Answer shardway);
    }

    private final Sides sides;
    private boolean clean;

    EpisodeRunner(Sides sides) {
        this.sides = sides;
    }

    /**
     * Both sides have the same rows before it and afterwards.
     *
     * @return what was different
     */
    Optional<Difference> run(Episode episode, Listener listener) throws SQLException {
        boolean alone = episode.statements().size() == 1 && !episode.writes();
        if (!clean || !alone) {
            sides.reset();
        }
        clean = false;
        List<String> snapshot = episode.writes() ? sides.snapshot() : List.of();
        boolean refused = false;
        Optional<Difference> difference = Optional.empty();
        for (String statement : episode.statements()) {
            Answer mysql = sides.ofMySql(statement);
            Answer shardway = sides.ofShardway(statement);
            Verdict verdict = verdict(statement, mysql, shardway);
            listener.ran(statement, verdict, shardway);
            if (verdict == Verdict.DIFFERENT) {
                difference =
                        Optional.of(
                                new Difference(
                                        episode, statement, mysql.toString(), shardway.toString()));
                break;
            }
            if (verdict == Verdict.REFUSED && episode.writes()) {
                refused = true; // The sides have gone apart.
                break;
            }
        }
        if (!episode.writes()) {
            clean = alone && difference.isEmpty();
            return difference;
        }
        if (difference.isEmpty() && !refused) {
            difference = differentRows(episode, "the rows that the session sees then");
            sides.reset();
        }
        if (difference.isEmpty() && !refused) {
            difference = differentRows(episode, "the rows that are stored");
        }
        if (difference.isPresent() || refused) {
            sides.reset();
            sides.restore(snapshot);
        }
        return difference;
    }

    private Optional<Difference> differentRows(Episode episode, String which) throws SQLException {
        String mysql = sides.itemsOfMySql();
        String shardway = sides.itemsOfShardway();
        return mysql.equals(shardway)
                ? Optional.empty()
                : Optional.of(new Difference(episode, which, mysql, shardway));
    }

    private Verdict verdict(String statement, Answer mysql, Answer shardway) {
        return Episode.isWrite(statement)
                ? Verdict.ofWrite(mysql, shardway)
                : Verdict.ofRead(
                        Episode.isOrdered(statement),
                        Episode.isGrouped(statement),
                        mysql,
                        shardway,
                        () -> sides.ofMySqlOtherwise(statement));
    }
}
