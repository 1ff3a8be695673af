package io.shardway.router.plan;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.shardway.router.schema.TableDirectives;
import io.shardway.router.sql.Literals;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.antlr.v4.runtime.tree.TerminalNode;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.CreateTableOptionContext;

/**
 * The options behind a table's columns, as far as they matter here. Immutable.
 *
 * @param collation of the table, lower case; empty if not given
 * @param engine upper case; empty if not given
 * @param comment what it tells Shardway; empty if no comment is given
 * @param firstKey AUTO_INCREMENT = n; 0 if not given
 */
record TableOptions(
        String collation, String engine, Optional<TableDirectives> comment, long firstKey) {

    static TableOptions read(List<CreateTableOptionContext> options, ParsedSql sql) {
        String collation = "";
        String engine = "";
        Optional<TableDirectives> comment = Optional.empty();
        long firstKey = 0;
        for (CreateTableOptionContext option : options) {
            refuseElsewhere(option);
            if (option.COMMENT() != null) {
                comment = Optional.of(directivesOf(option, sql));
            } else if (option.defaultCollation() != null) {
                collation =
                        option.defaultCollation()
                                .collationName()
                                .getText()
                                .toLowerCase(Locale.ROOT);
            } else if (option.AUTO_INCREMENT() != null) {
                firstKey = firstKeyOf(option, sql);
            } else if (option.ENGINE() != null) {
                engine = option.engineRef().getText().toUpperCase(Locale.ROOT);
            }
        }
        return new TableOptions(collation, engine, comment, firstKey);
    }

    private static long firstKeyOf(CreateTableOptionContext option, ParsedSql sql) {
        int literal = sql.literalOf(Names.leaves(option).getLast());
        String digits = "";
        if (literal >= 0) {
            Literals literals = sql.text().literals();
            int start = literals.start(literal);
            digits = new String(literals.text(), start, literals.end(literal) - start, US_ASCII);
        }
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException _) {
            throw PlanRejection.notUnderstood("the number of AUTO_INCREMENT");
        }
    }

    void requireInnoDb() {
        if (!engine.isEmpty() && !engine.equals("INNODB")) {
            throw TableDefinition.refused("its engine must be InnoDB");
        }
    }

    private static void refuseElsewhere(CreateTableOptionContext option) {
        if (option.UNION() != null
                || option.CONNECTION() != null
                || option.TABLESPACE() != null
                || option.DIRECTORY() != null
                || option.SECONDARY_ENGINE() != null) {
            throw PlanRejection.notOffered(
                    "the table option " + option.getStart().getText().toUpperCase(Locale.ROOT));
        }
    }

    private static TableDirectives directivesOf(CreateTableOptionContext option, ParsedSql sql) {
        List<TerminalNode> leaves = Names.leaves(option.string_());
        int literal = sql.literalOf(leaves.getLast());
        if (literal < 0) {
            throw PlanRejection.notUnderstood("the table's comment");
        }
        String comment =
                LiteralText.of(sql.text().literals(), literal)
                        .map(LiteralText::latin1)
                        .orElseThrow(() -> PlanRejection.notUnderstood("the table's comment"));
        TableDirectives directives = TableDirectives.of(comment);
        directives
                .problem()
                .ifPresent(problem -> {
                    throw TableDefinition.refused(problem);
                });
        return directives;
    }
}
