package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.shardway.proxy.backend.CollectedAnswer;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.router.ErrorCode;
import io.shardway.router.plan.AssembledTable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Makes the temporary tables of an assembled statement, empty, and asks what its columns are called
 * before they hide the real ones. Confined to its event loop.
 */
final class AssemblyTables {

    private final StatementRunner runner;
    private final Scratch scratch;
    private final AssembledStatement statement;
    private final Optional<AssemblyUse> use;
    private final Consumer<ErrPacket> failed;
    private final Consumer<Optional<PartialMaking.Made>> then;
    private final List<ScratchDefinition> definitions = new ArrayList<>();
    private Optional<AnswerNames> names = Optional.empty();

    /**
     * @param then with what partial answers go to, if they may do
     */
    AssemblyTables(
            StatementRunner runner,
            Scratch scratch,
            AssembledStatement statement,
            Optional<AssemblyUse> use,
            Consumer<ErrPacket> failed,
            Consumer<Optional<PartialMaking.Made>> then) {
        this.runner = runner;
        this.scratch = scratch;
        this.statement = statement;
        this.use = use;
        this.failed = failed;
        this.then = then;
    }

    /** In the order of the statement's tables. */
    List<ScratchDefinition> definitions() {
        return Collections.unmodifiableList(definitions);
    }

    /** Of the answer's columns, if the node would give others. */
    Optional<AnswerNames> names() {
        return names;
    }

    /** Only with this format do temporary tables leave no trace in the binlog. */
    void make() {
        scratch.query(
                "SELECT @@binlog_format = 'ROW' OR NOT @@log_bin",
                answer -> {
                    if (answer instanceof CollectedAnswer.Rows rows
                            && rows.rowCount() == 1
                            && new String(Objects.requireNonNull(rows.cell(0, 0)), UTF_8)
                                    .equals("1")) {
                        askNames();
                    } else {
                        failed.accept(
                                ErrPacket.of(
                                        ErrorCode.ASSEMBLY_FAILED,
                                        "the node must have binlog_format=ROW"));
                    }
                });
    }

    /** Where copies are named, the text that MySQL sees would show in the names of columns. */
    private void askNames() {
        if (use.isPresent()) {
            use.get().begin(scratch, () -> makeTable(0));
            return;
        }
        if (!statement.isRenamed()) {
            makeTable(0);
            return;
        }
        scratch.describe(
                statement,
                prepared -> {
                    names =
                            Optional.of(
                                    new AnswerNames(
                                            prepared,
                                            statement.copies(),
                                            statement.unfolded().orElse(Set.of()),
                                            runner.client().allocator()));
                    scratch.ready(
                            NoCommand.INSTANCE, AssemblySettings::loading, () -> makeTable(0));
                });
    }

    private void makeTable(int index) {
        if (index == statement.pulled().size()) {
            if (statement.partials().isPresent()) {
                PartialStatement partials = statement.partials().get();
                new PartialMaking(scratch, statement, partials, then).start();
            } else {
                then.accept(Optional.empty());
            }
            return;
        }
        AssembledTable table = statement.pulled().get(index);
        String name = ScratchDefinition.qualified(table.keyspace(), table.schema().name());
        scratch.query(
                "SHOW CREATE TABLE " + name,
                answer -> {
                    String shown = Assembly.shownIn(answer);
                    Optional<ScratchDefinition> definition = ScratchDefinition.of(table, shown);
                    if (definition.isEmpty()) {
                        failed.accept(
                                ErrPacket.of(
                                        ErrorCode.ASSEMBLY_FAILED,
                                        "table " + name + " is being changed"));
                    } else if (ScratchDefinition.hasLocalTimesInKeys(table, shown)) {
                        failed.accept(
                                ErrPacket.of(
                                        ErrorCode.CROSS_SHARD_READ,
                                        "a key of table " + name + " is made of a TIMESTAMP"));
                    } else {
                        definitions.add(definition.get());
                        scratch.makeTable(
                                name, definition.get().createText(), () -> makeTable(index + 1));
                    }
                });
    }
}
