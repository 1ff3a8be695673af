package io.shardway.router.plan;

import java.util.List;
import java.util.Optional;

/**
 * How several rows of one INSERT give the AUTO_INCREMENT column of their table, or have it drawn.
 * Immutable; it names tokens, not bytes.
 *
 * @param isKey whether it is the shard key; else rows on one shard have it drawn there
 * @param named what is written into the column list where the rows leave the column out
 * @param places where a drawn id is written, row by row
 */
public record DrawnRows(
        DrawnColumn column, boolean isKey, Optional<KeyWriting.Piece> named, List<Place> places) {

    public DrawnRows {
        places = List.copyOf(places);
    }

    /** What a row gives there; empty where it asks for an id. */
    public Optional<ValueRef> given(SpreadTarget.Row row) {
        return isKey ? row.key() : row.id();
    }

    /**
     * Where a row's drawn id is written.
     *
     * @param parameter how many parameter markers stand before it in the statement
     */
    public record Place(KeyWriting.Piece piece, int parameter) {}
}
