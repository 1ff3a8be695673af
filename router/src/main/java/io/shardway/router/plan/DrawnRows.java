package io.shardway.router.plan;

import java.util.List;
import java.util.Optional;

/**
 * How several rows of one INSERT give the AUTO_INCREMENT shard key of their table, or have it
 * drawn. Immutable; it names tokens, not bytes.
 *
 * @param named what is written into the column list where the rows leave the key out
 * @param places where a drawn key is written, row by row
 */
public record DrawnRows(DrawnColumn column, Optional<KeyWriting.Piece> named, List<Place> places) {

    public DrawnRows {
        places = List.copyOf(places);
    }

    /**
     * Where a row's drawn key is written.
     *
     * @param parameter how many parameter markers stand before it in the statement
     */
    public record Place(KeyWriting.Piece piece, int parameter) {}
}
