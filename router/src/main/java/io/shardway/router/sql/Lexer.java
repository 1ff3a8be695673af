package io.shardway.router.sql;

/**
 * Reads the first statement of a text in one pass over its bytes: its {@link Digest} and the places
 * of its literals. Reusable; confined to one thread; allocates nothing once its buffers have grown.
 *
 * <p>What it does not do: understand grammar. Statements with bodies (CREATE PROCEDURE ... BEGIN
 * ... END) end for it at the first semicolon. A text that is not {@link #wellFormed} may be read by
 * MySQL in another way: nothing may be decided by its digest or its literals.
 */
public final class Lexer implements Literals {

    private static final byte MARK_INTEGER = 1;
    private static final byte MARK_DECIMAL = 2;
    private static final byte MARK_FLOAT = 3;
    private static final byte MARK_STRING = 4;
    private static final byte MARK_HEX = 5;
    private static final byte MARK_BITS = 6;
    private static final byte MARK_NATIONAL = 7;
    private static final byte MARK_OTHER = 8;

    private final Scanner scanner = new Scanner();
    private final DigestWriter writer = new DigestWriter();
    private final LiteralContext context = new LiteralContext();
    private final LiteralList literals = new LiteralList();
    private final Digest digest = new Digest();

    private SqlDialect dialect = SqlDialect.DEFAULT;
    private int to;
    private int statementEnd;
    private int nextStatement;
    private int parameterCount;
    private boolean wellFormed = true;
    private boolean moreStatements;
    private boolean blank = true;
    private boolean hints;

    /**
     * Reads the first statement of text[from,textEnd); the text must stay as it is until the next.
     */
    public void scan(byte[] text, int from, int textEnd, SqlDialect newDialect) {
        dialect = newDialect;
        to = textEnd;
        parameterCount = 0;
        hints = false;
        writer.reset(newDialect);
        context.reset();
        literals.reset();
        scanner.start(text, from, textEnd, newDialect);
        boolean shallow = true;
        int previous = Scanner.END;
        int token = scanner.next();
        blank = token == Scanner.END || token == Scanner.SEMICOLON;
        while (token > Scanner.SEMICOLON) {
            shallow &= append(token, previous);
            previous = token;
            token = scanner.next();
        }
        writer.showIn(digest);
        wellFormed = !scanner.malformed && shallow;
        finish(token);
    }

    /** The statement without literal values; a view that lives until the next scan. */
    public Digest digest() {
        return digest;
    }

    /**
     * False for an open string, identifier or comment, stray control characters, and whatever MySQL
     * refuses or might read in another way.
     */
    public boolean wellFormed() {
        return wellFormed;
    }

    /** Whether there is a comment that begins with a plus sign. */
    public boolean hasHints() {
        return hints;
    }

    /** Nothing but blanks and comments. */
    public boolean isBlank() {
        return blank;
    }

    /** The number of {@code ?} placeholders. */
    public int parameterCount() {
        return parameterCount;
    }

    /** Offset of the semicolon that ends the statement, or the end of the text. */
    public int statementEnd() {
        return statementEnd;
    }

    /** Whether something other than blanks and comments follows that semicolon. */
    public boolean moreStatements() {
        return moreStatements;
    }

    /** Offset after that semicolon, or the end of the text. */
    public int nextStatement() {
        return nextStatement;
    }

    @Override
    public int count() {
        return literals.count();
    }

    @Override
    public LiteralKind kind(int index) {
        return literals.kind(index);
    }

    @Override
    public int start(int index) {
        return literals.start(index);
    }

    @Override
    public int end(int index) {
        return literals.end(index);
    }

    @Override
    public byte[] text() {
        return scanner.text;
    }

    @Override
    public SqlDialect dialect() {
        return dialect;
    }

    private boolean append(int token, int previous) {
        byte[] text = scanner.text;
        int start = scanner.start;
        int end = scanner.end;
        switch (token) {
            case Scanner.OPERATOR -> {
                return appendOperator(text[start], previous);
            }
            case Scanner.LITERAL -> {
                appendLiteral();
                return true;
            }
            case Scanner.WORD -> {
                // A word that touches a point is a name, whatever it says.
                boolean name =
                        scanner.pointFollows()
                                || (previous == Scanner.OPERATOR && text[start - 1] == '.');
                context.word(text, start, end, name);
            }
            case Scanner.PARAMETER -> {
                parameterCount++;
                context.operand();
            }
            case Scanner.USER_VARIABLE -> context.userVariable();
            case Scanner.HINT -> hints = true; // Says nothing about the literals around it.
            default -> context.operand();
        }
        writer.token(text, start, end);
        return true;
    }

    private boolean appendOperator(byte first, int previous) {
        switch (first) {
            case '(' -> {
                writer.punctuation(first, previous == Scanner.WORD && scanner.spaced);
                return context.open();
            }
            case ')' -> {
                writer.punctuation(first, false);
                context.close();
            }
            case ',' -> {
                writer.punctuation(first, false);
                context.comma();
            }
            case '.' -> {
                writer.point(scanner.spaced, scanner.identifierNext);
                context.operator(scanner.text, scanner.start, scanner.end);
            }
            default -> {
                writer.token(scanner.text, scanner.start, scanner.end);
                context.operator(scanner.text, scanner.start, scanner.end);
            }
        }
        return true;
    }

    private void appendLiteral() {
        int start = scanner.start;
        int end = scanner.end;
        LiteralKind kind = scanner.literalKind;
        literals.add(kind, start, end);
        boolean quoted = kind == LiteralKind.STRING || kind == LiteralKind.OTHER;
        if (context.literal(kind, quoted)) {
            writer.token(scanner.text, start, end);
        } else if (scanner.text[start] == '_') {
            // The introducer is part of the shape: it names a character set.
            writer.token(scanner.text, start, endOfIntroducer(start));
            writer.mark(MARK_OTHER);
        } else {
            writer.mark(markOf(kind, start));
        }
    }

    private int endOfIntroducer(int start) {
        boolean[] words = Bytes.words(dialect);
        int end = start;
        while (words[scanner.text[end] & 0xFF]) {
            end++;
        }
        return end;
    }

    private byte markOf(LiteralKind kind, int start) {
        return switch (kind) {
            case INTEGER -> MARK_INTEGER;
            case DECIMAL -> MARK_DECIMAL;
            case FLOAT -> MARK_FLOAT;
            case STRING -> MARK_STRING;
            case OTHER ->
                    switch (scanner.text[start]) {
                        case '0' -> scanner.text[start + 1] == 'x' ? MARK_HEX : MARK_BITS;
                        case 'x', 'X' -> MARK_HEX;
                        case 'b', 'B' -> MARK_BITS;
                        case 'n', 'N' -> MARK_NATIONAL;
                        default -> MARK_OTHER;
                    };
        };
    }

    private void finish(int lastToken) {
        if (lastToken == Scanner.SEMICOLON) {
            statementEnd = scanner.start;
            nextStatement = scanner.end;
            moreStatements = scanner.next() != Scanner.END;
        } else {
            statementEnd = to;
            nextStatement = to;
            moreStatements = false;
        }
    }
}
