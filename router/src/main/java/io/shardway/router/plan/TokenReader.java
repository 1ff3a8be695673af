package io.shardway.router.plan;

import io.shardway.router.sql.Token;
import java.util.List;
import java.util.Optional;

/** Reads a statement word by word, from the left. Confined to one thread. */
public final class TokenReader {

    private final List<Token> tokens;
    private int position;

    /** Hints are comments to everybody who reads a statement so. */
    public TokenReader(List<Token> tokens) {
        this.tokens = tokens.stream().filter(token -> token.kind() != Token.Kind.HINT).toList();
    }

    public boolean atEnd() {
        return position == tokens.size();
    }

    /** Takes these words if they are next. */
    public boolean take(String... words) {
        if (!seesAt(0, words)) {
            return false;
        }
        position += words.length;
        return true;
    }

    /** Whether these words are next. */
    public boolean sees(String... words) {
        return seesAt(0, words);
    }

    /** Takes one of these words if it is next. */
    public boolean takeAny(String... words) {
        for (String word : words) {
            if (take(word)) {
                return true;
            }
        }
        return false;
    }

    public boolean takeOperator(String operator) {
        if (atEnd() || !tokens.get(position).isOperator(operator)) {
            return false;
        }
        position++;
        return true;
    }

    public Optional<Token> peek() {
        return atEnd() ? Optional.empty() : Optional.of(tokens.get(position));
    }

    /** Reads over one token. */
    public void skip() {
        position++;
    }

    public Optional<Token> takeOf(Token.Kind kind) {
        Optional<Token> next = peek().filter(token -> token.kind() == kind);
        position += next.isPresent() ? 1 : 0;
        return next;
    }

    /** An identifier without its quotes. */
    public Optional<String> takeName() {
        Optional<String> name = peek().filter(Token::isIdentifier).map(Token::name);
        position += name.isPresent() ? 1 : 0;
        return name;
    }

    /** A literal of digits only, if it fits. */
    public Optional<Long> takeNumber() {
        Optional<Token> next = peek().filter(TokenReader::isInteger);
        position += next.isPresent() ? 1 : 0;
        return next.map(token -> Long.parseLong(token.text()));
    }

    static boolean isInteger(Token token) {
        return token.kind() == Token.Kind.LITERAL
                && token.text().length() <= 18
                && token.text().chars().allMatch(c -> c >= '0' && c <= '9');
    }

    /** What is left, up to the next comma outside parentheses, which is taken too. */
    List<Token> takeItem() {
        int from = position;
        int depth = 0;
        while (!atEnd() && (depth > 0 || !tokens.get(position).isOperator(","))) {
            depth += tokens.get(position).isOperator("(") ? 1 : 0;
            depth -= tokens.get(position).isOperator(")") ? 1 : 0;
            position++;
        }
        List<Token> item = tokens.subList(from, position);
        position += atEnd() ? 0 : 1;
        return item;
    }

    private boolean seesAt(int distance, String... words) {
        if (position + distance + words.length > tokens.size()) {
            return false;
        }
        for (int i = 0; i < words.length; i++) {
            if (!tokens.get(position + distance + i).isWord(words[i])) {
                return false;
            }
        }
        return true;
    }
}
