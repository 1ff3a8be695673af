package io.shardway.router.plan;

import io.shardway.router.sql.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A text that is put together of a statement's tokens and of words of ours. One thread's. */
final class Pieces {

    private final List<Token> tokens;
    private final List<Unfolding.Piece> pieces = new ArrayList<>();

    Pieces(List<Token> tokens) {
        this.tokens = tokens;
    }

    Pieces write(String text) {
        if (!text.isEmpty()) {
            pieces.add(new Unfolding.Piece.Written(text));
        }
        return this;
    }

    /** Tokens that follow each other stay as they stand, with what is between them. */
    Pieces copy(int from, int to) {
        if (from >= to) {
            return this;
        }
        if (!pieces.isEmpty()
                && pieces.getLast() instanceof Unfolding.Piece.Copied(int first, int end)
                && end == from) {
            pieces.set(pieces.size() - 1, new Unfolding.Piece.Copied(first, to));
        } else {
            pieces.add(new Unfolding.Piece.Copied(from, to));
        }
        return this;
    }

    Pieces add(Pieces others) {
        pieces.addAll(others.pieces);
        return this;
    }

    boolean hasParameter() {
        return pieces.stream()
                .anyMatch(piece ->
                        piece instanceof Unfolding.Piece.Copied(int from, int to)
                                && tokens.subList(from, to).stream()
                                        .anyMatch(token -> token.kind() == Token.Kind.PARAMETER));
    }

    Unfolding made() {
        return new Unfolding(pieces, Set.of());
    }
}
