package io.shardway.router.sql;

import java.util.Arrays;

/**
 * Where the tokens of a statement stand, and nothing else of them: eight bytes each. Immutable;
 * threads may share it.
 */
public final class TokenPlaces {

    private final int[] places;
    private final int count;

    private TokenPlaces(int[] places, int count) {
        this.places = places;
        this.count = count;
    }

    /** Of the tokens that {@link Tokens#of} makes. */
    public static TokenPlaces of(byte[] text, int from, int to, SqlDialect dialect) {
        var scanner = new Scanner();
        scanner.start(text, from, to, dialect);
        int[] places = new int[64];
        int count = 0;
        while (scanner.next() > Scanner.SEMICOLON) {
            if (2 * count == places.length) {
                places = Arrays.copyOf(places, 2 * places.length);
            }
            places[2 * count] = scanner.start;
            places[2 * count + 1] = scanner.end;
            count++;
        }
        return new TokenPlaces(places, count);
    }

    public int count() {
        return count;
    }

    /** Offset of the token's first byte. */
    public int start(int token) {
        return places[2 * token];
    }

    /** Offset after the token's last byte. */
    public int end(int token) {
        return places[2 * token + 1];
    }
}
