package io.shardway.router.plan;

import io.shardway.router.sql.QuotedName;
import io.shardway.router.sql.SqlDialect;
import io.shardway.router.sql.Token;
import io.shardway.router.sql.Tokens;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * The two statements that an INSERT ... SELECT becomes: one that makes its rows, one that stores
 * them. Immutable.
 */
public final class InsertSelectText {

    private final byte[] text;
    private final InsertTarget target;
    private final List<Token> tokens;
    private final int selectEnd;

    public InsertSelectText(byte[] text, SqlDialect dialect, InsertTarget target) {
        this.text = text;
        this.target = target;
        this.tokens = Tokens.of(text, 0, text.length, dialect);
        this.selectEnd =
                target.onDuplicate().isPresent()
                        ? tokens.get(target.onDuplicate().getAsInt()).start()
                        : text.length;
    }

    private Token lastOfName() {
        return tokens.get(target.token() + target.tokens() - 1);
    }

    /** Inserts what is selected into {@link InsertTarget#ROWS}, where nothing is a duplicate. */
    public byte[] making(List<AssembledText.Copy> copies) {
        var out = new ByteArrayOutputStream(text.length + 64);
        out.write(text, 0, tokens.get(target.token()).start());
        String rows = QuotedName.of(target.keyspace(), InsertTarget.ROWS);
        out.writeBytes(rows.getBytes(StandardCharsets.UTF_8));
        int copied = lastOfName().end();
        for (AssembledText.Copy copy : copies) {
            AssembledTable.Use use = copy.use();
            out.write(text, copied, tokens.get(use.first()).start() - copied);
            out.writeBytes(copy.written().getBytes(StandardCharsets.UTF_8));
            copied = tokens.get(use.token() + use.tokens() - 1).end();
        }
        out.write(text, copied, selectEnd - copied);
        return out.toByteArray();
    }

    /** As far as the name of the table. */
    public byte[] head() {
        return Arrays.copyOf(text, lastOfName().end());
    }

    /** What becomes of duplicates. */
    public byte[] tail() {
        return Arrays.copyOfRange(text, selectEnd, text.length);
    }
}
