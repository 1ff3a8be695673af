package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.shardway.proxy.backend.CollectedAnswer;
import io.shardway.proxy.protocol.ColumnDefinition;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Makes the temporary table of partial answers, and finds out whether the statement on it answers
 * with the columns that the client's own has: MySQL tells both on empty tables. Confined to its
 * event loop.
 */
final class PartialMaking {

    /**
     * What was made.
     *
     * @param answer the columns of the client's own statement, as they are sent
     */
    record Made(PartialTable table, List<byte[]> answer) {}

    private final Scratch scratch;
    private final AssembledStatement statement;
    private final PartialStatement partials;
    private final Consumer<Optional<Made>> then;

    /**
     * @param then empty if the statement must be assembled; the connection loads then
     */
    PartialMaking(
            Scratch scratch,
            AssembledStatement statement,
            PartialStatement partials,
            Consumer<Optional<Made>> then) {
        this.scratch = scratch;
        this.statement = statement;
        this.partials = partials;
        this.then = then;
    }

    void start() {
        scratch.ready(
                statement.traits(),
                statement.command(),
                statement::finishing,
                () -> scratch.columns(statement.command(), this::makeTable));
    }

    private void makeTable(Optional<List<byte[]>> answer) {
        if (answer.isEmpty() || answer.get().isEmpty()) {
            done(Optional.empty());
            return;
        }
        scratch.willHave(partials.tableName());
        scratch.query(
                partials.shape(),
                made -> {
                    if (made instanceof CollectedAnswer.Ok) {
                        askTable(answer.get());
                    } else {
                        done(Optional.empty());
                    }
                });
    }

    private void askTable(List<byte[]> answer) {
        scratch.columns(
                ("SELECT * FROM " + partials.tableName()).getBytes(UTF_8),
                columns -> {
                    Optional<PartialTable> table =
                            columns.map(found -> new PartialTable(partials, found))
                                    .filter(PartialTable::isExact);
                    if (table.isPresent()) {
                        askFinishing(answer, table.get());
                    } else {
                        done(Optional.empty());
                    }
                });
    }

    private void askFinishing(List<byte[]> answer, PartialTable table) {
        List<ColumnDefinition> wanted = AnswerColumns.of(answer);
        scratch.ready(
                statement.traits(),
                partials.finishing(),
                statement::finishing,
                () ->
                        scratch.columns(
                                partials.finishing(),
                                columns ->
                                        done(
                                                columns.map(AnswerColumns::of)
                                                        .filter(found -> areAlike(wanted, found))
                                                        .map(_ -> new Made(table, answer)))));
    }

    private static boolean areAlike(List<ColumnDefinition> one, List<ColumnDefinition> other) {
        return one.size() == other.size()
                && IntStream.range(0, one.size())
                        .allMatch(column ->
                                AnswerColumns.areAlike(one.get(column), other.get(column)));
    }

    private void done(Optional<Made> made) {
        scratch.ready(NoCommand.INSTANCE, AssemblySettings::loading, () -> then.accept(made));
    }
}
