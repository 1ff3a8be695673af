package io.shardway.router.sql;

import java.nio.charset.StandardCharsets;

/**
 * Cuts SQL text into tokens as MySQL's lexer does; the one core of {@link Lexer} and {@link
 * Tokens}. Reusable, confined to one thread.
 *
 * <p>Follows {@code lex_one_token} of MySQL's {@code sql_lex.cc}, its oddities included: {@code
 * 1e5x} is a number and a word, {@code 1ex} one word, {@code 0X1F} a word, {@code 0x1F} a number; a
 * word directly after a point may begin with a digit, unless a quoted identifier stands before the
 * point.
 */
final class Scanner extends Blanks {

    static final int END = 0;
    static final int SEMICOLON = 1;
    static final int WORD = 2;
    static final int QUOTED_IDENTIFIER = 3;
    static final int LITERAL = 4;
    static final int PARAMETER = 5;
    static final int SYSTEM_VARIABLE = 6;
    static final int USER_VARIABLE = 7;
    static final int OPERATOR = 8;
    static final int HINT = 9;

    /** From here on a word such as $tag$ may open a quotation. */
    private static final int FIRST_DOLLAR_QUOTING_VERSION = 80_032;

    /** The last token's bytes. */
    int start;

    int end;

    /** Blanks or comments stand before the last token. */
    boolean spaced;

    /** Of the last token, if it is a {@link #LITERAL}. */
    LiteralKind literalKind = LiteralKind.OTHER;

    /** The next token is an identifier whatever it begins with: a point stands right before it. */
    boolean identifierNext;

    private boolean[] words = Bytes.words(SqlDialect.DEFAULT);
    private boolean ansiQuotes;
    private boolean backslashEscapes;
    private boolean dollarQuoting;
    private TextEncoding encoding = TextEncoding.UTF8;
    private boolean hidesAscii;
    private boolean longCharacters;
    private int wordEnd;

    void start(byte[] newText, int from, int newTo, SqlDialect dialect) {
        startAt(newText, from, newTo, dialect);
        words = Bytes.words(dialect);
        ansiQuotes = dialect.ansiQuotes();
        backslashEscapes = !dialect.noBackslashEscapes();
        dollarQuoting = dialect.serverVersion() >= FIRST_DOLLAR_QUOTING_VERSION;
        encoding = dialect.encoding();
        hidesAscii = encoding.hidesAscii();
        longCharacters = hidesAscii || encoding == TextEncoding.EUC;
        identifierNext = false;
        wordEnd = -1;
    }

    /** Reads the next token and tells its kind. */
    int next() {
        int before = position;
        if (before < to) {
            byte kind = classes[text[before] & 0xFF];
            if (kind != Bytes.WORD && kind != Bytes.DIGIT) {
                skipBlanks(true);
            }
        }
        spaced = position != before;
        start = position;
        if (position >= to) {
            end = to;
            malformed |= inExecutable;
            return END;
        }
        int token = identifierNext ? identifierAfterPoint() : token();
        end = position;
        return token;
    }

    /** The last token, a word, touches a point that another word touches: it is no keyword. */
    boolean pointFollows() {
        return position + 1 < to && text[position] == '.' && words[text[position + 1] & 0xFF];
    }

    private int token() {
        return switch (classes[text[position] & 0xFF]) {
            case Bytes.WORD -> word();
            case Bytes.PREFIX -> wordOrLiteral();
            case Bytes.DIGIT -> numberOrWord();
            case Bytes.SINGLE -> singleOrHint();
            case Bytes.MANY -> operator();
            case Bytes.DOT -> point();
            case Bytes.SINGLE_QUOTE -> string('\'', LiteralKind.STRING);
            case Bytes.DOUBLE_QUOTE ->
                    ansiQuotes ? quotedIdentifier('"') : string('"', LiteralKind.STRING);
            case Bytes.BACKTICK -> quotedIdentifier('`');
            case Bytes.AT -> variable();
            case Bytes.QUESTION -> parameter();
            case Bytes.SEMICOLON -> semicolon();
            default -> stray();
        };
    }

    // ---- words

    private int word() {
        position = endOfWord(position);
        wordEnd = position;
        if (dollarQuoting && text[start] == '$') {
            malformed |= hasSecondDollar();
        }
        return WORD;
    }

    private int endOfWord(int from) {
        byte[] bytes = text;
        boolean[] inWord = words;
        int i = from;
        while (i < to && inWord[bytes[i] & 0xFF]) {
            i++;
        }
        return i;
    }

    private boolean hasSecondDollar() {
        for (int i = start + 1; i < position; i++) {
            if (text[i] == '$') {
                return true;
            }
        }
        return false;
    }

    private int identifierAfterPoint() {
        identifierNext = false;
        return word();
    }

