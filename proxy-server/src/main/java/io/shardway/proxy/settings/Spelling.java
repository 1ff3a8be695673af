package io.shardway.proxy.settings;

import java.util.Collection;
import java.util.Comparator;

/** Finds what somebody may have meant. Stateless. */
public final class Spelling {

    private Spelling() {}

    /** The word with the fewest letters to change; words must not be empty. */
    public static String nearest(String written, Collection<String> words) {
        return words.stream()
                .min(Comparator.comparingInt(word -> distance(written, word)))
                .orElseThrow();
    }

    /** Letters to insert, drop or replace (Levenshtein). */
    public static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int column = 0; column <= to.length(); column++) {
            row[column] = column;
        }
        for (int line = 1; line <= from.length(); line++) {
            int diagonal = row[0];
            row[0] = line;
            for (int column = 1; column <= to.length(); column++) {
                int replace = diagonal + (from.charAt(line - 1) == to.charAt(column - 1) ? 0 : 1);
                diagonal = row[column];
                row[column] = Math.min(replace, 1 + Math.min(row[column], row[column - 1]));
            }
        }
        return row[to.length()];
    }
}
