package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.plan.FileLoad;
import io.shardway.router.plan.LiteralText;
import io.shardway.router.plan.Plan;
import io.shardway.router.plan.Traits;
import io.shardway.router.sql.Lexer;
import io.shardway.router.sql.QuotedName;
import io.shardway.router.sql.SqlDialect;
import io.shardway.router.sql.Token;
import io.shardway.router.sql.Tokens;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * LOAD DATA LOCAL INFILE into a sharded table, with the values of this execution. Immutable; its
 * arrays must not be written to.
 *
 * @param fileName as the client is asked for it
 * @param text what the shards are sent: without IGNORE n LINES, with a column that is drawn
 * @param charsetAt where CHARACTER SET can be written into the text
 * @param shown the beginning of what the client sent
 */
record LoadStatement(
        FileLoad file,
        Traits traits,
        FileFormat format,
        byte[] fileName,
        byte[] text,
        int charsetAt,
        String shown) {

    private static final int BYTES_SHOWN = 1024;

    /**
     * @param lexer has read the text
     * @throws ShardwayException what cannot be loaded so
     */
    static LoadStatement of(Plan.Load plan, Lexer lexer, byte[] text, int from) {
        FileLoad file = plan.file();
        byte[] name =
                LiteralText.of(lexer, file.fileName())
                        .orElseThrow(() ->
                                new ShardwayException(ErrorCode.NOT_UNDERSTOOD, "the file's name"));
        byte[] sent = Arrays.copyOfRange(text, from, lexer.statementEnd());
        String shown = new String(sent, 0, Math.min(sent.length, BYTES_SHOWN), UTF_8).trim();
        SqlDialect dialect = lexer.dialect();
        FileFormat format = FileFormat.of(file.clauses(), lexer);
        List<Token> tokens = Tokens.of(sent, 0, sent.length, dialect);
        FileLoad.ignoredLines(tokens)
                .ifPresent(words -> Arrays.fill(sent, words[0], words[1], (byte) ' '));
        int charsetAt = FileLoad.behindTable(tokens);
        Optional<FileLoad.Id> leftOut = file.id().filter(FileLoad.Id::leftOut);
        byte[] written =
                leftOut.isPresent()
                        ? with(
                                sent,
                                FileLoad.columnsBegin(tokens),
                                QuotedName.of(leftOut.get().column()) + ", ")
                        : sent;
        return new LoadStatement(file, plan.traits(), format, name, written, charsetAt, shown);
    }

    private static byte[] with(byte[] text, int at, String more) {
        byte[] added = more.getBytes(UTF_8);
        byte[] written = new byte[text.length + added.length];
        System.arraycopy(text, 0, written, 0, at);
        System.arraycopy(added, 0, written, at, added.length);
        System.arraycopy(text, at, written, at + added.length, text.length - at);
        return written;
    }

    /** Says in which character set the file is: that of the database may differ between nodes. */
    byte[] textIn(String charset) {
        if (file.charset().isPresent()) {
            return text;
        }
        return with(text, charsetAt, " CHARACTER SET " + charset + " ");
    }
}
