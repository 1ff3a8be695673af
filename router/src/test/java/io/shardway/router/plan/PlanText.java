package io.shardway.router.plan;

import io.shardway.router.sql.Literals;
import io.shardway.router.topology.TableEntry;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.stream.Collectors;

/** A plan as one line of a .plans file. */
final class PlanText {

    private PlanText() {}

    static String of(Plan plan, Literals literals) {
        return switch (plan) {
            case Plan.Keyed(var pin, var access, _, _) ->
                    "Keyed %s key=%s %s"
                            .formatted(
                                    access,
                                    pin.values().stream()
                                            .map(value -> text(value, literals))
                                            .collect(Collectors.joining(",")),
                                    pin.use());
            case Plan.KeyedInsert(var key, _) -> text(key, literals);
            case Plan.AnyShard(var access, _) -> "AnyShard " + access;
            case Plan.Assemble read ->
                    "Assemble "
                            + read.tables().stream()
                                    .map(table ->
                                            "%s.%s%s%s%s"
                                                    .formatted(
                                                            table.keyspace(),
                                                            table.schema().name(),
                                                            new java.util.TreeSet<>(table.named()),
                                                            table.uses().size() > 1
                                                                    ? " x" + table.uses().size()
                                                                    : "",
                                                            asked(table, literals)))
                                    .collect(Collectors.joining(" "))
                            + (read.unfoldings().isEmpty() ? "" : " of " + text(read, literals))
                            + read.scatter()
                                    .filter(_ -> !read.views().isEmpty())
                                    .map(_ -> ", or scatter")
                                    .orElse("");
            case Plan.OnDefaultShard(var access, _) -> "OnDefaultShard " + access;
            case Plan.Described(var reading, var access, _) ->
                    "Described %s: %s"
                                    .formatted(
                                            access,
                                            new String(
                                                    reading.write(
                                                            literals.text(),
                                                            0,
                                                            literals.text().length,
                                                            literals.dialect(),
                                                            table -> "(" + table + ")"),
                                                    StandardCharsets.UTF_8))
                            + (reading.sizes() ? " with sizes" : "");
            case Plan.Plain(var keyspace, var access, _) -> "Plain " + keyspace + " " + access;
            case Plan.Stored(var keyspace, var access, _) -> "Stored " + keyspace + " " + access;
            case Plan.DefineKeyspace(var definition) -> definition.toString();
            case Plan.WriteReference(var table, _) -> "WriteReference " + table;
            case Plan.SpreadWrite(var target, var kind, _, _) ->
                    "SpreadWrite %s %s".formatted(kind, text(target, literals));
            case Plan.Explain(var explained, var head, var analyzes, _) ->
                    "Explain%s behind %d: ".formatted(analyzes ? " analyzing" : "", head)
                            + of((Plan) explained, literals);
            case Plan.Load(var file, _) -> text(file);
            case Plan.InsertSelect insert ->
                    "InsertSelect %s into %s%s, %s%s"
                            .formatted(
                                    insert.kind(),
                                    insert.target().schema().name(),
                                    insert.target().columns(),
                                    of(insert.read(), literals),
                                    insert.together()
                                            .map(one -> " or " + of(one, literals))
                                            .orElse(""));
            case Plan.Change change ->
                    "Change%s %s, %s%s"
                            .formatted(
                                    change.ignores() ? " ignoring" : "",
                                    change.tables().stream()
                                            .map(table -> table.schema().name() + table.assigned())
                                            .toList(),
                                    of(change.read(), literals),
                                    change.together()
                                            .map(one -> " or " + of(one, literals))
                                            .orElse(""));
            case Plan.DefineTable(var definition, var select) ->
                    text(definition)
                            + select.map(each -> " from " + of(each.read(), literals)).orElse("");
            case Plan.Rejected(var code, var detail) -> "Rejected %s %s".formatted(code, detail);
            case Plan.Control(var command) -> "Control " + command;
            case Plan.Admin _ -> "Admin";
        };
    }

    private static String text(Plan.Assemble read, Literals literals) {
        byte[] text = read.whole(literals.text(), literals.dialect(), ParameterValues.NONE).text();
        return new String(text, StandardCharsets.UTF_8).strip().replaceAll("\\s+", " ");
    }

