package io.shardway.proxy.reference;

import io.shardway.router.plan.ReferenceTable;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a copy equal to the default shard's, in one transaction, under the locks of both. Rows that
 * are there are changed, not replaced, so that other rows may point to them; only where that hits a
 * unique key they are. Confined to one thread; blocks.
 */
final class CopyRepair {

    static final Logger LOG = LoggerFactory.getLogger(CopyRepair.class);

    private static final int DUPLICATE_KEY = 1062;

    private final ReferenceTable table;
    private final LockedCopies copies;
    private final CopyRows rows;

    private CopyRepair(ReferenceTable table, LockedCopies copies, CopyRows rows) {
        this.table = table;
        this.copies = copies;
        this.rows = rows;
    }

    /** How many rows it changed. */
    static long run(ReferenceTable table, LockedCopies copies) throws SQLException {
        var repair =
                new CopyRepair(table, copies, CopyRows.of(copies.first(), copies.copy(), table));
        try {
            return repair.attempt(false);
        } catch (SQLException failed) {
            if (failed.getErrorCode() != DUPLICATE_KEY) {
                throw failed;
            }
            copies.copy().rollback();
            if (!CopyTable.lock(copies.copy(), table).equals(copies.copyNumber())) {
                throw failed; // Somebody else came between; the next look finds what is left.
            }
            return repair.attempt(true);
        }
    }

    private long attempt(boolean replace) throws SQLException {
        long changed = 0;
        List<CopyDifference.Batch> batches =
                CopyDifference.batches(rows.parts(copies.first()), rows.parts(copies.copy()));
        // All that goes before all that comes: a value may have moved from one part to another.
        for (CopyDifference.Batch batch : batches) {
            CopyDifference difference = difference(batch);
            for (String key : difference.extra()) {
                delete(key);
            }
            if (replace) {
                for (String key : difference.changed()) {
                    delete(key);
                }
            }
            changed += difference.rows();
        }
        for (CopyDifference.Batch batch : batches) {
            bring(batch);
        }
        if (!batches.isEmpty() && !rows.parts(copies.copy()).equals(rows.parts(copies.first()))) {
            throw new SQLException("the rows that were brought did not become the same");
        }
        CopyTable.set(copies.copy(), table, copies.firstNumber());
        copies.copy().commit();
        return changed;
    }

    private CopyDifference difference(CopyDifference.Batch batch) throws SQLException {
        return CopyDifference.of(rows, copies.first(), copies.copy(), batch);
    }

    private void delete(String key) throws SQLException {
        one("DELETE FROM " + table.quoted() + " WHERE " + rows.where(key));
    }

    private void bring(CopyDifference.Batch batch) throws SQLException {
        CopyDifference difference = difference(batch);
        Set<String> missing = new HashSet<>(difference.missing());
        Set<String> changed = new HashSet<>(difference.changed());
        Connection first = copies.first();
        try (Statement statement =
                first.createStatement(ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY)) {
            statement.setFetchSize(Integer.MIN_VALUE); // Row by row, not the whole result.
            try (ResultSet found = statement.executeQuery(rows.rows(batch.parts()))) {
                while (found.next()) {
                    String key = found.getString(1);
                    if (missing.contains(key)) {
                        one("INSERT INTO %s SET %s".formatted(table.quoted(), values(found)));
                    } else if (changed.contains(key)) {
                        one(
                                "UPDATE %s SET %s WHERE %s"
                                        .formatted(table.quoted(), values(found), rows.where(key)));
                    }
                }
            }
        }
    }

    private String values(ResultSet row) throws SQLException {
        var values = new StringJoiner(", ");
        List<CopyColumn> columns = rows.columns();
        for (int i = 0; i < columns.size(); i++) {
            String text = row.getString(i + 2);
            CopyColumn column = columns.get(i);
            values.add(column.quoted() + " = " + (text == null ? "NULL" : column.literal(text)));
        }
        return values.toString();
    }

    private void one(String sql) throws SQLException {
        try (Statement statement = copies.copy().createStatement()) {
            int found = statement.executeUpdate(sql);
            if (found != 1) {
                throw new SQLException("one row was expected, not " + found);
            }
        }
    }
}
