package io.shardway.proxy.execution;

import io.shardway.proxy.backend.PreparedKey;
import io.shardway.proxy.protocol.ColumnDefinition;
import io.shardway.proxy.protocol.ColumnTypes;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.AssembledText;
import io.shardway.router.plan.Partials;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The temporary table of partial answers, which MySQL has made of the statement's own expressions.
 * Confined to its event loop.
 */
final class PartialTable implements ScratchTable {

    /** Their values are the same ones on another node, and are put together exactly. */
    private static final Set<Integer> EXACT =
            Set.of(
                    ColumnTypes.TINY,
                    ColumnTypes.SHORT,
                    ColumnTypes.INT24,
                    ColumnTypes.LONG,
                    ColumnTypes.LONGLONG,
                    ColumnTypes.NEWDECIMAL,
                    ColumnTypes.YEAR,
                    ColumnTypes.DATE,
                    ColumnTypes.DATETIME,
                    ColumnTypes.TIME,
                    ColumnTypes.STRING,
                    ColumnTypes.VAR_STRING,
                    ColumnTypes.TINY_BLOB,
                    ColumnTypes.MEDIUM_BLOB,
                    ColumnTypes.LONG_BLOB,
                    ColumnTypes.BLOB);

    /** Digits before the point of a sum that is divided; a longer one would be cut. */
    private static final int DIVIDED_DIGITS_MAX = 50;

    private final PartialStatement statement;
    private final List<ColumnDefinition> columns;
    private Optional<RowCells> cells = Optional.empty();

    /**
     * @param columns that MySQL has given it
     */
    PartialTable(PartialStatement statement, List<ColumnDefinition> columns) {
        this.statement = statement;
        this.columns = List.copyOf(columns);
    }

    /** Whether values of these columns can be put together here. */
    boolean isExact() {
        return columns.stream()
                        .allMatch(column ->
                                EXACT.contains(column.type())
                                        && (column.flags() & ColumnTypes.SET_FLAG) == 0)
                && statement.divided().stream().map(columns::get).allMatch(PartialTable::divides);
    }

    private static boolean divides(ColumnDefinition sum) {
        return sum.type() == ColumnTypes.NEWDECIMAL
                && sum.decimals() <= Partials.DIVIDED_SCALE_MAX
                && sum.length() - sum.decimals() <= DIVIDED_DIGITS_MAX;
    }

    @Override
    public String name() {
        return statement.tableName();
    }

    @Override
    public int columns() {
        return columns.size();
    }

    @Override
    public String lock() {
        return "";
    }

    @Override
    public byte[] selectText(ShardId shard, AssembledText.Asked asked, long rowsMax) {
        return statement.partial();
    }

    @Override
    public Optional<BackendCommand> select(PreparedKey key) {
        return statement.partialCommand(key);
    }

    @Override
    public boolean isOfValues(AssembledText.Asked asked) {
        return true;
    }

    @Override
    public String insertText(int rows) {
        return ScratchTable.insertText(name(), "", columns.size(), rows);
    }

    @Override
    public void described(List<ColumnDefinition> answered) {
        cells = Optional.of(new RowCells(answered, true));
    }

    /**
     * What a date with zeros becomes in a group hangs on MySQL's plan; an ENUM's text does not tell
     * its number 0 from a member.
     */
    @Override
    public boolean keeps(byte[] row) {
        RowCells values = cells.orElseThrow();
        values.read(row, columns.size() - 1);
        for (int column = 0; column < columns.size(); column++) {
            if (!values.isNull(column) && isDoubtful(columns.get(column), values, column)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isDoubtful(ColumnDefinition column, RowCells values, int at) {
        int bytes = values.to(at) - values.from(at);
        boolean date = column.type() == ColumnTypes.DATE || column.type() == ColumnTypes.DATETIME;
        if (date) {
            int month = values.from(at) + 2;
            return bytes == 0 || values.row()[month] == 0 || values.row()[month + 1] == 0;
        }
        return bytes == 0 && (column.flags() & ColumnTypes.ENUM_FLAG) != 0;
    }

    /** The statement would warn once of what several shards warn of. */
    @Override
    public boolean allowsWarnings() {
        return false;
    }
}
