package io.shardway.router.plan;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.tree.ParseTree;
import org.antlr.v4.runtime.tree.TerminalNode;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.AssignmentValueContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ColumnRefContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.FunctionNameContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.IdentifierContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.RegularFunctionNameContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.TableNameContext;

/** Names as the parse tree holds them, without their quotes. Stateless. */
final class Names {

    private static final Set<String> RESERVED = WordList.load("reserved-words.txt");

    private Names() {}

    /** A table as it is written; {@code keyspace} is empty if it is not qualified. */
    record Table(String keyspace, String name) {}

    /** A column as it is written; missing parts are empty. */
    record Column(String keyspace, String table, String name) {}

    static Table table(TableNameContext table) {
        String keyspace = table.owner() == null ? "" : of(table.owner());
        return new Table(keyspace, of(table.name()));
    }

    static Column column(ColumnRefContext column) {
        List<IdentifierContext> parts = column.identifier();
        String name = of(parts.getLast());
        String table = parts.size() > 1 ? of(parts.get(parts.size() - 2)) : "";
        String keyspace = parts.size() > 2 ? of(parts.getFirst()) : "";
        return new Column(keyspace, table, name);
    }

    static String of(ParserRuleContext identifier) {
        List<TerminalNode> leaves = leaves(identifier);
        if (leaves.size() != 1) {
            throw PlanRejection.notUnderstood("the name " + identifier.getText());
        }
        return unquoted(leaves.getFirst().getText());
    }

    static String unquoted(String written) {
        if (written.startsWith("'") || written.startsWith("\"")) {
            throw PlanRejection.notUnderstood("text in quotes where a name is expected");
        }
        String name =
                written.startsWith("`")
                        ? written.substring(1, written.length() - 1).replace("``", "`")
                        : written;
        byte[] bytes = name.getBytes(StandardCharsets.ISO_8859_1);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException _) {
            throw PlanRejection.notUnderstood("a name that is not UTF-8");
        }
    }

    /**
     * The parser takes some reserved words for names, such as NATURAL for the alias of the table
     * before it, and would so misread a statement: then it is refused.
     */
    static void refuseReserved(IdentifierContext identifier) {
        String written = identifier.getText().toUpperCase(Locale.ROOT);
        if (!RESERVED.contains(written)) {
            return;
        }
        ParseTree parent = identifier.getParent();
        if (parent instanceof RegularFunctionNameContext || parent instanceof FunctionNameContext) {
            return;
        }
        if (written.equals("DEFAULT") && isWholeAssignedValue(identifier)) {
            return;
        }
        throw PlanRejection.notUnderstood(
                "the word " + written + " where a name is expected; a name like that needs quotes");
    }

    private static boolean isWholeAssignedValue(IdentifierContext identifier) {
        ParseTree node = identifier;
        while (node.getParent() != null && node.getParent().getChildCount() == 1) {
            node = node.getParent();
            if (node instanceof AssignmentValueContext) {
                return true;
            }
        }
        return false;
    }

    static List<TerminalNode> leaves(ParseTree tree) {
        var result = new ArrayList<TerminalNode>();
        collect(tree, result);
        return result;
    }

    private static void collect(ParseTree tree, List<TerminalNode> into) {
        if (tree instanceof TerminalNode leaf) {
            into.add(leaf);
            return;
        }
        for (int child = 0; child < tree.getChildCount(); child++) {
            collect(tree.getChild(child), into);
        }
    }

    /** The nearest node of a type that begins with this leaf. */
    static <T extends ParserRuleContext> Optional<T> beginningWith(
            TerminalNode leaf, Class<T> type) {
        ParseTree node = leaf.getParent();
        while (node instanceof ParserRuleContext context
                && context.getStart() == leaf.getSymbol()) {
            if (type.isInstance(context)) {
                return Optional.of(type.cast(context));
            }
            node = context.getParent();
        }
        return Optional.empty();
    }
}
