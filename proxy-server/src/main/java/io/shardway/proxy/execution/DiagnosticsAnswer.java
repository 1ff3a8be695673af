package io.shardway.proxy.execution;

import io.shardway.proxy.protocol.Collations;
import io.shardway.proxy.protocol.ColumnDefinition;
import io.shardway.proxy.protocol.ColumnTypes;
import io.shardway.proxy.protocol.TextResult;
import io.shardway.proxy.session.Diagnostics;
import java.util.List;

/** SHOW WARNINGS and its kin, answered from what the session kept. Confined to its event loop. */
final class DiagnosticsAnswer {

    private final StatementRunner runner;

    DiagnosticsAnswer(StatementRunner runner) {
        this.runner = runner;
    }

    void show(boolean errorsOnly, long offset, long limit) {
        var result =
                new TextResult(List.of(text("Level", 7), number("Code", 4), text("Message", 512)));
        List<Diagnostics.Condition> shown =
                conditions(errorsOnly).stream().skip(offset).limit(limit).toList();
        shown.forEach(each -> result.row(each.level(), each.code(), each.message()));
        new TableAnswer(runner).send(result, shown.size());
    }

    void count(boolean errorsOnly, String columnName) {
        var result = new TextResult(List.of(number(columnName, 21)));
        result.row((long) conditions(errorsOnly).size());
        if (!columnName.equals(errorsOnly ? "@@session.error_count" : "@@session.warning_count")) {
            runner.session()
                    .diagnosticsAre(
                            Diagnostics.NONE); // A SELECT like any other, unlike SHOW COUNT(*).
        }
        new TableAnswer(runner).send(result, 1);
    }

    private List<Diagnostics.Condition> conditions(boolean errorsOnly) {
        Diagnostics diagnostics = runner.session().diagnostics();
        return errorsOnly ? diagnostics.errors() : diagnostics.conditions();
    }

    private static ColumnDefinition text(String name, int characters) {
        return new ColumnDefinition(
                "",
                "",
                "",
                name,
                "",
                Collations.UTF8MB4,
                characters * 4L,
                ColumnTypes.VAR_STRING,
                ColumnTypes.NOT_NULL_FLAG,
                31);
    }

    private static ColumnDefinition number(String name, int digits) {
        int type = digits <= 4 ? ColumnTypes.LONG : ColumnTypes.LONGLONG;
        int notNull = type == ColumnTypes.LONG ? ColumnTypes.NOT_NULL_FLAG : 0;
        int flags = notNull | ColumnTypes.BINARY_FLAG | ColumnTypes.UNSIGNED_FLAG;
        return new ColumnDefinition(
                "", "", "", name, "", Collations.BINARY, digits, type, flags, 0);
    }
}
