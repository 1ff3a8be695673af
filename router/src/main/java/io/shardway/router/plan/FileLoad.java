package io.shardway.router.plan;

import io.shardway.router.keyspace.KeyType;
import io.shardway.router.sql.Token;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * LOAD DATA LOCAL INFILE into a sharded table, as far as the statement's shape tells: what it says
 * in literals is looked up by their numbers when it runs. Immutable.
 *
 * @param table as MySQL stores its name
 * @param fields columns in the order of the file, an empty text for a user variable; empty if the
 *     statement does not list them: all visible columns in table order
 * @param id how the AUTO_INCREMENT column is filled, if there is one
 * @param replaces rows that are there; else it leaves them
 * @param charset as it is written; empty for the database's
 * @param fileName number of a literal
 */
public record FileLoad(
        String keyspace,
        String table,
        String keyColumn,
        KeyType keyType,
        Optional<List<String>> fields,
        Optional<Id> id,
        boolean replaces,
        Optional<String> charset,
        int fileName,
        Clauses clauses) {

    /**
     * An AUTO_INCREMENT column.
     *
     * @param drawn empty if the proxy cannot draw for it
     * @param leftOut the statement lists other columns: it must be written before them, and an id
     *     before each record
     * @param read by a value of the SET clause
     */
    public record Id(String column, Optional<DrawnColumn> drawn, boolean leftOut, boolean read) {}

    /** What marks fields and lines: the numbers of the literals, if the statement has them. */
    public record Clauses(
            OptionalInt fieldsTerminated,
            OptionalInt enclosed,
            OptionalInt escaped,
            OptionalInt linesStarting,
            OptionalInt linesTerminated,
            OptionalInt ignoredLines) {}

    public FileLoad {
        fields = fields.map(List::copyOf);
    }

    /**
     * Where the statement says {@code IGNORE n LINES}, as offsets of its text; empty if it does
     * not.
     */
    public static Optional<int[]> ignoredLines(List<Token> tokens) {
        List<Token> read =
                tokens.stream().filter(token -> token.kind() != Token.Kind.HINT).toList();
        for (int at = 0; at + 2 < read.size(); at++) {
            if (read.get(at).isWord("ignore")
                    && read.get(at + 1).kind() == Token.Kind.LITERAL
                    && (read.get(at + 2).isWord("lines") || read.get(at + 2).isWord("rows"))) {
                return Optional.of(new int[] {read.get(at).start(), read.get(at + 2).end()});
            }
        }
        return Optional.empty();
    }

    /** Whether the shard key is AUTO_INCREMENT. */
    public boolean drawsKeys() {
        return id.filter(own -> own.column().equalsIgnoreCase(keyColumn)).isPresent();
    }

    /** The offset at which the list of columns begins; the statement has one. */
    public static int columnsBegin(List<Token> tokens) {
        int table = behindTable(tokens);
        return tokens.stream()
                .filter(token -> token.start() >= table && token.isOperator("("))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("the plan is of another text"))
                .end();
    }

    /** The offset behind the name of the table. */
    public static int behindTable(List<Token> tokens) {
        List<Token> read =
                tokens.stream().filter(token -> token.kind() != Token.Kind.HINT).toList();
        for (int at = 1; at + 1 < read.size(); at++) {
            if (read.get(at - 1).isWord("into") && read.get(at).isWord("table")) {
                boolean qualified = at + 3 < read.size() && read.get(at + 2).isOperator(".");
                return read.get(qualified ? at + 3 : at + 1).end();
            }
        }
        throw new IllegalStateException("the plan is of another text");
    }
}
