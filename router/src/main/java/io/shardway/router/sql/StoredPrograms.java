package io.shardway.router.sql;

import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * Finds where a statement with a body ends: CREATE PROCEDURE, FUNCTION, TRIGGER and EVENT, and
 * ALTER EVENT, hold statements of their own with semicolons between them. Stateless.
 *
 * <p>BEGIN, IF, CASE, LOOP, WHILE and REPEAT open a block where a statement can begin; an END after
 * a semicolon closes one. Where MySQL's grammar would see it otherwise, the statement is cut too
 * early or too late, MySQL refuses it as mistyped, and nothing behind it is run.
 */
public final class StoredPrograms {

    private static final Set<String> KINDS = Set.of("procedure", "function", "trigger", "event");
    private static final Set<String> BLOCKS =
            Set.of("begin", "if", "case", "loop", "while", "repeat");

    /** After these a statement of a body begins. */
    private static final Set<String> BEFORE_STATEMENT =
            Set.of(";", "begin", "then", "else", "do", "loop", "repeat", ":");

    /** After these, or a name or a text, the body itself may begin. */
    private static final Set<String> BEFORE_BODY =
            Set.of("row", "do", ")", ":", "deterministic", "sql", "data", "invoker", "definer");

    private StoredPrograms() {}

    /**
     * Offset behind the first statement of text[from,to), without its semicolon; -1 if it is of
     * another kind or cannot be read.
     */
    public static int endOf(byte[] text, int from, int to, SqlDialect dialect) {
        return new Reading(text, from, to, dialect).end();
    }

    private static final class Reading {
        private final Scanner scanner = new Scanner();
        private final byte[] text;
        private final int to;
        private String before = "";
        private String beforeThat = "";
        private int kindOfBefore = Scanner.END;
        private int depth;
        private int parentheses;

        private Reading(byte[] text, int from, int to, SqlDialect dialect) {
            this.text = text;
            this.to = to;
            scanner.start(text, from, to, dialect);
        }

        private int end() {
            if (!readHead()) {
                return -1;
            }
            while (true) {
                boolean malformed = scanner.malformed;
                int token = scanner.next();
                if (token == Scanner.END) {
                    return scanner.malformed ? -1 : to;
                }
                if (token == Scanner.SEMICOLON) {
                    // In a comment that is code a semicolon of a body is nothing odd.
                    scanner.malformed = malformed;
                    if (depth == 0) {
                        return scanner.malformed ? -1 : scanner.start;
                    }
                }
                follow(token);
            }
        }

        /** Whether it begins like one of these statements; stands behind its kind then. */
        private boolean readHead() {
            for (int i = 0; i < 16; i++) {
                int token = scanner.next();
                if (token <= Scanner.SEMICOLON) {
                    return false;
                }
                String word = token == Scanner.WORD ? word() : "";
                boolean begins = word.equals("create") || word.equals("alter");
                if (i == 0 && !begins) {
                    return false;
                }
                if (KINDS.contains(word) && !before.equals("=")) {
                    before = word;
                    return true;
                }
                if (Set.of("table", "view", "database", "schema", "user", "index", "as")
                        .contains(word)) {
                    return false;
                }
                before = token == Scanner.OPERATOR ? word() : "";
            }
            return false;
        }

        private void follow(int token) {
            String word =
                    switch (token) {
                        case Scanner.WORD, Scanner.OPERATOR -> word();
                        case Scanner.SEMICOLON -> ";";
                        default -> "";
                    };
            boolean name = token == Scanner.WORD && before.equals(".");
            if (word.equals("(")) {
                parentheses++;
            } else if (word.equals(")")) {
                parentheses--;
            } else if (token == Scanner.WORD && !name && parentheses <= 0) {
                count(word);
            }
            beforeThat = before;
            before = word;
            kindOfBefore = token;
        }

        private void count(String word) {
            if (BLOCKS.contains(word) && opens(word)) {
                depth++;
            } else if (word.equals("end") && closes()) {
                depth = Math.max(0, depth - 1);
            }
        }

        private boolean opens(String word) {
            if (before.equals("end")) {
                return false;
            }
            if (depth > 0) {
                boolean handler =
                        word.equals("begin") && !before.equals(",") && !before.equals("as");
                return BEFORE_STATEMENT.contains(before) || handler && isAfterHandler();
            }
            boolean named = beforeThat.equals("follows") || beforeThat.equals("precedes");
            boolean text = kindOfBefore == Scanner.LITERAL;
            return word.equals("begin")
                    || BEFORE_BODY.contains(before)
                    || named
                    || text
                    || before.isEmpty() && kindOfBefore == Scanner.WORD;
        }

        /** DECLARE ... HANDLER FOR condition BEGIN: the condition is a word or a literal. */
        private boolean isAfterHandler() {
            return kindOfBefore == Scanner.WORD
                    || kindOfBefore == Scanner.LITERAL
                    || kindOfBefore == Scanner.QUOTED_IDENTIFIER;
        }

        /** An END that ends an expression follows an operand, REPEAT's follows a condition. */
        private boolean closes() {
            return before.equals(";")
                    || before.equals("begin")
                    || nextWordIs("repeat")
                    || before.equals(":");
        }

        private boolean nextWordIs(String word) {
            int i = scanner.end;
            while (i < to && text[i] <= ' ') {
                i++;
            }
            int end = i + word.length();
            return end <= to
                    && new String(text, i, word.length(), StandardCharsets.ISO_8859_1)
                            .equalsIgnoreCase(word);
        }

        private String word() {
            return Keywords.lowerCase(
                    new String(
                            text,
                            scanner.start,
                            scanner.end - scanner.start,
                            StandardCharsets.ISO_8859_1));
        }
    }
}
