package io.shardway.router.plan;

import io.shardway.router.ErrorCode;
import io.shardway.router.topology.TableKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.antlr.v4.runtime.tree.TerminalNode;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ColumnDefinitionContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.CreateTableContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.CreateTableOptionContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.DefaultCollationContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.TableConstraintDefContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.TableElementContext;

/**
 * A CREATE TABLE statement as written: columns, constraints, options, and what its comment tells
 * Shardway. Immutable.
 *
 * @param collation of the table, lower case; empty if not given
 * @param engine upper case; empty if not given
 * @param directives words of the comment after {@code shardway:}
 */
record TableDefinition(
        List<ColumnDefinitionContext> columns,
        List<TableConstraintDefContext> constraints,
        String collation,
        String engine,
        List<String> directives) {

    private static final String PREFIX = "shardway:";
    private static final String KEY = "key=";
    private static final String LOCAL_UNIQUE = "local-unique";

    TableDefinition {
        columns = List.copyOf(columns);
        constraints = List.copyOf(constraints);
        directives = List.copyOf(directives);
    }

    static TableDefinition read(CreateTableContext create, ParsedSql sql) {
        var columns = new ArrayList<ColumnDefinitionContext>();
        var constraints = new ArrayList<TableConstraintDefContext>();
        if (create.createDefinitionClause() != null) {
            for (TableElementContext element :
                    create.createDefinitionClause().tableElementList().tableElement()) {
                if (element.columnDefinition() != null) {
                    columns.add(element.columnDefinition());
                } else {
                    constraints.add(element.tableConstraintDef());
                }
            }
        }
        String collation = "";
        String engine = "";
        var directives = new ArrayList<String>();
        if (create.createTableOptions() != null) {
            for (CreateTableOptionContext option :
                    create.createTableOptions().createTableOption()) {
                if (option.COMMENT() != null) {
                    directives.addAll(directivesOf(option, sql));
                } else if (option.defaultCollation() != null) {
                    collation = collationOf(option.defaultCollation());
                } else if (option.ENGINE() != null) {
                    engine = option.engineRef().getText().toUpperCase(Locale.ROOT);
                }
            }
        }
        return new TableDefinition(columns, constraints, collation, engine, directives);
    }

    private static String collationOf(DefaultCollationContext clause) {
        return clause.collationName().getText().toLowerCase(Locale.ROOT);
    }

    private static List<String> directivesOf(CreateTableOptionContext option, ParsedSql sql) {
        List<TerminalNode> leaves = Names.leaves(option.string_());
        int literal = sql.literalOf(leaves.getLast());
        if (literal < 0) {
            throw PlanRejection.notUnderstood("the table's comment");
        }
        String comment =
                LiteralText.of(sql.text().literals(), literal)
                        .map(LiteralText::latin1)
                        .orElseThrow(() -> PlanRejection.notUnderstood("the table's comment"));
        var result = new ArrayList<String>();
        for (String word : comment.split("[\\s,;]+")) {
            if (word.toLowerCase(Locale.ROOT).startsWith(PREFIX)) {
                result.add(word.substring(PREFIX.length()));
            }
        }
        return result;
    }

    boolean isLocalUnique() {
        return directives.stream().anyMatch(LOCAL_UNIQUE::equalsIgnoreCase);
    }

    /** The column the rows are spread by, as the table spells it. */
    Optional<String> shardKey(String keyOfKeyspace) {
        requireKnownDirectives();
        Optional<String> chosen =
                directives.stream()
                        .filter(each -> each.toLowerCase(Locale.ROOT).startsWith(KEY))
                        .map(each -> each.substring(KEY.length()))
                        .findFirst();
        if (directives.stream().anyMatch(TableDefinition::isKind)) {
            return Optional.empty();
        }
        Optional<String> column = nameOf(chosen.orElse(keyOfKeyspace));
        if (chosen.isPresent() && column.isEmpty()) {
            throw refused("the comment says key=" + chosen.get() + ", but no column is named so");
        }
        return column;
    }

    TableKind kind(Optional<String> shardKey) {
        if (shardKey.isPresent()) {
            return TableKind.SHARDED;
        }
        return directives.stream().anyMatch("reference"::equalsIgnoreCase)
                ? TableKind.REFERENCE
                : TableKind.SINGLE;
    }

    private void requireKnownDirectives() {
        int kinds = 0;
        for (String each : directives) {
            boolean key = each.toLowerCase(Locale.ROOT).startsWith(KEY);
            if (!key && !isKind(each) && !LOCAL_UNIQUE.equalsIgnoreCase(each)) {
                throw refused(
                        "the comment says shardway:"
                                + each
                                + "; known are reference, single, key=<column>, local-unique");
            }
            kinds += key || isKind(each) ? 1 : 0;
        }
        if (kinds > 1) {
            throw refused("the comment names more than one kind of table");
        }
    }

    private static boolean isKind(String directive) {
        return directive.equalsIgnoreCase("reference") || directive.equalsIgnoreCase("single");
    }

    private Optional<String> nameOf(String column) {
        return column(column).map(each -> Names.of(each.identifier()));
    }

    Optional<ColumnDefinitionContext> column(String name) {
        return columns.stream()
                .filter(each -> Names.of(each.identifier()).equalsIgnoreCase(name))
                .findFirst();
    }

    static PlanRejection refused(String detail) {
        return new PlanRejection(ErrorCode.TABLE_DEFINITION_REFUSED, detail);
    }
}
