package io.shardway.router.plan;

import io.shardway.router.sql.Replacement;
import io.shardway.router.sql.SqlDialect;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * How a statement on information_schema is written for one account: where a table stands, a derived
 * table of what the account may see takes its place. Immutable; it names tokens, not bytes, so it
 * serves every statement of the shape.
 *
 * @param pieces in the order of the text
 * @param sizes whether it may read numbers of rows, sizes or AUTO_INCREMENT of tables
 */
public record SchemaReading(List<Piece> pieces, boolean sizes) {

    /**
     * What takes the place of some tokens.
     *
     * @param first the first token that is left out, counted from 0
     * @param removed how many are left out
     * @param table of information_schema, in capitals, whose derived table stands between the texts
     */
    public record Piece(
            int first, int removed, String before, Optional<String> table, String after) {}

    public SchemaReading {
        pieces = List.copyOf(pieces);
    }

    /** Whether this table, in capitals, is read. */
    public boolean reads(String table) {
        return pieces.stream().anyMatch(piece -> piece.table().equals(Optional.of(table)));
    }

    /**
     * The statement text[from,to) as it is sent to a node.
     *
     * @param derived the derived table, in parentheses and without a name, for a table's name
     */
    public byte[] write(
            byte[] text, int from, int to, SqlDialect dialect, UnaryOperator<String> derived) {
        List<Replacement> replacements =
                pieces.stream()
                        .map(piece ->
                                new Replacement(
                                        piece.first(),
                                        piece.removed(),
                                        piece.before()
                                                + piece.table().map(derived).orElse("")
                                                + piece.after()))
                        .toList();
        return Replacement.write(text, from, to, dialect, replacements);
    }

    static Piece insertion(int before, String text) {
        return new Piece(before, 0, text, Optional.empty(), "");
    }

    static Piece replaced(int first, int removed, String text) {
        return new Piece(first, removed, text, Optional.empty(), "");
    }

    static Piece table(int first, int removed, String name, String after) {
        return new Piece(first, removed, "", Optional.of(name.toUpperCase(Locale.ROOT)), after);
    }
}
