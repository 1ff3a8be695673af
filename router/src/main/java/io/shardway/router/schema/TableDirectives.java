package io.shardway.router.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a table's comment tells Shardway: the words that begin with {@code shardway:}. The rest of
 * the comment is the user's. Immutable.
 *
 * @param words what follows {@code shardway:}, as written
 */
public record TableDirectives(List<String> words) {

    /** A comment that says nothing. */
    public static final TableDirectives NONE = new TableDirectives(List.of());

    private static final String PREFIX = "shardway:";
    private static final String KEY = "key=";
    private static final String LOCAL_UNIQUE = "local-unique";
    private static final String REFERENCE = "reference";
    private static final String SINGLE = "single";

    public TableDirectives {
        words = List.copyOf(words);
    }

    public static TableDirectives of(String comment) {
        var words = new ArrayList<String>();
        for (String word : comment.split("[\\s,;]+")) {
            if (word.toLowerCase(Locale.ROOT).startsWith(PREFIX)) {
                words.add(word.substring(PREFIX.length()));
            }
        }
        return new TableDirectives(words);
    }

    /** The column that {@code key=} names. */
    public Optional<String> key() {
        return words.stream()
                .filter(TableDirectives::isKey)
                .map(word -> word.substring(KEY.length()))
                .findFirst();
    }

    public boolean isReference() {
        return words.stream().anyMatch(REFERENCE::equalsIgnoreCase);
    }

    public boolean isSingle() {
        return words.stream().anyMatch(SINGLE::equalsIgnoreCase);
    }

    /** Values of unique keys without the shard key never repeat over shards: the user says so. */
    public boolean isLocalUnique() {
        return words.stream().anyMatch(LOCAL_UNIQUE::equalsIgnoreCase);
    }

    /** What is wrong with them, if anything. */
    public Optional<String> problem() {
        int kinds = 0;
        for (String word : words) {
            boolean kind =
                    isKey(word)
                            || word.equalsIgnoreCase(REFERENCE)
                            || word.equalsIgnoreCase(SINGLE);
            if (!kind && !word.equalsIgnoreCase(LOCAL_UNIQUE)) {
                return Optional.of(
                        "the comment says shardway:"
                                + word
                                + "; known are reference, single, key=<column>, local-unique");
            }
            kinds += kind ? 1 : 0;
        }
        return kinds > 1
                ? Optional.of("the comment names more than one kind of table")
                : Optional.empty();
    }

    private static boolean isKey(String word) {
        return word.toLowerCase(Locale.ROOT).startsWith(KEY);
    }
}
