package io.shardway.difftest;

/**
 * An episode that Shardway answered otherwise than MySQL. Immutable.
 *
 * @param statement the one whose answers differ, or the words for rows that differ at the end
 */
public record Difference(Episode episode, String statement, String mysql, String shardway) {

    private static final int SHOWN_MAX = 2_000;

    @Override
    public String toString() {
        return """
        %s  differs in: %s
            MySQL:    %s
            Shardway: %s
        """
                .formatted(episode, Bound.text(statement), cut(mysql), cut(shardway));
    }

    private static String cut(String text) {
        return text.length() <= SHOWN_MAX ? text : text.substring(0, SHOWN_MAX) + " ...";
    }
}
