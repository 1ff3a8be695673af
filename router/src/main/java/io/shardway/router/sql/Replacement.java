package io.shardway.router.sql;

import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A text that stands in place of some tokens of a statement. Immutable.
 *
 * @param first the first token that is left out, counted from 0; the text stands before it
 * @param removed how many are left out; 0 only adds
 */
public record Replacement(int first, int removed, String text) {

    /**
     * The first statement of text[from,to) with the texts in it. Columns that MySQL names by their
     * text keep the name they had.
     *
     * <p>What stands behind the last token, such as a semicolon or a comment, stays behind.
     *
     * @param replacements in the order of the text, not overlapping
     */
    public static byte[] write(
            byte[] text, int from, int to, SqlDialect dialect, List<Replacement> replacements) {
        List<Token> tokens = Tokens.of(text, from, to, dialect);
        List<SelectItem> unnamed = SelectItem.unnamedOf(tokens, dialect);
        Charset charset = dialect.utf8Text() ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
        var out = new ByteArrayOutputStream(to - from + 256 * replacements.size());
        int copied = from;
        int next = 0;
        for (int i = 0; i <= tokens.size(); i++) {
            boolean end = i == tokens.size();
            while (next < replacements.size() && replacements.get(next).first == i) {
                Replacement now = replacements.get(next++);
                int until = end ? tokens.getLast().end() : tokens.get(i).start();
                out.write(text, copied, Math.max(0, until - copied));
                out.writeBytes(now.text.getBytes(charset));
                copied =
                        now.removed == 0
                                ? Math.max(copied, until)
                                : tokens.get(i + now.removed - 1).end();
            }
            for (SelectItem item : unnamed) {
                if (!end && item.last() == i && item.holds(replacements)) {
                    int after = tokens.get(i).end();
                    out.write(text, copied, Math.max(0, after - copied));
                    copied = Math.max(copied, after);
                    int start = tokens.get(item.first()).start();
                    out.writeBytes(SelectItem.alias(text, start, after, dialect));
                }
            }
        }
        out.write(text, copied, to - copied);
        return out.toByteArray();
    }
}