    private int wordOrLiteral() {
        int folded = text[position] | 0x20;
        if (at(1) == '\'') {
            switch (folded) {
                case 'x', 'b' -> {
                    return quotedDigits(folded == 'x');
                }
                case 'n' -> {
                    position++;
                    return string('\'', LiteralKind.OTHER);
                }
                default -> {
                    // An underscore: an ordinary word that a string follows.
                }
            }
        }
        word();
        return text[start] == '_' && isIntroducer() ? introduced() : WORD;
    }

    private boolean isIntroducer() {
        int length = position - start;
        if (length < 4 || length > 10 || at(0) == '.') {
            return false;
        }
        String name = new String(text, start + 1, length - 1, StandardCharsets.ISO_8859_1);
        return Charsets.NAMES.contains(Keywords.lowerCase(name));
    }

    /** A charset name belongs to the literal that follows it, if one does. */
    private int introduced() {
        int afterName = position;
        boolean executable = inExecutable;
        skipBlanks(false);
        byte next = at(0);
        byte second = at(1);
        int folded = next | 0x20;
        if (next == '\'' || (next == '"' && !ansiQuotes)) {
            return string((char) next, LiteralKind.OTHER);
        }
        if (second == '\'' && (folded == 'x' || folded == 'b')) {
            return quotedDigits(folded == 'x');
        }
        if (next == '0' && (second == 'x' || second == 'b')) {
            int number = position;
            if (prefixedDigits()) {
                return literal(LiteralKind.OTHER);
            }
            position = number;
        }
        position = afterName;
        inExecutable = executable;
        return WORD;
    }

    // ---- numbers

    private int numberOrWord() {
        if (text[position] == '0' && (at(1) == 'x' || at(1) == 'b')) {
            return prefixedDigits() ? literal(LiteralKind.OTHER) : word();
        }
        int i = endOfDigits(position);
        if (i >= to || !words[text[i] & 0xFF]) {
            position = i;
            return i < to && text[i] == '.' ? fraction() : literal(LiteralKind.INTEGER);
        }
        if ((text[i] | 0x20) == 'e') {
            position = i;
            int digits = exponentDigits();
            if (digits < to && Bytes.isDigit(text[digits])) {
                position = endOfDigits(digits);
                return literal(LiteralKind.FLOAT);
            }
        }
        position = start;
        return word();
    }

    /** Stands on the point of a number. */
    private int fraction() {
        position = endOfDigits(position + 1);
        if ((at(0) | 0x20) != 'e') {
            return literal(LiteralKind.DECIMAL);
        }
        int digits = exponentDigits();
        boolean hasDigits = digits < to && Bytes.isDigit(text[digits]);
        malformed |= !hasDigits;
        position = hasDigits ? endOfDigits(digits) : position + 1;
        return literal(LiteralKind.FLOAT);
    }

    /** Stands on the e; where the exponent's digits should begin. */
    private int exponentDigits() {
        byte sign = at(1);
        return position + (sign == '+' || sign == '-' ? 2 : 1);
    }

    private int endOfDigits(int from) {
        int i = from;
        while (i < to && Bytes.isDigit(text[i])) {
            i++;
        }
        return i;
    }

    /** Reads 0x1F or 0b01; false if it is a word after all, such as 0x or 0b2. */
    private boolean prefixedDigits() {
        boolean hex = at(1) == 'x';
        int i = position + 2;
        while (i < to && (hex ? Bytes.isHexDigit(text[i]) : (text[i] == '0' || text[i] == '1'))) {
            i++;
        }
        if (i == position + 2 || (i < to && words[text[i] & 0xFF])) {
            return false;
        }
        position = i;
        return true;
    }

    /** Stands on the letter of x'1F' or b'01'. */
    private int quotedDigits(boolean hex) {
        int first = position + 2;
        int i = first;
        while (i < to && (hex ? Bytes.isHexDigit(text[i]) : (text[i] == '0' || text[i] == '1'))) {
            i++;
        }
        boolean closed = i < to && text[i] == '\'' && (!hex || (i - first) % 2 == 0);
        malformed |= !closed;
        position = closed ? i + 1 : i;
        return literal(LiteralKind.OTHER);
    }

    private int literal(LiteralKind kind) {
        literalKind = kind;
        return LITERAL;
    }

    // ---- what stands in quotes

    /** Stands on the opening quote. Strings that follow are part of the same literal. */
    private int string(char quote, LiteralKind kind) {
        LiteralKind spelled = kind;
        skipString(quote);
        while (true) {
            int afterString = position;
            boolean executable = inExecutable;
            skipBlanks(false);
            byte next = at(0);
            if (next != '\'' && (next != '"' || ansiQuotes)) {
                position = afterString;
                inExecutable = executable;
                return literal(spelled);
            }
            if (!onlySpaces(afterString)) {
                spelled = LiteralKind.OTHER;
            }
            skipString((char) next);
        }
    }

    private boolean onlySpaces(int from) {
        for (int i = from; i < position; i++) {
            if (classes[text[i] & 0xFF] != Bytes.SPACE) {
                return false;
            }
        }
        return true;
    }