    private static String asked(AssembledTable table, Literals literals) {
        byte[] text = literals.text();
        AssembledText.Asked asked =
                AssembledText.asked(
                        text,
                        0,
                        text.length,
                        literals.dialect(),
                        table,
                        ParameterValues.NONE,
                        false);
        String lock = table.lock().isEmpty() ? "" : " " + table.lock();
        String keys = table.keys().map(each -> " " + text(each, literals)).orElse("");
        return (table.conditions().isEmpty() ? "" : asked.where()) + keys + lock;
    }

    private static String text(FileLoad file) {
        return "Load %s.%s by %s%s%s%s"
                .formatted(
                        file.keyspace(),
                        file.table(),
                        file.keyColumn(),
                        file.fields().map(names -> " fields=" + String.join(",", names)).orElse(""),
                        file.id()
                                .map(id ->
                                        " id="
                                                + id.column()
                                                + (id.leftOut() ? " drawn" : "")
                                                + (id.read() ? " read" : ""))
                                .orElse(""),
                        file.charset().map(" charset="::concat).orElse(""));
    }

    private static String text(SpreadTarget target, Literals literals) {
        return switch (target) {
            case SpreadTarget.Everywhere _ -> "everywhere";
            case SpreadTarget.Listed(_, var keys) ->
                    "keys="
                            + keys.stream()
                                    .map(key -> text(key, literals))
                                    .collect(Collectors.joining(","));
            case SpreadTarget.Rows(_, var rows, var drawsIds, var drawn) ->
                    rows.stream()
                                    .map(row ->
                                            row.key()
                                                            .map(key -> text(key, literals))
                                                            .orElse("drawn")
                                                    + row.id()
                                                            .map(id -> ":" + text(id, literals))
                                                            .orElse(""))
                                    .collect(Collectors.joining(",", "rows=", ""))
                            + (drawsIds ? " draws ids" : "")
                            + drawn.map(each -> each.isKey() ? " or draws" : " ids drawn")
                                    .orElse("");
        };
    }

    private static String text(DrawnKey key, Literals literals) {
        String table = "KeyedInsert %s.%s ".formatted(key.keyspace(), key.table());
        return switch (key.source()) {
            case KeySource.LeftOut(var writing) -> table + "draws: " + written(writing, literals);
            case KeySource.Given(var pin, var mayDraw, var writing) ->
                    "%skey=%s %s%s%s"
                            .formatted(
                                    table,
                                    pin.values().stream()
                                            .map(value -> text(value, literals))
                                            .collect(Collectors.joining(",")),
                                    pin.use(),
                                    mayDraw ? " or draws" : "",
                                    writing.map(each -> ": " + written(each, literals)).orElse(""));
        };
    }

    /** The statement with the key 640, and the parameters that would stand before a marker. */
    private static String written(KeyWriting writing, Literals literals) {
        byte[] text = literals.text();
        byte[] written = writing.write(text, 0, text.length, literals.dialect(), "640");
        return new String(written, StandardCharsets.UTF_8)
                + (writing.parameter() == 0 ? "" : " (after " + writing.parameter() + ")");
    }

    private static String text(Definition definition) {
        var change = definition.change();
        return "%s %s %s%s%s%s%s"
                .formatted(
                        definition.verb(),
                        definition.keyspace(),
                        change.tables(),
                        definition.place() == Definition.Place.EVERY_SHARD ? " everywhere" : "",
                        change.use().map(use -> " use " + use).orElse(""),
                        change.removed().isEmpty() ? "" : " removes " + change.removed(),
                        change.added().isEmpty()
                                ? ""
                                : " adds "
                                        + change.added().stream()
                                                .map(PlanText::text)
                                                .sorted()
                                                .collect(Collectors.joining(", ")));
    }

    private static String text(TableEntry entry) {
        return "%s %s%s%s"
                .formatted(
                        entry.name(),
                        entry.kind().name().toLowerCase(Locale.ROOT),
                        entry.shardKey().map(key -> " by " + key).orElse(""),
                        entry.isView() ? " view of " + entry.viewOf() : "");
    }

    private static String text(ValueRef value, Literals literals) {
        return switch (value) {
            case ValueRef.Parameter(int index) -> "?" + index;
            case ValueRef.Literal(int index, boolean negated) ->
                    (negated ? "-" : "")
                            + new String(
                                    literals.text(),
                                    literals.start(index),
                                    literals.end(index) - literals.start(index),
                                    StandardCharsets.UTF_8);
        };
    }
}
