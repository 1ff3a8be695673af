package io.shardway.cli.demo;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a file of SQL into statements at semicolons outside quotes and comments. Immutable; the
 * client's DELIMITER command is not known.
 */
record SqlScript(List<Statement> statements) {

    /**
     * @param line where it begins, from 1
     */
    record Statement(int line, String sql) {}

    SqlScript {
        statements = List.copyOf(statements);
    }

    static SqlScript parse(String text) {
        return new SqlScript(new Scanner(text).scan());
    }

    /** One pass over the text. Confined to one thread. */
    private static final class Scanner {

        private static final int NONE = -1;

        private final String text;
        private final List<Statement> statements = new ArrayList<>();
        private int at;
        private int begin = NONE;

        Scanner(String text) {
            this.text = text;
        }

        List<Statement> scan() {
            while (at < text.length()) {
                char c = text.charAt(at);
                if (c == '\'' || c == '"' || c == '`') {
                    mark();
                    skipQuoted(c);
                } else if (startsComment(c)) {
                    skipTo("\n");
                } else if (text.startsWith("/*", at)) {
                    if (text.startsWith("/*!", at) || text.startsWith("/*+", at)) {
                        mark();
                    }
                    skipTo("*/");
                } else if (c == ';') {
                    finish();
                    at++;
                } else {
                    if (!Character.isWhitespace(c)) {
                        mark();
                    }
                    at++;
                }
            }
            finish();
            return statements;
        }

        private boolean startsComment(char c) {
            return c == '#'
                    || (text.startsWith("--", at)
                            && (at + 2 == text.length() || text.charAt(at + 2) <= ' '));
        }

        private void mark() {
            begin = begin == NONE ? at : begin;
        }

        private void skipQuoted(char quote) {
            for (at++; at < text.length() && text.charAt(at) != quote; at++) {
                if (text.charAt(at) == '\\' && quote != '`') {
                    at++;
                }
            }
            at = Math.min(at + 1, text.length());
        }

        private void skipTo(String end) {
            int found = text.indexOf(end, at + 1);
            at = found < 0 ? text.length() : found + end.length();
        }

        private void finish() {
            if (begin != NONE) {
                int line =
                        1 + (int) text.substring(0, begin).chars().filter(c -> c == '\n').count();
                statements.add(new Statement(line, text.substring(begin, at).strip()));
                begin = NONE;
            }
        }
    }
}
