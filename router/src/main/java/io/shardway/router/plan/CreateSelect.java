package io.shardway.router.plan;

import io.shardway.router.sql.QuotedName;
import io.shardway.router.sql.SqlDialect;
import io.shardway.router.sql.Token;
import io.shardway.router.sql.Tokens;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * CREATE TABLE ... SELECT of rows that may lie on several shards, or belong there: MySQL makes the
 * table, with the rows, on one node; then it is made like this everywhere. Tokens count from 0.
 * Immutable.
 *
 * @param read the rows of its tables
 * @param token the first one of the table's name
 * @param tokens how many the name has: three if it is qualified
 */
public record CreateSelect(
        Plan.Assemble read, String keyspace, String table, int token, int tokens) {

    /** The statement for a temporary table named {@link InsertTarget#ROWS}. */
    public byte[] making(byte[] text, SqlDialect dialect, List<AssembledText.Copy> copies) {
        List<Token> all = Tokens.of(text, 0, text.length, dialect);
        var out = new ByteArrayOutputStream(text.length + 64);
        String head = "CREATE TEMPORARY TABLE " + QuotedName.of(keyspace, InsertTarget.ROWS);
        out.writeBytes(head.getBytes(StandardCharsets.UTF_8));
        int copied = all.get(token + tokens - 1).end();
        for (AssembledText.Copy copy : copies) {
            AssembledTable.Use use = copy.use();
            out.write(text, copied, all.get(use.token()).start() - copied);
            out.writeBytes(copy.written().getBytes(StandardCharsets.UTF_8));
            copied = all.get(use.token() + use.tokens() - 1).end();
        }
        out.write(text, copied, text.length - copied);
        return out.toByteArray();
    }
}