    private void skipString(char quote) {
        int i = position + 1;
        while (i < to) {
            byte b = text[i];
            if (b == quote) {
                if (i + 1 >= to || text[i + 1] != quote) {
                    position = i + 1;
                    return;
                }
                i += 2;
            } else if (b < 0 && hidesAscii) {
                i += encoding.bytesOf(text, i, to);
            } else {
                // MySQL skips one byte behind a backslash, also where it begins a character.
                i += b == '\\' && backslashEscapes ? 2 : 1;
            }
        }
        malformed = true;
        position = to;
    }

    private int quotedIdentifier(char quote) {
        skipQuoted(quote);
        return QUOTED_IDENTIFIER;
    }

    /**
     * Like a string without backslashes, and NUL is not allowed. MySQL goes by the first byte of a
     * character alone: one that is broken off hides the quote behind it.
     */
    private void skipQuoted(char quote) {
        int i = position + 1;
        while (i < to) {
            byte b = text[i];
            if (b < 0) {
                int bytes =
                        switch (encoding) {
                            case UTF8 -> Utf8.characterBytes(text, i, to);
                            case ASCII_BASED -> 1;
                            case EUC, BIG5, GBK, SJIS, GB18030 -> 0;
                        };
                malformed |= bytes == 0;
                i += Math.max(1, bytes);
                continue;
            }
            malformed |= b == 0;
            if (b == quote) {
                if (i + 1 >= to || text[i + 1] != quote) {
                    position = i + 1;
                    return;
                }
                i++;
            }
            i++;
        }
        malformed = true;
        position = to;
    }

    // ---- variables, parameters, operators

    private int variable() {
        position++;
        return switch (at(0)) {
            case '@' -> systemVariable();
            case '\'' -> namedBy('\'');
            case '`' -> namedBy('`');
            case '"' -> namedBy('"');
            default -> {
                while (position < to && isVariableByte(text[position])) {
                    position++;
                }
                yield USER_VARIABLE;
            }
        };
    }

    private boolean isVariableByte(byte b) {
        return b == '.' || words[b & 0xFF];
    }

    private int namedBy(char quote) {
        if (quote == '`' || (quote == '"' && ansiQuotes)) {
            skipQuoted(quote);
        } else {
            skipString(quote);
        }
        return USER_VARIABLE;
    }

    /** Stands on the second at sign. A scope and a name, without blanks, are one token. */
    private int systemVariable() {
        position++;
        boolean more = true;
        while (more) {
            int nameStart = position;
            if (at(0) == '`') {
                skipQuoted('`');
            } else {
                position = endOfWord(position);
            }
            malformed |= position == nameStart;
            byte next = at(1);
            more = at(0) == '.' && (next == '`' || words[next & 0xFF]);
            if (more) {
                position++;
            }
        }
        return SYSTEM_VARIABLE;
    }

    private int parameter() {
        position++;
        // MySQL takes no parameter that a word touches.
        malformed |= words[at(0) & 0xFF];
        return PARAMETER;
    }

    private int semicolon() {
        position++;
        // MySQL would end the statement inside the comment.
        malformed |= inExecutable;
        return SEMICOLON;
    }

    private int point() {
        boolean afterWord = wordEnd == position;
        if (!afterWord && Bytes.isDigit(at(1))) {
            return fraction();
        }
        position++;
        identifierNext = position < to && words[text[position] & 0xFF];
        return OPERATOR;
    }

    private int stray() {
        // A backslash is only an operator MySQL refuses; controls could be taken for digest marks.
        malformed |= text[position] != '\\';
        position++;
        return OPERATOR;
    }

    private int singleOrHint() {
        if (text[position] == '/' && at(1) == '*') {
            return hint();
        }
        position++;
        return OPERATOR;
    }

    /** A hint that closes inside quotes would be read in two ways. */
    private int hint() {
        int close = endOfComment(position + 3);
        if (close < 0) {
            malformed = true;
            position = to;
            return HINT;
        }
        byte open = 0;
        for (int i = position + 3; i < close; i++) {
            byte b = text[i];
            malformed |= b == 0 || (b < 0 && longCharacters);
            if (open == 0 && (b == '\'' || b == '"' || b == '`')) {
                open = b;
            } else if (b == open) {
                open = 0;
            }
        }
        malformed |= open != 0;
        position = close;
        return HINT;
    }

    private int operator() {
        byte second = at(1);
        int length =
                switch (text[position]) {
                    case '<' -> second == '=' && at(2) == '>' ? 3 : lengthIf(second, "=><");
                    case '>' -> lengthIf(second, "=>");
                    case '!', ':' -> lengthIf(second, "=");
                    case '&' -> lengthIf(second, "&");
                    case '|' -> lengthIf(second, "|");
                    case '-' -> second == '>' ? (at(2) == '>' ? 3 : 2) : 1;
                    default -> 1;
                };
        position += length;
        return OPERATOR;
    }

    private static int lengthIf(byte second, String allowed) {
        return second > 0 && allowed.indexOf(second) >= 0 ? 2 : 1;
    }
}
