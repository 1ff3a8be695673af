package io.shardway.router.plan;

import io.shardway.router.sql.SqlDialect;
import io.shardway.router.sql.Token;
import io.shardway.router.sql.Tokens;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * How a drawn key is written into a statement. Immutable; it names tokens, not bytes, so it serves
 * every statement of the shape.
 *
 * @param pieces in the order of the text
 * @param parameter how many parameter markers stand before the key
 */
public record KeyWriting(List<Piece> pieces, int parameter) {

    /**
     * What is written behind a token, in place of the tokens that follow it.
     *
     * @param after counts tokens from 0
     * @param removed how many tokens are left out
     * @param withKey whether the key follows the text
     */
    public record Piece(int after, int removed, String text, boolean withKey) {}

    public KeyWriting {
        pieces = List.copyOf(pieces);
        if (pieces.stream().filter(Piece::withKey).count() != 1) {
            throw new IllegalArgumentException("a key is written once");
        }
    }

    /**
     * The statement text[from,to) with the key in it.
     *
     * @param key a number, or a parameter marker
     */
    public byte[] write(byte[] text, int from, int to, SqlDialect dialect, String key) {
        List<Token> tokens = Tokens.of(text, from, to, dialect);
        var out = new ByteArrayOutputStream(to - from + 64);
        int copied = from;
        for (Piece piece : pieces) {
            int end = tokens.get(piece.after()).end();
            out.write(text, copied, end - copied);
            out.writeBytes(piece.text().getBytes(StandardCharsets.UTF_8));
            if (piece.withKey()) {
                out.writeBytes(key.getBytes(StandardCharsets.US_ASCII));
            }
            copied = tokens.get(piece.after() + piece.removed()).end();
        }
        out.write(text, copied, to - copied);
        return out.toByteArray();
    }
}
